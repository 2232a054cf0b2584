/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What each event loop did, side by side. One that is full is what people look for, and those of idle worker
 * threads must not hide it, as they do in a sum.
 */
#ifndef NT_AGGREGATOR_LOOPS_H
#define NT_AGGREGATOR_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

#define LOOPS_MAX 32 /* more keep those that were busy longest */

/* Of one thread, since the beginning. */
struct loop_share {
	uint32_t tid;
	uint64_t busy_ns; /* between two waits */
	uint64_t idle_ns; /* it waited */
	uint64_t gc_ns;   /* of any kind */
};

struct loops {
	uint32_t n;
	uint64_t n_beyond; /* that found no place */
	struct loop_share items[LOOPS_MAX];
};

/* Adds one, unless it did nothing. */
void loops_add(struct loops *loops, const struct loop_share *share);
/* Adds those of another process. */
void loops_add_all(struct loops *sum, const struct loops *more);

/* Which loop was busy for the largest share of its time between two moments? Writes the figures of that time alone.
 * Returns false when none told anything meanwhile. */
bool loops_busiest(const struct loops *before, const struct loops *now,
		   struct loop_share *ret_share);

#endif
