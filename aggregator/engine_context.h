/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Who executes at an event: what every event with async ids tells, before its own meaning. */
#ifndef NT_AGGREGATOR_ENGINE_CONTEXT_H
#define NT_AGGREGATOR_ENGINE_CONTEXT_H

#include "aggregator/engine_state.h"

extern const struct context context_top;
extern const struct context context_unknown; /* events were lost, or several are possible */

/* Who executes: the resource of an async id, or the continuation of a token. */
struct context context_id(uint64_t id);
struct context context_token(uint64_t token);
/* The same one, whatever was seen of it. */
bool context_equal(const struct context *a, const struct context *b);
/* Who executes at an event with this executing id, as far as the event itself tells. */
struct context context_at(const struct engine_thread *thread, uint64_t exec);
/* Directly inside the scope that runs a list of timers or the immediates. */
bool in_phase(const struct engine_thread *thread);
/* Node's queue says that this timer, made by `trigger`, is called next. Returns who executes then: nobody when there
 * can be no such timer. */
struct context timer_next(struct engine_thread *thread, uint64_t id, uint64_t trigger);
/* The same when nothing can change that any more: it runs from `ts` on. */
struct context timer_called(struct engine *engine, struct engine_thread *thread, uint64_t id,
			    uint64_t trigger, uint64_t ts);
/* Notes that a timer or immediate of this phase has run. */
void mark_done(struct engine_thread *thread, uint64_t id);
/* Writes the ids of the timers or immediates seen on the stack that can be of this phase and did
 * not run yet, ascending, to ids[EVENT_MAX_CANDIDATES]. Returns their number. */
uint32_t undone_candidates(const struct engine_thread *thread, const struct event *event,
			   uint64_t *ids);
/* Ends the run that is being gathered and gives it to its operation. */
void flush_run(struct engine *engine, struct engine_thread *thread);
/* Takes in the ids of an event: pairs, gaps, immediates, time. *ret_at is who executes at it.
 * Returns 0 or -ENOMEM. */
int advance(struct engine *engine, struct engine_thread *thread, const struct event *event,
	    struct context *ret_at);

#endif
