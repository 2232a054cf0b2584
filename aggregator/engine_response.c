/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where a response ends: the write that completes it by its own framing, or, when the kernel did
 * not take all bytes at once, the moment it has them (HTTP-LIBUV.md section 2).
 */
#include "aggregator/engine_http.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_early.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_unparsed.h"
#include "aggregator/engine_websocket.h"

#include "symbolizer/base.h"

#define MAX_CONNECTIONS 65536

struct connection *connection_by_stream(struct engine *engine, uint64_t stream)
{
	struct connection *connection;

	HASH_FIND(hh, engine->connections, &stream, sizeof(stream), connection);
	return connection;
}

struct connection *connection_by_parser(struct engine *engine, uint64_t parser)
{
	struct connection *connection;

	HASH_FIND(parser_hh, engine->by_parser, &parser, sizeof(parser), connection);
	return connection;
}

void connection_free(struct engine *engine, struct connection *connection)
{
	HASH_DELETE(hh, engine->connections, connection);
	if (connection->parser)
		HASH_DELETE(parser_hh, engine->by_parser, connection);
	free(connection);
}

struct connection *connection_bind(struct engine *engine, uint64_t stream, uint64_t parser)
{
	struct connection *connection = connection_by_stream(engine, stream);
	struct connection *other = parser ? connection_by_parser(engine, parser) : NULL;

	if (other && other != connection) {
		HASH_DELETE(parser_hh, engine->by_parser, other);
		other->parser = 0;
	}
	if (!connection) {
		if (HASH_COUNT(engine->connections) >= MAX_CONNECTIONS) {
			engine->totals.forgotten++;
			return NULL;
		}
		connection = calloc(1, sizeof(*connection));
		if (!connection)
			return NULL;
		connection->stream = stream;
		HASH_ADD(hh, engine->connections, stream, sizeof(stream), connection);
	}
	if (connection->parser == parser || !parser)
		return connection;
	if (connection->parser)
		HASH_DELETE(parser_hh, engine->by_parser, connection);
	connection->parser = parser;
	HASH_ADD(parser_hh, engine->by_parser, parser, sizeof(parser), connection);
	return connection;
}

/* The response is over: nothing more will be written for this request. */
void request_ended(struct engine *engine, uint64_t serial, uint64_t ts, uint32_t flags)
{
	struct live_request *live = request_find(engine, serial);

	if (!live || live->ended)
		return;
	live->ended = true;
	live->request->flags |= flags;
	if (!live->request->sent_ns)
		live->request->sent_ns = ts;
	live->request->end_ns = ts;
}

static uint64_t queue_front(const struct connection *connection)
{
	return connection->n_queue ? connection->queue[0] : 0;
}

static void queue_pop(struct connection *connection)
{
	if (!connection->n_queue)
		return;
	connection->n_queue--;
	memmove(connection->queue, connection->queue + 1,
		connection->n_queue * sizeof(*connection->queue));
}

void response_complete(struct engine *engine, struct connection *connection, uint64_t ts,
		       uint32_t flags)
{
	struct live_request *live = request_find(engine, connection->writing);

	if (live && ts)
		live->request->sent_ns = ts;
	if (live)
		request_ended(engine, connection->writing, live->request->sent_ns, flags);
	connection->last_sent = connection->writing;
	connection->writing = 0;
	queue_pop(connection);
}

void request_flushed_at(struct live_request *live, uint64_t ts, uint32_t flags)
{
	if (live->unsure && flags & REQUEST_ABORTED)
		return;
	live->flushing = live->unsure = false;
	if (ts > live->request->sent_ns) /* else the events in between were lost */
		live->request->end_ns = ts;
	live->request->flags |= flags;
}

static void request_flushed(struct engine *engine, struct connection *connection, uint64_t ts,
			    uint32_t flags)
{
	struct live_request *live = request_find(engine, connection->flushing);

	connection->flushing = 0;
	if (live)
		request_flushed_at(live, ts, flags);
}

void connection_reused(struct engine *engine, struct connection *connection, uint32_t n_new)
{
	struct live_request *upgrader = request_find(engine, connection->upgraded);

	parser_id_close(engine, connection->thread, connection->parser_id);
	while (connection->n_queue > n_new) {
		request_ended(engine, queue_front(connection), engine->now,
			      REQUEST_LOSSY | REQUEST_END_APPROXIMATE);
		queue_pop(connection);
	}
	request_flushed(engine, connection, 0, REQUEST_LOSSY | REQUEST_END_APPROXIMATE);
	if (upgrader)
		upgrader->upgraded = false;
	connection->writing = 0;
	connection->queued = 0;
	connection->upgraded = 0;
	connection->n_beyond = 0;
}

/* The head of a response: how long will it be? */
static void response_begin(struct connection *connection, struct live_request *live,
			   const struct event *event)
{
	struct request *request = live->request;

	connection->writing = live->serial;
	connection->framing = event->framing;
	request->status = event->status;
	if (event->status == 101) {
		request->flags |= REQUEST_UPGRADED;
		live->upgraded = true;
		connection->upgraded = live->serial;
		connection->framing = BODY_NONE;
	}
	if (live->head || event->status == 204 || event->status == 304)
		connection->framing = BODY_NONE;
	connection->body_left = event->content_length + event->head_length;
}

static bool response_is_complete(struct connection *connection, const struct event *event)
{
	if (event->arg & NT_WRITE_CUT && connection->framing == BODY_LENGTH)
		connection->framing = BODY_UNKNOWN; /* how many bytes that were is not known */
	switch (connection->framing) {
	case BODY_NONE:
		return true;
	case BODY_LENGTH:
		if (connection->body_left > event->b) {
			connection->body_left -= event->b;
			return false;
		}
		return true;
	case BODY_CHUNKED:
		return event->arg & NT_WRITE_LAST_CHUNK;
	case BODY_UNKNOWN:
	case BODY_UNTIL_CLOSE:
		return false;
	}
	return false;
}

bool tls_note_write(struct tls_writes *writes, const struct event *event)
{
	if (!(event->arg & NT_WRITE_TLS)) {
		writes->cipher += event->b;
		writes->ts = event->ts;
		return false;
	}
	writes->told = event->arg & NT_WRITE_TLS_TOLD;
	writes->clear += event->b;
	return true;
}

uint64_t tls_written(struct tls_writes *writes, uint32_t queued, const struct event *event,
		     bool *ret_cut)
{
	uint64_t ts = writes->ts ? writes->ts : event->ts;

	*ret_cut = (int32_t)event->b < 0 && (queued || writes->cipher < writes->clear);
	writes->clear = writes->cipher = writes->ts = 0;
	return ts;
}

/* The last bytes of the response are on their way: the request ends when they are out. */
static void request_flushes(struct engine *engine, struct connection *connection)
{
	struct live_request *live = request_find(engine, connection->last_sent);

	if (!live)
		return;
	if (connection->flushing != live->serial) /* nobody saw that one end */
		request_flushed(engine, connection, 0, REQUEST_END_APPROXIMATE);
	connection->flushing = live->serial;
	live->flushing = true;
}

/* The head of a response; false when it is none of a known request, or an interim one. */
static bool response_starts(struct engine *engine, struct engine_thread *thread,
			    struct connection *connection, const struct event *event)
{
	struct live_request *live;

	if (!(event->arg & NT_WRITE_RESPONSE_HEAD))
		return false;
	if (event->status >= 100 && event->status < 200 && event->status != 101)
		return false; /* early hints, 100 continue */
	live = request_find(engine, queue_front(connection));
	if (!live)
		live = unparsed_refused(engine, thread, connection, event);
	if (live)
		response_begin(connection, live, event);
	else if (connection->n_beyond && !connection->n_queue)
		connection->n_beyond--;
	return live;
}

/* What became of the writes before a hole may have been lost in it: those are not waited for. */
static void note_write(struct connection *connection)
{
	if (!connection->thread)
		return;
	if (connection->thread->lost_number > connection->write_number)
		connection->queued = connection->last_sent = 0;
	connection->write_number = connection->thread->number;
}

bool http_stream_write(struct engine *engine, struct engine_thread *thread,
		       const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);
	struct live_request *live;

	if (!connection)
		connection = early_written(engine, thread, event);
	if (!connection)
		connection = unparsed_connection(engine, thread, event);
	if (!connection)
		return false;
	note_write(connection);
	if (connection->tls && !tls_note_write(&connection->tls_writes, event))
		return true;
	if (connection->upgraded)
		websocket_written(engine, connection, event);
	connection->last_sent = 0;
	if (!connection->writing && !response_starts(engine, thread, connection, event))
		return true;
	live = request_find(engine, connection->writing);
	if (live) {
		live->request->bytes_out += event->b;
		live->request->sent_ns = event->ts;
	}
	if (!response_is_complete(connection, event))
		return true;
	response_complete(engine, connection, event->ts, 0);
	if (connection->tls_writes.told)
		request_flushes(engine, connection);
	return true;
}

/* Follows the write that it belongs to at once, on the same stream. */
void http_stream_write_queued(struct engine *engine, const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);

	if (!connection)
		return;
	note_write(connection);
	connection->queued++;
	if (!connection->tls_writes.told)
		request_flushes(engine, connection);
}

void http_stream_write_flushed(struct engine *engine, const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);

	if (!connection || !connection->queued)
		return;
	connection->queued--;
	connection->tls_writes.ts = event->ts;
	if (!connection->queued && connection->flushing && !connection->tls_writes.told)
		request_flushed(engine, connection, event->ts, 0);
}

void http_tls_written(struct engine *engine, const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);
	uint64_t ts;
	bool cut;

	if (!connection || !connection->tls_writes.told)
		return;
	ts = tls_written(&connection->tls_writes, connection->queued, event, &cut);
	request_flushed(engine, connection, ts, cut ? REQUEST_ABORTED : 0);
}

uint64_t http_upgraded(struct engine *engine, uint64_t stream)
{
	const struct connection *connection = connection_by_stream(engine, stream);

	return connection ? connection->upgraded : 0;
}

void http_stream_shutdown(struct engine *engine, const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);

	if (connection && connection->writing && connection->framing >= BODY_UNTIL_CLOSE)
		response_complete(engine, connection, event->ts, 0);
}

void http_handle_close(struct engine *engine, const struct event *event)
{
	struct connection *connection = connection_by_stream(engine, event->a);
	uint32_t flags = REQUEST_ABORTED;
	struct live_request *live;

	early_forget(engine, event->a);
	if (!connection)
		return;
	if (connection->writing &&
	    (connection->framing == BODY_UNTIL_CLOSE || connection->framing == BODY_UNKNOWN))
		flags = connection->framing == BODY_UNKNOWN ? REQUEST_END_APPROXIMATE : 0;
	unparsed_closed(engine, connection, event);
	while (connection->n_queue) {
		request_ended(engine, queue_front(connection), event->ts, flags);
		flags = REQUEST_ABORTED;
		queue_pop(connection);
	}
	request_flushed(engine, connection, event->ts, REQUEST_ABORTED);
	live = request_find(engine, connection->upgraded);
	if (live) {
		live->upgraded = false;
		live->closed_ns = event->ts;
	}
	parser_id_close(engine, connection->thread, connection->parser_id);
	connection_free(engine, connection);
}
