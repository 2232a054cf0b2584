/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What threads do with their time: who runs, what the event loop waits for, garbage collections. */
#ifndef NT_AGGREGATOR_ENGINE_TIME_H
#define NT_AGGREGATOR_ENGINE_TIME_H

#include "aggregator/engine_state.h"

/* Gives the time since the previous event to whoever executed it; `at` executes now. */
void time_account(struct engine *engine, struct engine_thread *thread, const struct event *event,
		  const struct context *at);
/* NT_EVENT_LOOP_TURN, NT_EVENT_GC and NT_EVENT_CPU_SAMPLE, which change nothing of who executes. Returns 0 or
 * -ENOMEM. */
int time_observe(struct engine *engine, struct engine_thread *thread, const struct event *event);
/* NT_EVENT_PHASE: what the loop called back for is over. */
void time_phase(struct engine_thread *thread);
/* NT_EVENT_STREAM_READ, for which the loop is about to call back. */
void time_read(struct engine_thread *thread, const struct event *event);
/* The outermost callback begins. */
void time_called_back(struct engine_thread *thread);
/* NT_EVENT_FS_SYNC: a call that blocked, made in this context. */
void time_blocked(struct engine *engine, struct engine_thread *thread, const struct event *event,
		  const struct context *at);
/* The trace is over: who runs has run until then, as far as is known. */
void time_ended(struct engine *engine, struct engine_thread *thread);
/* When a timer that is inserted now is due. */
uint64_t time_due(const struct engine_thread *thread, const struct event *event);
/* Labels a request that has ended. Returns 0 or -ENOMEM. */
int time_label(const struct engine_thread *thread, struct request *request);

#endif
