/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The objects whose methods run, as far as the stack of an operation tells when they were born: they may
 * gainsay what the closures further out and the ids say, and never name anybody themselves.
 */
#ifndef NT_AGGREGATOR_ENGINE_RECEIVERS_H
#define NT_AGGREGATOR_ENGINE_RECEIVERS_H

#include "aggregator/engine_births.h"

struct walk;

/* Takes what an event tells of receivers into its sight. Returns how many births are of something else. */
uint32_t receivers_note(const struct engine_thread *thread, const struct event *event,
			struct sight_record *sight);

/*
 * Is the operation in that context perhaps not of `request` (0 is nobody: no)? A method of an object runs that
 * another living request made, and what told of `request` stands further out on the stack: birth `decided` of the
 * sight; UINT32_MAX: further out than all of it.
 */
bool receivers_gainsay(struct walk *walk, const struct context *context, uint64_t request,
		       uint32_t decided);

#endif
