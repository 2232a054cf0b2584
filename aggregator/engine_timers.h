/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* When timers and immediates ran, as far as nothing else shows it. */
#ifndef NT_AGGREGATOR_ENGINE_TIMERS_H
#define NT_AGGREGATOR_ENGINE_TIMERS_H

#include "aggregator/engine_state.h"

/* Notes that the operation is a timer that may be due at the first time, and is for sure at the
 * second. Too many at once are counted in totals.forgotten. Returns 0 or -ENOMEM. */
int timer_add(struct engine *engine, struct engine_thread *thread, uint64_t due_ns,
	      uint64_t sure_ns, uint64_t op);
/* The timers phase begins: ends the timers that are due and were not seen running. */
void timers_due(struct engine *engine, struct engine_thread *thread, uint64_t now_ns);
/* The immediates phase comes once a turn of the loop, the timers phase before it: what was due at the
 * one before has run. */
void timers_turn(struct engine *engine, struct engine_thread *thread, uint64_t ts);
/* Nothing has run on the thread for a while: neither will a timer that was due before. */
void timers_idle(struct engine *engine, struct engine_thread *thread);
void timers_done(struct engine_thread *thread);
/* n immediates were made by `context` since the previous event. Returns 0 or -ENOMEM. */
int immediates_made(struct engine *engine, struct engine_thread *thread, const struct event *event,
		    const struct context *context, uint64_t n);
/* The immediates phase begins: those made before run in it. */
void immediates_due(struct engine *engine, struct engine_thread *thread, uint64_t now_ns);
/* The immediate of this id was seen running: gives its operation the id. */
void immediate_seen(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts);

#endif
