/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/wall.h"

#include <string.h>

#include "aggregator/slots.h"
#include "symbolizer/base.h"

/*
 * The request is cut at every start and end of an operation. The operations then paint the slots
 * between the cuts, most deserving first, each only what is still bare.
 */
struct painter {
	const struct request *request;
	struct slots slots;
	uint32_t *above; /* operations above each one, functions not counted */
};

struct claim {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t depth; /* a function's is less than any operation's */
	uint32_t op;
};

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

static uint64_t paint(struct slots *slots, uint64_t start_ns, uint64_t end_ns)
{
	size_t end = slots_at(slots, end_ns);
	size_t slot = slots_at(slots, start_ns);
	uint64_t sum_ns = 0;

	while ((slot = slots_left(slots, slot)) < end) {
		sum_ns += slots_ns(slots, slot);
		slots_take(slots, slot);
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
	slots_cut(&painter->slots, painter->request->start_ns, painter->request->end_ns);
	for (size_t i = 0; i < n_claims; i++)
		slots_cut(&painter->slots, claims[i].start_ns, claims[i].end_ns);
	slots_settle(&painter->slots);
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
		self_ns[claims[i].op] =
			paint(&painter->slots, claims[i].start_ns, claims[i].end_ns);
		given_ns += self_ns[claims[i].op];
	}
	return given_ns;
}

int wall_partition(const struct request *request, const uint32_t *depth, uint64_t *self_ns,
		   uint64_t *ret_own_ns)
{
	struct painter painter = {.request = request};
	uint64_t duration_ns = request_duration_ns(request);
	struct claim *claims;
	size_t n_claims;
	int err = slots_init(&painter.slots, (size_t)request->n_ops + 1);

	claims = calloc((size_t)request->n_ops + 1, sizeof(*claims));
	painter.above = calloc((size_t)request->n_ops + 1, sizeof(*painter.above));
	if (err || !claims || !painter.above) {
		err = -ENOMEM;
		goto out;
	}
	memset(self_ns, 0, request->n_ops * sizeof(*self_ns));
	count_above(request, painter.above);
	n_claims = duration_ns ? collect_claims(&painter, depth, claims) : 0;
	*ret_own_ns = duration_ns - paint_all(&painter, claims, n_claims, self_ns);
out:
	free(claims);
	slots_done(&painter.slots);
	free(painter.above);
	return err;
}
