/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A stretch of time cut into slots, each of which is given away once.
 *
 * First all cuts are told, then whoever has the best claim takes what he wants, then the next best:
 * each gets only what is still there. No slot is looked at twice.
 */
#ifndef NT_AGGREGATOR_SLOTS_H
#define NT_AGGREGATOR_SLOTS_H

#include <stddef.h>
#include <stdint.h>

struct slots {
	uint64_t *
		cuts; /* ns; after slots_settle() sorted and distinct: slot i is [cuts[i], cuts[i + 1]) */
	size_t n_cuts;
	size_t *next; /* from a slot that was given away towards one that was not */
};

/* Makes room for so many stretches. Returns 0 or -ENOMEM; slots_done() in either case. */
int slots_init(struct slots *slots, size_t max_stretches);

/* Frees what it holds, not itself. */
void slots_done(struct slots *slots);

/* Cuts where a stretch begins and ends, of at most max_stretches; twice at one time is one cut. */
void slots_cut(struct slots *slots, uint64_t start_ns, uint64_t end_ns);

/* All cuts are told: nothing was given away yet. */
void slots_settle(struct slots *slots);

/* The slot that begins at a cut; the last cut begins none. ts must be one of the cuts. */
size_t slots_at(const struct slots *slots, uint64_t ts);

/* The first slot from this one on that was not given away, or the last cut. */
size_t slots_left(struct slots *slots, size_t slot);

/* Gives a slot away that was not. */
void slots_take(struct slots *slots, size_t slot);

/* How long it lasts; the last cut is no slot. */
uint64_t slots_ns(const struct slots *slots, size_t slot);

#endif
