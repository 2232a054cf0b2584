/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/slots.h"

#include "symbolizer/base.h"

static int compare_times(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

int slots_init(struct slots *slots, size_t max_stretches)
{
	size_t max_cuts = 2 * max_stretches;

	*slots = (struct slots){.cuts = calloc(max_cuts, sizeof(*slots->cuts)),
				.next = calloc(max_cuts, sizeof(*slots->next))};
	return slots->cuts && slots->next ? 0 : -ENOMEM;
}

void slots_done(struct slots *slots)
{
	free(slots->cuts);
	free(slots->next);
	*slots = (struct slots){0};
}

void slots_cut(struct slots *slots, uint64_t start_ns, uint64_t end_ns)
{
	slots->cuts[slots->n_cuts++] = start_ns;
	slots->cuts[slots->n_cuts++] = end_ns;
}

void slots_settle(struct slots *slots)
{
	size_t n = slots->n_cuts;

	qsort(slots->cuts, n, sizeof(*slots->cuts), compare_times);
	slots->n_cuts = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || slots->cuts[i] != slots->cuts[slots->n_cuts - 1])
			slots->cuts[slots->n_cuts++] = slots->cuts[i];
	for (size_t i = 0; i < slots->n_cuts; i++)
		slots->next[i] = i;
}

size_t slots_at(const struct slots *slots, uint64_t ts)
{
	const uint64_t *cut = bsearch(&ts, slots->cuts, slots->n_cuts, sizeof(ts), compare_times);

	return (size_t)(cut - slots->cuts);
}

/* Union-find with path halving. */
size_t slots_left(struct slots *slots, size_t slot)
{
	while (slots->next[slot] != slot) {
		slots->next[slot] = slots->next[slots->next[slot]];
		slot = slots->next[slot];
	}
	return slot;
}

void slots_take(struct slots *slots, size_t slot)
{
	slots->next[slot] = slot + 1;
}

uint64_t slots_ns(const struct slots *slots, size_t slot)
{
	return slots->cuts[slot + 1] - slots->cuts[slot];
}
