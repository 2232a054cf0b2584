/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_clients.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/client_stream.h"
#include "aggregator/engine_asked.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_sources.h"

#include "symbolizer/base.h"

#define MAX_CLIENTS 65536
#define CHUNK_END   4 /* a last chunk that was cut in two leaves fewer bytes than any other */

struct op_wire *op_get_wire(struct live_op *live)
{
	if (!live->op.wire)
		live->op.wire = calloc(1, sizeof(*live->op.wire));
	return (struct op_wire *)live->op.wire;
}

static struct client_stream *client_find(const struct engine *engine, uint64_t stream)
{
	struct client_stream *client;

	HASH_FIND(hh, engine->clients, &stream, sizeof(stream), client);
	return client;
}

struct client_stream *client_new(struct engine *engine, uint64_t stream)
{
	struct client_stream *client;

	if (HASH_COUNT(engine->clients) >= MAX_CLIENTS) {
		engine->totals.forgotten++;
		return NULL;
	}
	client = calloc(1, sizeof(*client));
	if (!client)
		return NULL;
	client->stream = stream;
	HASH_ADD(hh, engine->clients, stream, sizeof(client->stream), client);
	return client;
}

static void client_free(struct engine *engine, struct client_stream *client)
{
	HASH_DEL(engine->clients, client);
	free(client->peer);
	free(client);
}

static struct live_op *front_op(const struct engine *engine, const struct client_stream *client)
{
	return client->n_queue ? op_find((struct engine *)engine, client->queue[0].op) : NULL;
}

/* The response at the front is over. */
static void answered(struct engine *engine, struct client_stream *client, uint64_t ts)
{
	struct live_op *live = front_op(engine, client);

	if (live)
		op_end(engine, live, ts);
	client->answering = false;
	if (!client->n_queue)
		return;
	client->n_queue--;
	memmove(client->queue, client->queue + 1, client->n_queue * sizeof(*client->queue));
}

/* Nothing more comes for those that wait. */
static void given_up(struct engine *engine, struct client_stream *client, uint64_t ts)
{
	while (client->n_queue) {
		struct live_op *live = front_op(engine, client);
		bool whole = client->answering && (client->framing == BODY_UNTIL_CLOSE ||
						   client->framing == BODY_UNKNOWN);

		if (live && live->open && !whole)
			live->op.flags |= OP_FAILED;
		answered(engine, client, ts);
	}
}

void client_closed(struct engine *engine, uint64_t stream, uint64_t ts)
{
	struct client_stream *client = client_find(engine, stream);

	if (!client)
		return;
	given_up(engine, client, ts);
	client_free(engine, client);
}

int client_connect(struct engine *engine, struct engine_thread *thread, const struct event *event,
		   const struct context *context)
{
	struct live_op *live = op_new(engine, thread, event, context, "net.connect", event->text);
	const struct id_record *record;
	struct client_stream *client;
	struct op_wire *wire;

	if (!live)
		return -ENOMEM;
	op_bind_id(engine, thread, live, event->c);
	asked_connect(engine, live, event->trigger);
	work_add(engine, live, event->b);
	wire = op_get_wire(live);
	if (wire)
		wire->connect_ns = event->ts;
	client_closed(engine, event->a, event->ts); /* its memory is another connection's now */
	client = client_new(engine, event->a);
	if (!client)
		return 0;
	client->connect = live->id;
	client->peer = strdup(event->text);
	record = context->kind == CONTEXT_ID ? id_peek(thread, context->id) : NULL;
	if (record && record->wrap && !strcmp(record->wrap, "GETADDRINFOREQWRAP"))
		client->lookup = record->op;
	return 0;
}

void client_connected(struct engine *engine, const struct event *event)
{
	struct live_op *live = work_find(engine, event->a);
	struct op_wire *wire = live ? op_get_wire(live) : NULL;

	if (!live)
		return;
	if ((int32_t)event->b < 0)
		live->op.flags |= OP_FAILED;
	else if (wire)
		wire->connected_ns = event->ts;
	op_end(engine, live, event->ts);
	work_remove(engine, live);
}

/*
 * Was the connection opened for the request that is the first to use it? Then whoever asked for it asked
 * for the request, unless it is better known who wrote. One that two requests opened and used, both as
 * well known, or that nobody opened, was lying ready.
 */
static bool opened_for(struct engine *engine, struct engine_thread *thread, struct live_op *opened,
		       const struct context *context)
{
	struct owner made = owner_of(engine, opened->thread, &opened->context, opened->asof);
	struct owner used = owner_of(engine, thread, context, thread->number);

	if (!made.request || !used.request)
		return made.request;
	if (made.evidence <= used.evidence)
		return made.request == used.request;
	opened->context = *context;
	opened->asof = thread->number;
	return true;
}

/* The name was looked up for the sake of the request: that is where it begins. */
static void begin_at_lookup(struct engine *engine, const struct client_stream *client,
			    struct live_op *live)
{
	const struct live_op *lookup = op_find(engine, client->lookup);

	if (!lookup || lookup->thread != live->thread || live->context.id != lookup->op.async_id ||
	    lookup->settled)
		return;
	live->context = lookup->context;
	live->asof = lookup->asof;
	live->op.start_ns = lookup->op.start_ns;
	if (lookup->op.stack)
		live->op.stack = lookup->op.stack;
}

struct live_op *connection_used(struct engine *engine, struct engine_thread *thread,
				const struct client_stream *client, const struct event *event,
				const struct context *context, bool http)
{
	struct live_op *opened = op_find(engine, client->connect), *live;
	struct op_wire *wire;

	if (!opened || !client->peer || opened->settled || opened->op.flags & OP_FAILED ||
	    opened->thread != thread || !opened_for(engine, thread, opened, context))
		return NULL;
	op_move(engine, opened, opened->open);
	live = op_new(engine, thread, event, &opened->context,
		      http ? "http.client" : "net.exchange", http ? event->text : client->peer);
	if (!live)
		return NULL;
	live->asof = opened->asof;
	live->op.start_ns = opened->op.start_ns;
	live->op.stack = opened->op.stack;
	wire = op_get_wire(live);
	if (wire && op_get_wire(opened))
		*wire = *op_get_wire(opened);
	begin_at_lookup(engine, client, live);
	op_move(engine, live, true);
	return live;
}

static int request_written(struct engine *engine, struct engine_thread *thread,
			   struct client_stream *client, const struct event *event,
			   const struct context *context)
{
	struct live_op *live = connection_used(engine, thread, client, event, context, true);
	struct exchange *exchange;
	struct op_wire *wire;

	client->connect = client->lookup = 0;
	client->is_http = true;
	/* nobody said where the response ends: before the next request */
	if (client->answering && client->framing == BODY_UNKNOWN)
		answered(engine, client, event->ts);
	if (!live)
		live = op_new(engine, thread, event, context, "http.client", event->text);
	if (!live)
		return -ENOMEM;
	asked_request(engine, live, event->c);
	wire = op_get_wire(live);
	if (wire) {
		wire->written_ns = event->ts;
		wire->bytes_out = event->b;
		wire->round_trips = 1;
	}
	if (client->n_queue == MAX_EXCHANGES) { /* nothing answers */
		engine->totals.forgotten++;
		op_end(engine, live, event->ts);
		return 0;
	}
	exchange = &client->queue[client->n_queue++];
	exchange->op = live->id;
	exchange->head = !strncmp(event->text, "HEAD ", 5);
	exchange->tunnel = !strncmp(event->text, "CONNECT ", 8);
	return 0;
}

int client_write(struct engine *engine, struct engine_thread *thread, const struct event *event,
		 const struct context *context)
{
	struct client_stream *client = client_find(engine, event->a);
	bool is_request = event->arg & NT_WRITE_REQUEST_HEAD;
	struct context by_ids = *context;
	struct live_op *live;

	by_ids.sight = 0;
	stream_written(engine, thread, event->c, &by_ids);
	if (!client)
		client = client_known(engine, thread, event);
	if (!client && is_request)
		client = client_new(engine, event->a);
	if (!client)
		return 0;
	if (event->arg & (NT_WRITE_TLS | NT_WRITE_TLS_RECORD))
		client->tls = true;
	if (client->tls && !(event->arg & NT_WRITE_TLS))
		return 0; /* ciphertext */
	if (is_request && !client->opaque)
		return request_written(engine, thread, client, event, context);
	if (!client->is_http || client->opaque)
		return talked(engine, thread, client, event, context);
	live = client->n_queue ? op_find(engine, client->queue[client->n_queue - 1].op) : NULL;
	if (live && op_get_wire(live))
		op_get_wire(live)->bytes_out += event->b;
	return 0;
}

/*
 * The parser of a response runs inside the callback of the connection it comes from: its id is the
 * request's own, made where JavaScript asked for it, and what its callbacks start hangs on it.
 */
void client_parsed(struct engine *engine, struct engine_thread *thread, uint64_t id)
{
	const struct id_record *record = id_peek(thread, id);
	const struct client_stream *client =
		thread->read_stream ? client_find(engine, thread->read_stream) : NULL;
	struct live_op *live = client ? op_find(engine, client->reading) : NULL;
	struct context own = {.kind = CONTEXT_ID, .id = id};
	struct owner known, told;

	if (!live || !record || !record->wrap || record->op ||
	    strcmp(record->wrap, "HTTPCLIENTREQUEST") != 0)
		return;
	known = owner_of(engine, live->thread, &live->context, live->asof);
	told = owner_of(engine, thread, &own, live->asof);
	op_bind_id(engine, thread, live, id);
	if (known.request && told.evidence >= known.evidence)
		return;
	live->context = own;
	if (!known.request && told.request)
		op_move(engine, live, live->open);
}

/* The head of a response. Returns false when it is of an interim one. */
static bool response_began(struct client_stream *client, struct live_op *live,
			   const struct event *event)
{
	const struct exchange *exchange = &client->queue[0];
	struct op_wire *wire = live ? op_get_wire(live) : NULL;

	if (event->status >= 100 && event->status < 200 && event->status != 101)
		return false;
	client->answering = true;
	client->framing = event->framing;
	client->left = event->content_length + event->head_length;
	client->opaque = event->status == 101 || (exchange->tunnel && event->status / 100 == 2);
	if (exchange->head || client->opaque)
		client->framing = BODY_NONE;
	if (wire) {
		wire->first_byte_ns = event->ts;
		wire->status = event->status;
	}
	if (live && event->status >= 400)
		live->op.flags |= OP_FAILED;
	return true;
}

/* Does the response end with these bytes? */
static bool response_ends(struct client_stream *client, const struct event *event)
{
	if (client->framing == BODY_NONE)
		return true;
	if (client->framing == BODY_CHUNKED)
		return event->arg & NT_READ_LAST_CHUNK;
	if (client->framing != BODY_LENGTH)
		return false;
	client->left -= client->left < event->b ? client->left : event->b;
	return !client->left;
}

/* Is it the head of the next response, though the end of the last one was not seen? */
static bool is_next(const struct client_stream *client, const struct event *event)
{
	if (!client->answering || !event->status || client->n_queue < 2)
		return false;
	return client->framing == BODY_UNKNOWN ||
	       (client->framing == BODY_CHUNKED && !(event->arg & NT_READ_PIECE));
}

static void response_read(struct engine *engine, struct client_stream *client,
			  const struct event *event)
{
	struct live_op *live;
	bool began = false;

	if (is_next(client, event))
		answered(engine, client, event->ts);
	live = front_op(engine, client);
	if (live && op_get_wire(live))
		op_get_wire(live)->bytes_in += event->b;
	if (!client->answering && !(began = response_began(client, live, event)))
		return;
	if (response_ends(client, event)) {
		answered(engine, client, event->ts);
		return;
	}
	if (!live)
		return;
	/* where nothing tells its end, it has ended now, and again with the next bytes */
	if (client->framing == BODY_UNKNOWN ||
	    (client->framing == BODY_CHUNKED && !began && event->b <= CHUNK_END))
		op_end(engine, live, event->ts);
	if (!live->open)
		live->op.end_ns = event->ts;
}

void client_read(struct engine *engine, const struct event *event)
{
	struct client_stream *client = client_find(engine, event->a);

	if (!client)
		return;
	if (!(event->arg & NT_READ_PIECE))
		client->reading = client->n_queue ? client->queue[0].op : 0;
	if ((int64_t)event->b <= 0)
		given_up(engine, client, event->ts);
	else if (client->n_queue)
		response_read(engine, client, event);
	else if (!client->is_http || client->opaque)
		heard(engine, client, event);
}

void clients_done(struct engine *engine)
{
	struct client_stream *client, *tmp;

	HASH_ITER (hh, engine->clients, client, tmp)
		client_free(engine, client);
	peers_done(engine);
}
