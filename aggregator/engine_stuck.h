/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The turn that a loop is in. The kernel side tells that a turn is over when the next one begins, so a loop that
 * waits looks like one that is stuck; what tells them apart is a callback that has not returned, or a thread that is
 * met on the CPU.
 */
#ifndef NT_AGGREGATOR_ENGINE_STUCK_H
#define NT_AGGREGATOR_ENGINE_STUCK_H

#include "aggregator/engine_state.h"

/* The loop has woken: running.woke_ns is set. */
void turn_began(struct engine_thread *thread);
/* NT_EVENT_CPU_SAMPLE: the loop does not wait. */
void turn_sampled(struct engine_thread *thread, const struct event *event);
/* Has a callback begun in this turn that has not returned? */
bool turn_in_callback(const struct engine_thread *thread);
/* When the turn that is going on began, or was first seen; 0 not known. */
uint64_t turn_start(const struct engine_thread *thread);
/* Until when it was busy for sure: what has been said once stays true. */
uint64_t turn_until(const struct engine *engine, const struct engine_thread *thread);
/* Is it known to be busy right now? */
bool turn_goes_on(const struct engine *engine, const struct engine_thread *thread);
/* Adds the turns that are going on, as far as they are known to be busy, and sets totals->stuck. */
void turns_running(const struct engine *engine, struct totals *totals);

#endif
