/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"
#include "symbolizer/site_code.h"
#include "symbolizer/site_row.h"
#include "symbolizer/sites.h"

enum {
	MAX_MATCHES = 16,     /* functions that one row may name */
	SHORTEST_COPY = 0x20, /* a thunk of more bytes holds a copy of the body */
	NOT_WANTED = 1,       /* the function is there, but another row covers it */
};

struct match {
	struct elf_symbol symbols[MAX_MATCHES];
	size_t n;
	bool clones; /* the row asks for compiler-made clones */
};

struct resolve {
	const struct elf_file *elf;
	const struct node_layout *layout;
	struct site_list list;
	size_t capacity;
	struct code code; /* of the function at hand */
	uint64_t more_cookie;
};

/* What a group cannot do without. */
static const struct {
	enum site_group group;
	enum layout_field field;
} needs[] = {
	{SITE_REGISTRATIONS, LAYOUT_FIELD_js_function_context},
	{SITE_REGISTRATIONS, LAYOUT_FIELD_root_undefined},
	{SITE_REGISTRATIONS, LAYOUT_FIELD_microtask_payload},
	{SITE_PROMISES, LAYOUT_FIELD_js_function_context},
	{SITE_PROMISES, LAYOUT_FIELD_root_undefined},
	{SITE_PROMISES, LAYOUT_FIELD_microtask_payload},
	{SITE_PROMISES, LAYOUT_FIELD_microtask_register},
	{SITE_PROMISES, LAYOUT_FIELD_page_flags},
	{SITE_PROMISES, LAYOUT_FIELD_page_mask_bits},
	{SITE_HTTP, LAYOUT_FIELD_parser_stream},
	{SITE_HTTP, LAYOUT_FIELD_llhttp_type},
	{SITE_POOL, LAYOUT_FIELD_uv_fs_work},
	{SITE_NET, LAYOUT_FIELD_uv_data},
};

/* The offset that the group lacks, or LAYOUT_FIELD_COUNT. */
static enum layout_field lacking(const struct node_layout *layout, enum site_group group)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (needs[i].group == group && layout->origin[needs[i].field] == LAYOUT_ABSENT)
			return needs[i].field;
	}
	return LAYOUT_FIELD_COUNT;
}

/* gcc's clones take other registers, and .cold parts are no functions: a dot marks both. */
static int see_match(void *user, const struct elf_symbol *symbol)
{
	struct match *match = user;

	if (strstr(symbol->name, ".cold") || (!match->clones && strchr(symbol->name, '.')))
		return 0;
	if (match->n == MAX_MATCHES)
		return 1;
	match->symbols[match->n++] = *symbol;
	return 0;
}

static void find_matches(const struct elf_file *elf, const char *name, struct match *ret_match)
{
	struct match match = {.clones = strchr(name, '.') != NULL};

	if (strchr(name, '*'))
		(void)elf_file_glob(elf, name, see_match, &match);
	else if (!elf_file_find(elf, name, &match.symbols[0]))
		match.n = 1;
	*ret_match = match;
}

static int find_arguments(const struct code *code, uint32_t keep, struct probe_point *ret_point)
{
	return probe_point_find(code->bytes, code->len, code->address, keep, ret_point);
}

/* The constructor that takes an AsyncWrap either calls the one that takes an Environment, whose
 * probe is enough then, or holds a copy of it. */
static int find_wrap(const struct resolve *r, uint32_t keep, struct probe_point *ret_point)
{
	struct match match;

	find_matches(r->elf, "_ZN4node21InternalCallbackScopeC[12]EPNS_11EnvironmentE*", &match);
	for (size_t i = 0; i < match.n; i++) {
		if (site_code_reaches(r->elf, &r->code, &match.symbols[i]))
			return NOT_WANTED;
	}
	return find_arguments(&r->code, keep, ret_point);
}

static int find_start(const struct code *code, struct probe_point *ret_point)
{
	struct probe_point point;
	int err;

	/* Only to learn whether the first instruction is one that the kernel emulates. */
	err = find_arguments(code, UINT32_MAX, &point);
	if (err)
		return err;
	*ret_point = (struct probe_point){.emulated = point.emulated && point.offset == 0};
	return 0;
}

static int find_enqueue_call(const struct resolve *r, struct probe_point *ret_point)
{
	struct elf_symbol enqueue;

	if (elf_file_find(r->elf, "Builtins_EnqueueMicrotask", &enqueue))
		return -ENOENT;
	return site_code_call(&r->code, enqueue.address, ret_point);
}

static int find_callable(const struct resolve *r, struct probe_point *ret_point)
{
	uint32_t task;
	int32_t type;

	if (elf_file_constant(r->elf, "v8dbg_type_CallableTask__CALLABLE_TASK_TYPE", &type))
		return -ENOENT;
	return site_code_callable(&r->code, type, ret_point, &task);
}

static int find_point(const struct resolve *r, const struct site_row *row,
		      struct probe_point *ret_point)
{
	uint32_t closed;

	switch (row->place) {
	case PLACE_ARGUMENTS:
		return find_arguments(&r->code, row->keep, ret_point);
	case PLACE_START:
		return find_start(&r->code, ret_point);
	case PLACE_WRAP:
		return find_wrap(r, row->keep, ret_point);
	case PLACE_THUNK:
		if (r->code.len <= SHORTEST_COPY)
			return NOT_WANTED;
		return find_arguments(&r->code, row->keep, ret_point);
	case PLACE_CLOSE:
		return site_code_close(&r->code, ret_point, &closed);
	case PLACE_PROTOTYPE_THEN:
		return site_code_prototype_then(&r->code, ret_point);
	case PLACE_ENQUEUE_CALL:
		return find_enqueue_call(r, ret_point);
	case PLACE_CALLABLE:
		return find_callable(r, ret_point);
	}
	return -EINVAL;
}

/* C1 and C2 constructors are often one function under two names. */
static bool is_known(const struct site_list *list, const struct site *site)
{
	for (size_t i = 0; i < list->n_sites; i++) {
		if (list->sites[i].address == site->address && list->sites[i].shape == site->shape)
			return true;
	}
	return false;
}

static int add_site(struct resolve *r, const struct site *site)
{
	if (is_known(&r->list, site))
		return 0;
	if (array_reserve(&r->list.sites, &r->capacity, r->list.n_sites, sizeof(*site)))
		return -ENOMEM;
	r->list.sites[r->list.n_sites++] = *site;
	return 0;
}

/* Only node's own code is known to keep frame pointers. */
static uint64_t frame_cookie(const struct probe_point *point, bool in_library)
{
	uint64_t state = in_library            ? NT_FRAME_NONE
			 : point->frame_set    ? 2
			 : point->frame_pushed ? 1
					       : 0;

	return state << NT_COOKIE_FRAME_SHIFT;
}

/* Returns 0, NOT_WANTED, -ENOENT when the function has no place for the probe, or -ENOMEM. */
static int resolve_symbol(struct resolve *r, const struct site_row *row,
			  const struct elf_symbol *symbol)
{
	struct site site = {.name = row->name,
			    .shape = row->shape,
			    .group = row->group,
			    .is_return = row->is_return};
	const struct elf_file *holder;
	struct probe_point point;
	int err;

	if (code_load(r->elf, symbol, &r->code))
		return -ENOENT;
	err = find_point(r, row, &point);
	if (err == NOT_WANTED)
		return NOT_WANTED;
	/* A breakpoint inside an instruction would destroy the target. */
	if (err || !probe_point_is_instruction(r->code.bytes, r->code.len, point.offset) ||
	    elf_file_locate(r->elf, symbol->address + point.offset, &holder, &site.offset))
		return -ENOENT;
	site.in_library = holder != r->elf;
	site.address = symbol->address + point.offset;
	(void)snprintf(site.symbol, sizeof(site.symbol), "%s", symbol->name);
	site.symbol_offset = point.offset;
	site.emulated = point.emulated;
	site.cookie = row->cookie | r->more_cookie | frame_cookie(&point, site.in_library);
	return add_site(r, &site);
}

static void add_missing(struct resolve *r, const struct site_row *row, enum site_lack lack,
			enum layout_field field)
{
	r->list.gaps[r->list.n_missing] = (struct site_gap){.name = row->name,
							    .symbol = row->symbols[0],
							    .group = row->group,
							    .required = row->required,
							    .lack = lack,
							    .field = field};
	r->list.missing[r->list.n_missing++] = row->name;
	if (row->required && !r->list.missing_required)
		r->list.missing_required = row->name;
}

static int resolve_row(struct resolve *r, const struct site_row *row)
{
	struct match match = {0};
	bool found = false;

	r->more_cookie = 0;
	for (size_t i = 0; i < SITE_MAX_SYMBOLS && row->symbols[i] && !match.n; i++) {
		find_matches(r->elf, row->symbols[i], &match);
		if (i == SITE_MAX_SYMBOLS - 1)
			r->more_cookie = row->last_cookie;
	}
	for (size_t i = 0; i < match.n; i++) {
		int err = resolve_symbol(r, row, &match.symbols[i]);

		if (err == -ENOMEM)
			return err;
		found |= err >= 0;
	}
	if (!found)
		add_missing(r, row, match.n ? SITE_NO_PLACE : SITE_NO_SYMBOL, LAYOUT_FIELD_COUNT);
	return 0;
}

static int resolve_all(struct resolve *r)
{
	r->list.missing = calloc(n_site_rows, sizeof(*r->list.missing));
	r->list.gaps = calloc(n_site_rows, sizeof(*r->list.gaps));
	if (!r->list.missing || !r->list.gaps)
		return -ENOMEM;
	for (size_t i = 0; i < n_site_rows; i++) {
		enum layout_field field = lacking(r->layout, site_rows[i].group);
		int err = 0;

		if (site_rows[i].uring && !r->layout->config.uring_entries)
			continue;
		if (field == LAYOUT_FIELD_COUNT)
			err = resolve_row(r, &site_rows[i]);
		else
			add_missing(r, &site_rows[i], SITE_NO_OFFSET, field);
		if (err)
			return err;
	}
	return 0;
}

int sites_resolve(const struct elf_file *elf, const struct node_layout *layout,
		  struct site_list *ret_list)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->elf = elf;
	r->layout = layout;
	err = resolve_all(r);
	if (err)
		sites_done(&r->list);
	else
		*ret_list = r->list;
	free(r);
	return err;
}

void sites_done(struct site_list *list)
{
	free(list->sites);
	free(list->missing);
	free(list->gaps);
	memset(list, 0, sizeof(*list));
}
