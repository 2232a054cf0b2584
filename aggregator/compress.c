/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/compress.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/compress_plan.h"

#include "symbolizer/base.h"

/* What is worth a node only when it started something. */
static const char *const short_types[] = {
	"promise", "tick", "microtask", "immediate", "async",
};

static bool is_short_type(const struct op *op)
{
	if (op->flags & (OP_FAILED | OP_FOLDED) || op->queued_ns || op->sums)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(short_types); i++)
		if (!strcmp(op->type, short_types[i]))
			return true;
	return false;
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Chains of short ones, from their ends up: whoever has only such below it, and little time. */
static int inline_short(struct compressor *c)
{
	const struct request *request = c->request;
	uint64_t *run_ns = calloc((size_t)request->n_ops + 1, sizeof(*run_ns));
	uint32_t i, parent;

	if (!run_ns)
		return -ENOMEM;
	for (i = request->n_ops; i-- > 0;) {
		run_ns[i] = add_up(run_ns[i], op_cpu_ns(&request->ops[i]));
		parent = compress_parent(request, i);
		/* UINT64_MAX: something stands below it that must be seen */
		if (run_ns[i] < COMPRESS_SHORT_NS && is_short_type(&request->ops[i]))
			c->fate[i] = FATE_INLINED;
		else
			run_ns[i] = UINT64_MAX;
		if (parent != OP_PARENT_REQUEST)
			run_ns[parent] = add_up(run_ns[parent], run_ns[i]);
	}
	for (i = 0; i < request->n_ops; i++) { /* parents stand before */
		parent = compress_parent(request, i);
		if (c->fate[i] == FATE_INLINED)
			c->into[i] = parent == OP_PARENT_REQUEST ? parent : c->into[parent];
	}
	free(run_ns);
	return 0;
}

/* Siblings with equal keys are alike. */
struct likeness {
	uint32_t depth;
	uint32_t parent; /* what stands for it */
	const struct op *op;
	uint32_t index;
};

/* All that two alike ones share; without a stack the detail must tell. */
static int compare_kind(const struct op *a, const struct op *b)
{
	int order = strcmp(a->type, b->type);

	if (!order)
		order = compress_compare(a->flags, b->flags);
	if (!order)
		order = compress_compare(a->stack ? a->stack->id : 0, b->stack ? b->stack->id : 0);
	if (!order && !a->stack)
		order = strcmp(a->detail, b->detail);
	return order;
}

static int compare_alike(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compress_compare(a->parent, b->parent);

	return order ? order : compare_kind(a->op, b->op);
}

static int compare_likeness(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compare_alike(a, b);

	return order ? order : compress_compare(a->index, b->index);
}

static int compare_depth(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compress_compare(a->depth, b->depth);

	return order ? order : compress_compare(a->index, b->index);
}

/* The kept ones, from the top of the tree down. Returns their number. */
static uint32_t collect_kept(const struct compressor *c, struct likeness *all, uint32_t *depth)
{
	uint32_t n = 0, i, parent;

	for (i = 0; i < c->request->n_ops; i++) {
		parent = compress_parent(c->request, i);
		depth[i] = parent == OP_PARENT_REQUEST ? 0 : depth[parent] + 1;
		if (c->fate[i] == FATE_KEPT)
			all[n++] = (struct likeness){
				.depth = depth[i], .op = &c->request->ops[i], .index = i};
	}
	qsort(all, n, sizeof(*all), compare_depth);
	return n;
}

/* Those of one depth; what stands for their parents is settled. */
static void merge_level(struct compressor *c, struct likeness *level, uint32_t n)
{
	uint32_t first, end, i;

	for (i = 0; i < n; i++) {
		level[i].parent = compress_parent(c->request, level[i].index);
		if (level[i].parent != OP_PARENT_REQUEST)
			level[i].parent = c->into[level[i].parent];
	}
	qsort(level, n, sizeof(*level), compare_likeness);
	for (first = 0; first < n; first = end) {
		end = first + 1;
		while (end < n && !compare_alike(&level[first], &level[end]))
			end++;
		if (end - first <= COMPRESS_KEEP_ALIKE || level[first].op->flags & OP_FOLDED)
			continue;
		for (i = first + 1; i < end; i++) {
			c->fate[level[i].index] = FATE_MERGED;
			c->into[level[i].index] = level[first].index;
		}
	}
}

static int merge_siblings(struct compressor *c)
{
	size_t room = (size_t)c->request->n_ops + 1;
	struct likeness *all = calloc(room, sizeof(*all));
	uint32_t *depth = calloc(room, sizeof(*depth));
	uint32_t n = 0, first, end;
	int err = all && depth ? 0 : -ENOMEM;

	if (!err)
		n = collect_kept(c, all, depth);
	for (first = 0; first < n; first = end) {
		end = first;
		while (end < n && all[end].depth == all[first].depth)
			end++;
		merge_level(c, &all[first], end - first);
	}
	free(all);
	free(depth);
	return err;
}

static const struct {
	const char *name;
	uint32_t rule;
	int (*apply)(struct compressor *compressor);
} rules_table[] = {
	{"short", COMPRESS_SHORT, inline_short},
	{"siblings", COMPRESS_SIBLINGS, merge_siblings},
};

int compress_request(const struct request *request, uint32_t rules, struct request **ret_request)
{
	size_t room = (size_t)request->n_ops + 1;
	struct compressor c = {
		.request = request,
		.fate = calloc(room, sizeof(*c.fate)),
		.into = calloc(room, sizeof(*c.into)),
		.place = calloc(room, sizeof(*c.place)),
	};
	int err = c.fate && c.into && c.place ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < request->n_ops && !err; i++)
		c.into[i] = i;
	for (size_t i = 0; i < ARRAY_SIZE(rules_table) && !err; i++)
		if (rules & rules_table[i].rule)
			err = rules_table[i].apply(&c);
	if (!err)
		err = compress_build(&c);
	free(c.fate);
	free(c.into);
	free(c.place);
	if (err)
		request_free(c.out);
	else
		*ret_request = c.out;
	return err;
}

/* The rule whose name is the first len bytes of text; 0 none. */
static uint32_t rule_find(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules_table); i++)
		if (strlen(rules_table[i].name) == len && !strncmp(text, rules_table[i].name, len))
			return rules_table[i].rule;
	return 0;
}

int compress_rules_find(const char *text, uint32_t *ret_rules)
{
	uint32_t rules = 0, rule;
	size_t len;

	if (!strcmp(text, "all") || !strcmp(text, "none")) {
		*ret_rules = *text == 'a' ? COMPRESS_ALL : COMPRESS_NONE;
		return 0;
	}
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		rule = rule_find(text, len);
		if (!rule)
			return -ENOENT;
		rules |= rule;
		if (!text[len])
			break;
	}
	*ret_rules = rules;
	return 0;
}
