/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Messages between threads: a callback is of the request whose code posted what it is given. */
#ifndef NT_AGGREGATOR_ENGINE_PORTS_H
#define NT_AGGREGATOR_ENGINE_PORTS_H

#include "aggregator/engine_state.h"

/* A message is sent by whoever executes. Returns 0 or -ENOMEM; beyond the limit another one is forgotten. */
int port_post(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context);
/* A message is taken from a port; who sent it is known when it was seen, and kept for port_deliver(). */
void port_receive(struct engine *engine, struct engine_thread *thread, const struct event *event);
/* A scope of this id opens: the message just received is delivered in it. */
void port_deliver(struct engine *engine, struct engine_thread *thread, uint64_t id);
/* Events were lost, on any thread: messages that wait may have been received, and their memory used again. */
void ports_lost(struct engine *engine);
void ports_done(struct engine *engine);

#endif
