/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Holes in what a thread told: events that were lost. Whose something is, is asked long after, when there may
 * have been more of them; and after a hole nobody knows who executes until an event tells.
 */
#ifndef NT_AGGREGATOR_ENGINE_HOLES_H
#define NT_AGGREGATOR_ENGINE_HOLES_H

#include "aggregator/engine_state.h"

/* The thread's next event is the first after a hole of so many events; 0: of one that came too late. */
void hole_note(struct engine_thread *thread, uint32_t n);
/* Was anything lost behind the event of that number, up to that other one? Yes when that is not known any more. */
bool hole_between(const struct engine_thread *thread, uint64_t after, uint64_t until);
/* Was the event of that serial lost? */
bool hole_holds(const struct engine_thread *thread, uint64_t serial);

#endif
