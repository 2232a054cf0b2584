/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the time of a request went, as its labels say (aggregator/labels.h). A request without labels, as those
 * in flight are, is told by its operations: each nanosecond between its start and its end belongs to one
 * kind. While one of its callbacks ran that is JS; else it is what the deepest operation that was
 * open waited for (of several, the one that ends last; of those, the one created first).
 */
#ifndef NT_TUI_TIMELINE_H
#define NT_TUI_TIMELINE_H

#include "tui/wait_kind.h"

struct timeline {
	struct phase *phases; /* gapless, neighbours differ */
	size_t n_phases;
	uint64_t sums_ns[WAIT_KIND_COUNT]; /* sum to the request's duration */
};

/* Returns the timeline in *ret_timeline, or -ENOMEM. It does not point into the request. */
int timeline_new(const struct request *request, struct timeline **ret_timeline);
void timeline_free(struct timeline *timeline);

/* The kind with the largest share of [start_ns, end_ns); WAIT_NONE outside of the request. */
enum wait_kind timeline_kind(const struct timeline *timeline, uint64_t start_ns, uint64_t end_ns);

#endif
