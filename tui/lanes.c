/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/lanes.h"

#include <assert.h>

#include "symbolizer/base.h"

/* A tree of minima: node n has the children 2n and 2n + 1, the leaves are the lanes' ends. */
struct lanes {
	size_t n_leaves; /* a power of two */
	uint64_t ends_ns[];
};

int lanes_new(size_t count, struct lanes **ret_lanes)
{
	struct lanes *lanes;
	size_t n_leaves = 1;

	while (n_leaves < count)
		n_leaves *= 2;
	lanes = calloc(1, sizeof(*lanes) + 2 * n_leaves * sizeof(lanes->ends_ns[0]));
	if (!lanes)
		return -ENOMEM;
	lanes->n_leaves = n_leaves;
	*ret_lanes = lanes;
	return 0;
}

void lanes_free(struct lanes *lanes)
{
	free(lanes);
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint32_t lanes_take(struct lanes *lanes, uint64_t start_ns, uint64_t end_ns)
{
	size_t node = 1;
	size_t lane;

	assert(lanes->ends_ns[1] <= start_ns);
	while (node < lanes->n_leaves)
		node = lanes->ends_ns[2 * node] <= start_ns ? 2 * node : 2 * node + 1;
	lane = node - lanes->n_leaves;
	lanes->ends_ns[node] = end_ns;
	while (node > 1) {
		node /= 2;
		lanes->ends_ns[node] =
			minimum(lanes->ends_ns[2 * node], lanes->ends_ns[2 * node + 1]);
	}
	return (uint32_t)lane;
}
