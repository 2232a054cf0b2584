/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/compress.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/arena.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"

#define MORE "\u2026"

/* What becomes of an operation. */
enum fate {
	FATE_KEPT,
	FATE_MERGED,  /* into a sibling */
	FATE_INLINED, /* into the nearest one above it that is kept */
};

struct compressor {
	const struct request *request;
	uint8_t *fate;  /* enum fate */
	uint32_t *into; /* the operation that stands for it, itself when kept; OP_PARENT_REQUEST */
	uint32_t *place; /* of a kept one among the new ones */
	struct request *out;
};

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

static uint32_t parent_of(const struct request *request, uint32_t op)
{
	return request->ops[op].parent < op ? request->ops[op].parent : OP_PARENT_REQUEST;
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
		parent = parent_of(request, i);
		/* UINT64_MAX: something stands below it that must be seen */
		if (run_ns[i] < COMPRESS_SHORT_NS && is_short_type(&request->ops[i]))
			c->fate[i] = FATE_INLINED;
		else
			run_ns[i] = UINT64_MAX;
		if (parent != OP_PARENT_REQUEST)
			run_ns[parent] = add_up(run_ns[parent], run_ns[i]);
	}
	for (i = 0; i < request->n_ops; i++) { /* parents stand before */
		parent = parent_of(request, i);
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

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* All that two alike ones share; without a stack the detail must tell. */
static int compare_kind(const struct op *a, const struct op *b)
{
	int order = strcmp(a->type, b->type);

	if (!order)
		order = compare_u64(a->flags, b->flags);
	if (!order)
		order = compare_u64(a->stack ? a->stack->id : 0, b->stack ? b->stack->id : 0);
	if (!order && !a->stack)
		order = strcmp(a->detail, b->detail);
	return order;
}

static int compare_alike(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compare_u64(a->parent, b->parent);

	return order ? order : compare_kind(a->op, b->op);
}

static int compare_likeness(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compare_alike(a, b);

	return order ? order : compare_u64(a->index, b->index);
}

static int compare_depth(const void *left, const void *right)
{
	const struct likeness *a = left, *b = right;
	int order = compare_u64(a->depth, b->depth);

	return order ? order : compare_u64(a->index, b->index);
}

/* The kept ones, from the top of the tree down. Returns their number. */
static uint32_t collect_kept(const struct compressor *c, struct likeness *all, uint32_t *depth)
{
	uint32_t n = 0, i, parent;

	for (i = 0; i < c->request->n_ops; i++) {
		parent = parent_of(c->request, i);
		depth[i] = parent == OP_PARENT_REQUEST ? 0 : depth[parent] + 1;
		if (c->fate[i] == FATE_KEPT)
			all[n++] = (struct likeness){.depth = depth[i],
						     .op = &c->request->ops[i],
						     .index = i};
	}
	qsort(all, n, sizeof(*all), compare_depth);
	return n;
}

/* Those of one depth; what stands for their parents is settled. */
static void merge_level(struct compressor *c, struct likeness *level, uint32_t n)
{
	uint32_t first, end, i;

	for (i = 0; i < n; i++) {
		level[i].parent = parent_of(c->request, level[i].index);
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

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;
	int order = compare_u64(a->start_ns, b->start_ns);

	return order ? order : compare_u64(a->end_ns, b->end_ns);
}

/* Where the runs, sums and counts of an operation go; NULL: to the request. */
static struct op *target_of(const struct compressor *c, uint32_t op)
{
	uint32_t into = c->into[op];

	/* an inlined one may stand below one that was merged later */
	while (into != OP_PARENT_REQUEST && c->into[into] != into)
		into = c->into[into];
	return into == OP_PARENT_REQUEST ? NULL : &c->out->ops[c->place[into]];
}

/* Room for all runs that come together at each target. */
static int allocate_runs(struct compressor *c)
{
	struct request *out = c->out;
	struct op *target;
	uint32_t i;

	for (i = 0; i < c->request->n_ops; i++) {
		target = target_of(c, i);
		*(target ? &target->n_runs : &out->n_runs) += c->request->ops[i].n_runs;
	}
	out->n_runs += c->request->n_runs;
	out->runs = arena_alloc(out->arena, out->n_runs * sizeof(*out->runs));
	if (!out->runs)
		return -ENOMEM;
	out->n_runs = 0;
	for (i = 0; i < out->n_ops; i++) {
		target = &out->ops[i];
		target->runs = arena_alloc(out->arena, target->n_runs * sizeof(*target->runs));
		if (!target->runs)
			return -ENOMEM;
		target->n_runs = 0;
	}
	return 0;
}

static void add_runs(struct span *runs, uint32_t *n, const struct span *more, uint32_t n_more)
{
	if (n_more)
		memcpy(runs + *n, more, n_more * sizeof(*runs));
	*n += n_more;
}

static void move_runs(struct compressor *c)
{
	struct request *out = c->out;
	const struct op *op;
	struct op *target;
	uint32_t i;

	add_runs(out->runs, &out->n_runs, c->request->runs, c->request->n_runs);
	for (i = 0; i < c->request->n_ops; i++) {
		op = &c->request->ops[i];
		target = target_of(c, i);
		if (target)
			add_runs(target->runs, &target->n_runs, op->runs, op->n_runs);
		else
			add_runs(out->runs, &out->n_runs, op->runs, op->n_runs);
	}
	for (i = 0; i < out->n_ops; i++)
		qsort(out->ops[i].runs, out->ops[i].n_runs, sizeof(struct span), compare_spans);
	qsort(out->runs, out->n_runs, sizeof(struct span), compare_spans);
}

static void add_inlined(struct inlined *to, uint32_t count, uint64_t elapsed_ns)
{
	to->count += count;
	to->elapsed_ns += elapsed_ns;
}

static uint64_t between(uint64_t start_ns, uint64_t end_ns)
{
	return start_ns && end_ns > start_ns ? end_ns - start_ns : 0;
}

static struct op_sums sums_of(const struct request *request, const struct op *op)
{
	uint64_t elapsed_ns = op_elapsed_ns(request, op);

	if (op->sums)
		return *op->sums;
	return (struct op_sums){.elapsed_ns = elapsed_ns,
				.min_ns = elapsed_ns,
				.max_ns = elapsed_ns,
				.queued_ns = between(op->queued_ns, op->started_ns),
				.pool_ns = between(op->started_ns, op->finished_ns)};
}

/* Cuts `detail` to what the other one begins with as well, and says so. */
static const char *common_detail(struct arena *arena, const char *detail, const char *other)
{
	char buf[256];
	size_t n = 0;

	if (!strcmp(detail, other))
		return detail;
	while (detail[n] && detail[n] == other[n] && n < sizeof(buf) - sizeof(MORE))
		n++;
	n = text_boundary(detail, n);
	memcpy(buf, detail, n);
	memcpy(buf + n, MORE, sizeof(MORE));
	return arena_copy(arena, buf, strlen(buf));
}

/* One more sibling goes into the node that stands for all of them. */
static int merge_op(struct compressor *c, struct op *to, const struct op *op)
{
	struct op_sums more = sums_of(c->request, op);
	struct op_sums *sums = (struct op_sums *)to->sums;
	const char *detail = common_detail(c->out->arena, to->detail, op->detail);

	if (!sums) {
		sums = arena_alloc(c->out->arena, sizeof(*sums));
		if (sums)
			*sums = sums_of(c->request, to);
	}
	if (!sums || !detail)
		return -ENOMEM;
	sums->elapsed_ns += more.elapsed_ns;
	sums->min_ns = more.min_ns < sums->min_ns ? more.min_ns : sums->min_ns;
	sums->max_ns = more.max_ns > sums->max_ns ? more.max_ns : sums->max_ns;
	sums->queued_ns += more.queued_ns;
	sums->pool_ns += more.pool_ns;
	to->sums = sums;
	to->detail = detail;
	to->count += op->count;
	to->queued_ns = to->started_ns = to->finished_ns = 0;
	to->pool_tid = 0;
	if (op->start_ns < to->start_ns)
		to->start_ns = op->start_ns;
	if (op->end_ns > to->end_ns)
		to->end_ns = op->end_ns;
	if (op->evidence > to->evidence)
		to->evidence = op->evidence;
	add_inlined(&to->inlined, op->inlined.count, op->inlined.elapsed_ns);
	return 0;
}

static int copy_kept(struct compressor *c)
{
	struct request *out = c->out;
	struct op_sums *sums;
	struct op *op;

	for (uint32_t i = 0; i < c->request->n_ops; i++) {
		if (c->fate[i] != FATE_KEPT)
			continue;
		c->place[i] = out->n_ops;
		op = &out->ops[out->n_ops++];
		*op = c->request->ops[i];
		op->parent = parent_of(c->request, i);
		if (op->parent != OP_PARENT_REQUEST && c->into[op->parent] != OP_PARENT_REQUEST)
			op->parent = c->place[c->into[op->parent]];
		else
			op->parent = OP_PARENT_REQUEST;
		op->n_runs = 0;
		op->detail = arena_copy(out->arena, op->detail, strlen(op->detail));
		sums = op->sums ? arena_alloc(out->arena, sizeof(*sums)) : NULL;
		if (!op->detail || (op->sums && !sums))
			return -ENOMEM;
		if (sums)
			*sums = *op->sums;
		op->sums = sums;
	}
	return 0;
}

static int add_others(struct compressor *c)
{
	const struct op *op;
	struct inlined *to;
	struct op *target;
	int err = 0;

	for (uint32_t i = 0; i < c->request->n_ops && !err; i++) {
		op = &c->request->ops[i];
		target = target_of(c, i);
		if (c->fate[i] == FATE_MERGED)
			err = merge_op(c, target, op);
		if (c->fate[i] != FATE_INLINED)
			continue;
		to = target ? &target->inlined : &c->out->inlined;
		add_inlined(to, op->count, op_elapsed_ns(c->request, op));
		add_inlined(to, op->inlined.count, op->inlined.elapsed_ns);
	}
	return err;
}

/* The request without its operations. */
static int copy_request(struct compressor *c)
{
	const struct request *in = c->request;
	struct arena *arena = arena_new();
	struct request *out = arena ? arena_alloc(arena, sizeof(*out)) : NULL;

	if (!out) {
		arena_free(arena);
		return -ENOMEM;
	}
	*out = *in;
	c->out = out;
	out->arena = arena;
	out->runs = NULL;
	out->n_runs = out->n_ops = 0;
	out->url = arena_copy(arena, in->url, strlen(in->url));
	out->ops = arena_alloc(arena, ((size_t)in->n_ops + 1) * sizeof(*out->ops));
	return out->url && out->ops ? 0 : -ENOMEM;
}

static int build(struct compressor *c)
{
	int err = copy_request(c);

	if (!err)
		err = copy_kept(c);
	if (!err)
		err = allocate_runs(c);
	if (err)
		return err;
	move_runs(c);
	err = add_others(c);
	c->out->bytes = arena_bytes(c->out->arena);
	return err;
}

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
		err = build(&c);
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
