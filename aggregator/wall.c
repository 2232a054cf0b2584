/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/wall.h"

#include <string.h>

#include "symbolizer/base.h"

/*
 * The request is cut at every start and end of an operation. The operations then paint the slots
 * between the cuts, most deserving first, each only what is still bare; `next` leads over painted
 * slots (union-find with path halving), so that no slot is looked at twice.
 */
struct painter {
	const struct request *request;
	uint64_t *cuts; /* sorted, distinct; slot i is [cuts[i], cuts[i + 1]) */
	size_t n_cuts;
	size_t *next;
	uint32_t *above; /* operations above each one, functions not counted */
};

struct claim {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t depth; /* a function's is less than any operation's */
	uint32_t op;
};

static int compare_times(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left;
	const struct claim *b = right;

	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1;
	if (a->end_ns != b->end_ns)
		return a->end_ns > b->end_ns ? -1 : 1;
	return (a->op > b->op) - (a->op < b->op);
}

static size_t slot_at(const struct painter *painter, uint64_t ts)
{
	const uint64_t *cut =
		bsearch(&ts, painter->cuts, painter->n_cuts, sizeof(ts), compare_times);

	return (size_t)(cut - painter->cuts);
}

static size_t bare_slot(struct painter *painter, size_t slot)
{
	while (painter->next[slot] != slot) {
		painter->next[slot] = painter->next[painter->next[slot]];
		slot = painter->next[slot];
	}
	return slot;
}

static uint64_t paint(struct painter *painter, uint64_t start_ns, uint64_t end_ns)
{
	size_t end = slot_at(painter, end_ns);
	size_t slot = bare_slot(painter, slot_at(painter, start_ns));
	uint64_t sum_ns = 0;

	while (slot < end) {
		sum_ns += painter->cuts[slot + 1] - painter->cuts[slot];
		painter->next[slot] = slot + 1;
		slot = bare_slot(painter, slot + 1);
	}
	return sum_ns;
}

static uint64_t clamp(const struct request *request, uint64_t ts)
{
	if (ts < request->start_ns)
		return request->start_ns;
	return ts > request->end_ns ? request->end_ns : ts;
}

static void count_above(const struct request *request, uint32_t *above)
{
	for (uint32_t i = 0; i < request->n_ops; i++) {
		uint32_t parent = request->ops[i].parent;

		above[i] = 0;
		if (parent < i)
			above[i] = above[parent] + !(request->ops[parent].flags & OP_FUNCTION);
	}
}

/* Returns the number of claims; what lies outside of the request claims nothing. */
static size_t collect_claims(const struct painter *painter, const uint32_t *depth,
			     struct claim *claims)
{
	const struct request *request = painter->request;
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < request->n_ops; i++) {
		bool is_function = request->ops[i].flags & OP_FUNCTION;
		struct claim *claim = &claims[n];

		if (op_outlived(request, &request->ops[i]))
			continue;
		claim->start_ns = clamp(request, request->ops[i].start_ns);
		claim->end_ns = clamp(request, op_end_ns(request, &request->ops[i]));
		claim->depth = is_function ? depth[i] : request->n_ops + painter->above[i];
		claim->op = i;
		if (claim->end_ns > claim->start_ns)
			n++;
	}
	return n;
}

static void collect_cuts(struct painter *painter, const struct claim *claims, size_t n_claims)
{
	size_t n = 0;
	size_t i;

	painter->cuts[n++] = painter->request->start_ns;
	painter->cuts[n++] = painter->request->end_ns;
	for (i = 0; i < n_claims; i++) {
		painter->cuts[n++] = claims[i].start_ns;
		painter->cuts[n++] = claims[i].end_ns;
	}
	qsort(painter->cuts, n, sizeof(*painter->cuts), compare_times);
	for (i = 0; i < n; i++) {
		if (i == 0 || painter->cuts[i] != painter->cuts[painter->n_cuts - 1])
			painter->cuts[painter->n_cuts++] = painter->cuts[i];
	}
	for (i = 0; i < painter->n_cuts; i++)
		painter->next[i] = i;
}

/* Paints all claims, best first. Returns how much they got together. */
static uint64_t paint_all(struct painter *painter, struct claim *claims, size_t n_claims,
			  uint64_t *self_ns)
{
	uint64_t given_ns = 0;
	size_t i;

	qsort(claims, n_claims, sizeof(*claims), compare_claims);
	collect_cuts(painter, claims, n_claims);
	for (i = 0; i < n_claims; i++) {
		self_ns[claims[i].op] = paint(painter, claims[i].start_ns, claims[i].end_ns);
		given_ns += self_ns[claims[i].op];
	}
	return given_ns;
}

int wall_partition(const struct request *request, const uint32_t *depth, uint64_t *self_ns,
		   uint64_t *ret_own_ns)
{
	struct painter painter = {.request = request};
	size_t max_cuts = 2 * (size_t)request->n_ops + 2;
	uint64_t duration_ns = request_duration_ns(request);
	struct claim *claims;
	size_t n_claims;
	int err = 0;

	claims = calloc((size_t)request->n_ops + 1, sizeof(*claims));
	painter.cuts = calloc(max_cuts, sizeof(*painter.cuts));
	painter.next = calloc(max_cuts, sizeof(*painter.next));
	painter.above = calloc((size_t)request->n_ops + 1, sizeof(*painter.above));
	if (!claims || !painter.cuts || !painter.next || !painter.above) {
		err = -ENOMEM;
		goto out;
	}
	memset(self_ns, 0, request->n_ops * sizeof(*self_ns));
	count_above(request, painter.above);
	n_claims = duration_ns ? collect_claims(&painter, depth, claims) : 0;
	*ret_own_ns = duration_ns - paint_all(&painter, claims, n_claims, self_ns);
out:
	free(claims);
	free(painter.cuts);
	free(painter.next);
	free(painter.above);
	return err;
}
