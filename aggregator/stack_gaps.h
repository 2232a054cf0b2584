/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the stacks, names and samples of a capture lack, and what was beyond the bounds of the kernel
 * side: everything that was counted on the way. */
#ifndef NT_AGGREGATOR_STACK_GAPS_H
#define NT_AGGREGATOR_STACK_GAPS_H

#include <stddef.h>
#include <stdint.h>

/* X(field, what was counted) */
/* clang-format off */
#define STACK_GAPS(X) \
	X(cut, "stacks cut at their outermost frames") \
	X(waiters_cut, "stacks with more who wait than are kept") \
	X(unreadable, "stacks that could not be read") \
	X(dropped, "stacks and names without room in the table") \
	X(evicted, "stacks forgotten for new ones") \
	X(late, "stacks looked at after a collection") \
	X(again, "stacks read again since a collection came in between") \
	X(unnamed, "JavaScript frames without a name") \
	X(no_line, "functions without a line") \
	X(perf_differed, "frames that the perf map names otherwise") \
	X(perf_dropped, "entries of the perf map left out") \
	X(maps_refused, "source maps refused") \
	X(maps_shed, "source maps dropped for lack of room") \
	X(unsampled, "threads without CPU samples") \
	X(samples_left, "CPU samples left out of their requests") \
	X(threads_full, "events of threads too many to follow") \
	X(tokens_full, "continuations without room in the map") \
	X(ticks_cut, "queues with more ticks than are looked at") \
	X(scratch_busy, "stacks and heads given up for lack of a buffer") \
	X(websockets_full, "WebSockets too many to follow") \
	X(writes_cut, "writes with more buffers than are summed") \
	X(bodies_full, "bodies of requests too many to follow")
/* clang-format on */

struct stack_gaps {
#define STACK_GAP_FIELD(field, text) uint64_t field;
	STACK_GAPS(STACK_GAP_FIELD)
#undef STACK_GAP_FIELD
};

/* The field number i, from 0, with its value; NULL behind the last. */
const char *stack_gaps_at(const struct stack_gaps *gaps, size_t i, uint64_t *ret_value);
void stack_gaps_add(struct stack_gaps *sum, const struct stack_gaps *gaps);
/* Writes those that are not 0 into buf: "4 stacks cut at their outermost frames, 1 …". Returns its
 * length, 0 when there is nothing to say. */
size_t stack_gaps_print(const struct stack_gaps *gaps, char *buf, size_t len);

#endif
