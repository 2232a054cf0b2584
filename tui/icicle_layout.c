/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/icicle_layout.h"

#include <assert.h>

#include "symbolizer/base.h"
#include "tui/lanes.h"

#define NO_ITEM UINT32_MAX

struct icicle {
	struct icicle_item *items; /* by (row, start); the root first */
	size_t n_items;
	uint32_t *by_op; /* place in items, or NO_ITEM */
	uint32_t n_ops;
	size_t *row_first; /* n_rows + 1 */
	uint32_t n_rows;
	uint32_t root;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Longer ones first, so that they get the upper lanes. */
static int compare_depth(const void *left, const void *right)
{
	const struct icicle_item *a = left;
	const struct icicle_item *b = right;
	int order = compare_u64(a->depth, b->depth);

	if (!order)
		order = compare_u64(a->start_ns, b->start_ns);
	if (!order)
		order = compare_u64(b->end_ns, a->end_ns);
	return order ? order : compare_u64(a->op, b->op);
}

static int compare_row(const void *left, const void *right)
{
	const struct icicle_item *a = left;
	const struct icicle_item *b = right;
	int order = compare_u64(a->row, b->row);

	if (!order)
		order = compare_u64(a->start_ns, b->start_ns);
	/* Of those that begin together only the last one can have a length. */
	if (!order)
		order = compare_u64(a->end_ns, b->end_ns);
	return order ? order : compare_u64(a->op, b->op);
}

static struct icicle_item root_item(const struct request *request, uint32_t root)
{
	struct icicle_item item = {.start_ns = request->start_ns,
				   .end_ns = request->end_ns,
				   .op = root,
				   .parent = root};

	if (root != ICICLE_REQUEST) {
		item.id = request->ops[root].id;
		item.start_ns = request->ops[root].start_ns;
		item.end_ns = op_end_ns(request, &request->ops[root]);
	}
	if (item.end_ns < item.start_ns)
		item.end_ns = item.start_ns;
	return item;
}

/* Place of the operation's parent among the items, or NO_ITEM when it is not below the root. */
static uint32_t parent_item(const struct icicle *icicle, const struct request *request, uint32_t op)
{
	uint32_t parent = request->ops[op].parent;

	if (parent < op)
		return icicle->by_op[parent];
	return icicle->root == ICICLE_REQUEST ? 0 : NO_ITEM;
}

static void collect(struct icicle *icicle, const struct request *request)
{
	uint32_t op;

	for (op = 0; op < request->n_ops; op++)
		icicle->by_op[op] = NO_ITEM;
	icicle->items[icicle->n_items++] = root_item(request, icicle->root);
	if (icicle->root != ICICLE_REQUEST)
		icicle->by_op[icicle->root] = 0;
	for (op = 0; op < request->n_ops; op++) {
		uint32_t parent = parent_item(icicle, request, op);
		struct icicle_item item = {
			.start_ns = request->ops[op].start_ns,
			.end_ns = op_end_ns(request, &request->ops[op]),
			.id = request->ops[op].id,
			.op = op,
		};

		if (parent == NO_ITEM || op == icicle->root)
			continue;
		item.parent = icicle->items[parent].op;
		item.depth = icicle->items[parent].depth + 1;
		icicle->by_op[op] = (uint32_t)icicle->n_items;
		icicle->items[icicle->n_items++] = item;
	}
}

/* Gives rows to the items of one depth, from `row` on. Returns the number of rows, or -ENOMEM. */
static int64_t stack_depth(struct icicle_item *items, size_t count, uint32_t row)
{
	struct lanes *lanes;
	uint32_t used = 0;
	size_t i;

	if (lanes_new(count, &lanes))
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		uint32_t lane = lanes_take(lanes, items[i].start_ns, items[i].end_ns);

		items[i].row = row + lane;
		if (lane >= used)
			used = lane + 1;
	}
	lanes_free(lanes);
	return used;
}

static int assign_rows(struct icicle *icicle)
{
	size_t first = 0;
	size_t next;
	int64_t rows;

	qsort(icicle->items, icicle->n_items, sizeof(*icicle->items), compare_depth);
	while (first < icicle->n_items) {
		next = first;
		while (next < icicle->n_items &&
		       icicle->items[next].depth == icicle->items[first].depth)
			next++;
		rows = stack_depth(icicle->items + first, next - first, icicle->n_rows);
		if (rows < 0)
			return (int)rows;
		icicle->n_rows += (uint32_t)rows;
		first = next;
	}
	return 0;
}

static int index_rows(struct icicle *icicle)
{
	size_t i;
	uint32_t row = 0;

	icicle->row_first = calloc((size_t)icicle->n_rows + 1, sizeof(*icicle->row_first));
	if (!icicle->row_first)
		return -ENOMEM;
	qsort(icicle->items, icicle->n_items, sizeof(*icicle->items), compare_row);
	for (i = 0; i < icicle->n_items; i++) {
		const struct icicle_item *item = &icicle->items[i];

		while (row < item->row)
			icicle->row_first[++row] = i;
		if (item->op != ICICLE_REQUEST)
			icicle->by_op[item->op] = (uint32_t)i;
	}
	icicle->row_first[icicle->n_rows] = icicle->n_items;
	return 0;
}

int icicle_new(const struct request *request, uint32_t root, struct icicle **ret_icicle)
{
	struct icicle *icicle = calloc(1, sizeof(*icicle));
	int err;

	assert(root == ICICLE_REQUEST || root < request->n_ops);
	if (!icicle)
		return -ENOMEM;
	icicle->root = root;
	icicle->n_ops = request->n_ops;
	icicle->items = calloc((size_t)request->n_ops + 1, sizeof(*icicle->items));
	icicle->by_op = calloc((size_t)request->n_ops + 1, sizeof(*icicle->by_op));
	err = icicle->items && icicle->by_op ? 0 : -ENOMEM;
	if (!err) {
		collect(icicle, request);
		err = assign_rows(icicle);
	}
	if (!err)
		err = index_rows(icicle);
	if (err) {
		icicle_free(icicle);
		return err;
	}
	*ret_icicle = icicle;
	return 0;
}

void icicle_free(struct icicle *icicle)
{
	if (!icicle)
		return;
	free(icicle->items);
	free(icicle->by_op);
	free(icicle->row_first);
	free(icicle);
}

uint32_t icicle_rows(const struct icicle *icicle)
{
	return icicle->n_rows;
}

const struct icicle_item *icicle_row(const struct icicle *icicle, uint32_t row, size_t *ret_count)
{
	assert(row < icicle->n_rows);
	*ret_count = icicle->row_first[row + 1] - icicle->row_first[row];
	return icicle->items + icicle->row_first[row];
}

const struct icicle_item *icicle_items(const struct icicle *icicle, size_t *ret_count)
{
	*ret_count = icicle->n_items;
	return icicle->items;
}

const struct icicle_item *icicle_item(const struct icicle *icicle, uint32_t op)
{
	if (op == icicle->root)
		return &icicle->items[0];
	if (op >= icicle->n_ops || icicle->by_op[op] == NO_ITEM)
		return NULL;
	return &icicle->items[icicle->by_op[op]];
}

struct icicle_window icicle_extent(const struct icicle *icicle)
{
	struct icicle_window extent = {.start_ns = UINT64_MAX};
	size_t i;

	for (i = 0; i < icicle->n_items; i++) {
		if (icicle->items[i].start_ns < extent.start_ns)
			extent.start_ns = icicle->items[i].start_ns;
		if (icicle->items[i].end_ns > extent.end_ns)
			extent.end_ns = icicle->items[i].end_ns;
	}
	if (extent.end_ns == extent.start_ns)
		extent.end_ns++;
	return extent;
}

struct icicle_window icicle_home(const struct icicle *icicle)
{
	const struct icicle_item *root = &icicle->items[0];

	if (root->op != ICICLE_REQUEST || root->end_ns == root->start_ns)
		return icicle_extent(icicle);
	return (struct icicle_window){.start_ns = root->start_ns, .end_ns = root->end_ns};
}

/* Distance in time between the item and a moment; 0 while it is open. */
static uint64_t distance(const struct icicle_item *item, uint64_t ts)
{
	if (ts < item->start_ns)
		return item->start_ns - ts;
	return ts > item->end_ns ? ts - item->end_ns : 0;
}

const struct icicle_item *icicle_nearest(const struct icicle *icicle, uint32_t row,
					 const struct icicle_item *item)
{
	uint64_t middle = item->start_ns + (item->end_ns - item->start_ns) / 2;
	const struct icicle_item *best;
	size_t count;
	size_t i;
	const struct icicle_item *items = icicle_row(icicle, row, &count);

	best = &items[0];
	for (i = 0; i < count; i++) {
		if (row > item->row ? items[i].parent == item->op : items[i].op == item->parent)
			return &items[i];
		if (distance(&items[i], middle) < distance(best, middle))
			best = &items[i];
	}
	return best;
}
