/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where a connection was asked for. Private to the engine.
 *
 * Node connects, and writes a request to a connection that it has, in a process.nextTick() of its own: the stack there
 * tells nothing of who asked. But at once, in the call itself, it makes the socket, or gives the one it has a new
 * async id: there the caller is on the stack. What an http.Agent has no connection for waits in its queue, and gets
 * its id when it gets one.
 */
#ifndef NT_AGGREGATOR_ENGINE_ASKED_H
#define NT_AGGREGATOR_ENGINE_ASKED_H

#include "aggregator/engine_state.h"

/* NT_EVENT_INIT of a socket, or of another use of one, in this context. Returns 0 or -ENOMEM. */
int asked_note(struct engine *engine, struct engine_thread *thread, const struct event *event,
	       const struct context *context);
/* The operation connects the socket with this async id: it is put where that was asked for, if that is of the same
 * request and nothing is known to lie between. */
void asked_connect(struct engine *engine, struct live_op *live, uint64_t id);
/* The same of the first request that is written to it: it begins there. */
void asked_request(struct engine *engine, struct live_op *live, uint64_t id);
/* Forgets sockets of this thread whose ids are smaller. */
void asked_forget(struct engine_thread *thread, uint64_t below);

#endif
