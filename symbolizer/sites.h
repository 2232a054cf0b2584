/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * THE probe table: which symbols are probed, at which instruction, with which BPF program.
 * Adding a probe of an existing kind is adding a row in sites.c.
 */
#ifndef NT_SYMBOLIZER_SITES_H
#define NT_SYMBOLIZER_SITES_H

#include "symbolizer/layout.h"

/* Groups can be switched off together (--promises=off, …). */
enum site_group {
	SITE_CORE,
	SITE_PROMISES,      /* continuations run, collections move them */
	SITE_REGISTRATIONS, /* continuations are made */
	SITE_GC,            /* for promises, and for stacks */
	SITE_HTTP,
	SITE_POOL,
	SITE_NET,
	SITE_TIME,
	SITE_GROUPS,
};

/* One place to attach to. */
struct site {
	const char *name; /* of the table row */
	char symbol[160]; /* mangled, cut */
	uint64_t address; /* link-time, as elf_file.h joins the files */
	uint64_t offset;  /* in its file */
	bool in_library;  /* its file is the joined library */
	uint64_t cookie;
	uint32_t symbol_offset; /* from the symbol's start */
	enum nt_shape shape;
	enum site_group group;
	bool is_return;
	bool emulated;
};

/* Why a row of the table has no site. */
enum site_lack {
	SITE_NO_SYMBOL, /* no function of these names */
	SITE_NO_PLACE,  /* its code is not of the known pattern */
	SITE_NO_OFFSET, /* the group needs an offset that the layout lacks */
};

struct site_gap {
	const char *name;   /* of the table row */
	const char *symbol; /* the first of its names */
	enum site_group group;
	bool required;
	enum site_lack lack;
	enum layout_field field; /* SITE_NO_OFFSET */
};

struct site_list {
	struct site *sites;
	size_t n_sites;
	/* names of rows that were not found, for messages; static strings */
	const char **missing;
	struct site_gap *gaps; /* the same rows, with the reasons */
	size_t n_missing;
	const char *missing_required; /* first of them that is required, or NULL */
};

/*
 * Resolves every row of the table that the layout does not rule out. Offsets that sites determine
 * (scope_closed, microtask_register …) were filled by layout_discover(). Returns 0, or a negative errno; a
 * missing required row is no error here but stands in missing_required.
 */
int sites_resolve(const struct elf_file *elf, const struct node_layout *layout,
		  struct site_list *ret_list);
void sites_done(struct site_list *list);

#endif
