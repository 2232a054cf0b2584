/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a row of the probe table in sites.c says. Private to sites.c, sites_resolve.c and tests. */
#ifndef NT_SYMBOLIZER_SITE_ROW_H
#define NT_SYMBOLIZER_SITE_ROW_H

#include "symbolizer/sites.h"

/* Where in the function the probe goes. */
enum site_place {
	PLACE_ARGUMENTS, /* first emulated instruction with the kept registers intact */
	PLACE_START,     /* the very first instruction: return probes, clobbering code */
	PLACE_WRAP,      /* as ARGUMENTS, but only where it does not call the other constructor */
	PLACE_THUNK,     /* as ARGUMENTS, but only where the thunk is a copy of the body */
	PLACE_CLOSE,
	PLACE_PROTOTYPE_THEN,
	PLACE_ENQUEUE_CALL,
	PLACE_CALLABLE,
};

#define SITE_MAX_SYMBOLS 4

/* Symbols are alternatives: the first that names any function is taken; a glob may name several. */
struct site_row {
	const char *name;
	const char *symbols[SITE_MAX_SYMBOLS];
	enum nt_shape shape;
	uint64_t cookie;
	uint64_t last_cookie; /* bits besides, when the last of SITE_MAX_SYMBOLS names was taken */
	enum site_group group;
	enum site_place place;
	uint32_t keep; /* PROBE_* registers that the program reads */
	bool required;
	bool is_return;
	bool uring; /* only of releases that have io_uring work on files */
};

extern const struct site_row site_rows[];
extern const size_t n_site_rows;

#endif
