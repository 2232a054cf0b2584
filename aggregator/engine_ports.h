/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Messages between threads: a callback is of the request whose code posted what it is given. */
#ifndef NT_AGGREGATOR_ENGINE_PORTS_H
#define NT_AGGREGATOR_ENGINE_PORTS_H

#include "aggregator/engine_state.h"

int port_post(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context);
void port_receive(struct engine *engine, struct engine_thread *thread, const struct event *event);
/* A scope of this id opens: the message just received is delivered in it. */
void port_deliver(struct engine *engine, struct engine_thread *thread, uint64_t id);
/* Events were lost, on any thread: messages that wait may have been received, and their memory used again. */
void ports_lost(struct engine *engine);
void ports_done(struct engine *engine);

#endif
