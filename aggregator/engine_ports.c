/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Messages between worker threads and MessageChannels: a callback of a port runs for whoever sent
 * the message. The Message object is the same on both sides; its address pairs them.
 */
#include "aggregator/engine_ports.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_MESSAGES 65536
#define MAX_PORTS    65536

struct port_id *port_id_find(struct engine *engine, const struct engine_thread *thread, uint64_t id)
{
	struct id_key key = {.id = id, .thread = thread};
	struct port_id *port;

	HASH_FIND(hh, engine->ports, &key, sizeof(key), port);
	return port;
}

static struct port_message *message_find(struct engine *engine, uint64_t address)
{
	struct port_message *message;

	HASH_FIND(hh, engine->messages, &address, sizeof(address), message);
	return message;
}

static void message_drop(struct engine *engine, struct port_message *message)
{
	HASH_DEL(engine->messages, message);
	free(message);
}

int port_post(struct engine *engine, struct engine_thread *thread, const struct event *event,
	      const struct context *context)
{
	struct port_message *message = message_find(engine, event->a);

	if (message) /* freed unseen, and its memory used again; or one message to several ports */
		message_drop(engine, message);
	if (HASH_COUNT(engine->messages) >= MAX_MESSAGES) {
		message_drop(engine, engine->messages);
		engine->totals.forgotten++;
	}
	message = calloc(1, sizeof(*message));
	if (!message)
		return -ENOMEM;
	message->message = event->a;
	message->sender = thread;
	message->context = *context;
	message->asof = thread->number;
	HASH_ADD(hh, engine->messages, message, sizeof(message->message), message);
	return 0;
}

void port_receive(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	struct port_message *message = message_find(engine, event->a);

	thread->has_received = true;
	memset(&thread->received, 0, sizeof(thread->received));
	thread->received.context.kind = CONTEXT_UNKNOWN; /* sent before we came */
	thread->received.sender = thread;
	if (!message)
		return;
	thread->received = *message;
	message_drop(engine, message);
}

void port_deliver(struct engine *engine, struct engine_thread *thread, uint64_t id)
{
	struct port_id *port;

	if (!thread->has_received)
		return;
	thread->has_received = false;
	port = port_id_find(engine, thread, id);
	if (!port) {
		if (HASH_COUNT(engine->ports) >= MAX_PORTS) {
			port = engine->ports;
			engine->totals.forgotten++;
			HASH_DEL(engine->ports, port);
			free(port);
		}
		port = calloc(1, sizeof(*port));
		if (!port)
			return;
		port->id = id;
		port->thread = thread;
		HASH_ADD(hh, engine->ports, id, sizeof(struct id_key), port);
	}
	thread->received.number = thread->number;
	port->messages[port->n++ % MAX_PORT_MESSAGES] = thread->received;
}

void ports_lost(struct engine *engine)
{
	struct port_message *message, *tmp;

	HASH_ITER (hh, engine->messages, message, tmp)
		message_drop(engine, message);
}

void ports_done(struct engine *engine)
{
	struct port_id *port, *port_tmp;

	ports_lost(engine);
	HASH_ITER (hh, engine->ports, port, port_tmp) {
		HASH_DEL(engine->ports, port);
		free(port);
	}
}

static_assert(offsetof(struct port_id, thread) == sizeof(uint64_t), "id and thread are the key");
