/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who had the event loop while a request was ready, or the thread of the pool that its job waited for: one
 * span for each of them.
 *
 * On a busy server hundreds take turns, in thousands of turns. What counts is how long each had the loop, so
 * the turns of one become one span, in the order of their first; those beyond a bound are `several`.
 * The sum is that of the turns, to the nanosecond.
 */
#ifndef NT_AGGREGATOR_LABELS_CROWD_H
#define NT_AGGREGATOR_LABELS_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregator/label.h"

#define CROWD_SLOTS   64  /* who is told apart */
#define CROWD_BUCKETS 256 /* a power of two, with room for all of them to be found at once */

/* Spans of a request, and the crowd at their end while it is open. */
struct span_list {
	struct label_span *spans;
	size_t n, capacity;
	bool is_open;
	size_t first; /* of the crowd; its spans start at 0 until it is closed */
	uint64_t start_ns;
	uint8_t buckets[CROWD_BUCKETS]; /* number of the slot, + 1; 0 empty */
	struct {
		uint32_t index; /* from `first` on, + 1 */
		uint64_t longest_ns;
	} slots[CROWD_SLOTS];
	uint32_t n_slots;
	uint32_t several; /* index from `first` on, + 1 */
};

/* Do others take turns while a request waits for this? */
static inline bool label_has_crowds(enum label label)
{
	return label == LABEL_LOOP || label == LABEL_POOL_QUEUE;
}

/* Adds a span of such a label, which follows the last one. Returns 0 or -ENOMEM. */
int crowd_add(struct span_list *list, const struct label_span *span);

/* Nobody takes turns any more: the spans get their times. */
void crowd_close(struct span_list *list);

/*
 * When there are more than `max` spans, leaves of each crowd those who had the loop longest, and makes
 * one of the others. The list must be closed.
 */
void crowds_thin(struct span_list *list, size_t max);

#endif
