/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Holes in what a thread told: events that were lost. Whose something is, is asked long after, when there may
 * have been more of them; and after a hole nobody knows who executes until an event tells.
 */
#ifndef NT_AGGREGATOR_ENGINE_HOLES_H
#define NT_AGGREGATOR_ENGINE_HOLES_H

#include "aggregator/engine_state.h"

/* Puts the event in its place in the sequence of the thread. What lies in a hole before it is counted as lost, and
 * what the thread did in it is not known from here on. Returns false for an event that comes too late. */
bool holes_check(struct engine *engine, struct engine_thread *thread, const struct event *event);
/* The event of that number is the first after a hole of n events; 0: none were lost, but what was told before is of
 * something else. */
void hole_note(struct engine_thread *thread, uint64_t number, uint32_t n);
/* Was anything lost behind the event of that number, up to that other one? Yes when that is not known any more. */
bool hole_between(const struct engine_thread *thread, uint64_t after, uint64_t until);
/* Was the event of that serial lost? */
bool hole_holds(const struct engine_thread *thread, uint64_t serial);

#endif
