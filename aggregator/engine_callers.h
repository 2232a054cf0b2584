/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Closures that call those of others: what a limiter runs when a job has ended, what a connection does when an
 * answer came. Whichever request was the first to need one made it, and it serves all: where nothing further
 * in tells for whom, it does not tell either.
 */
#ifndef NT_AGGREGATOR_ENGINE_CALLERS_H
#define NT_AGGREGATOR_ENGINE_CALLERS_H

#include "aggregator/engine_births.h"

/* A function with a closure that was born in some gap. */
struct caller {
	uint64_t birth;
	uint64_t function; /* a part of its address, as sights have it */
	uint64_t request;  /* that it called a closure of first, not its own … */
	uint64_t since;    /* … in the run that began with this event */
	bool serves_many;
	UT_hash_handle hh;
};

/* Notes that it called a closure of `request` in the run that began with event `since`. */
void caller_note(struct engine *engine, struct engine_thread *thread, uint64_t birth,
		 uint16_t function, uint64_t request, uint64_t since);
/* Has it called closures of two requests, neither of them its own, in different runs? In one run a loop of a request's
 * own over those who wait does so. */
bool caller_serves_many(const struct engine_thread *thread, uint64_t birth, uint16_t function);
/* Is the innermost closure on the stack of that context, but for those made just now, one of them? It called something
 * unknown. */
bool sight_is_by_caller(const struct engine_thread *thread, const struct context *context);
size_t callers_memory(const struct engine_thread *thread);
void callers_done(struct engine_thread *thread);

/* resolve_births.c: notes the closures that called the one that the operation at hand is done for. */
void sight_note_callers(struct engine *engine, struct engine_thread *thread,
			const struct context *context);

#endif
