/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_http2.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_begun.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/serials.h"
#include "symbolizer/base.h"

#define MAX_SESSIONS  65536
#define MAX_STREAMS   65536 /* of a session */
#define STREAM_NUMBER 0x7fffffffu
#define STATUS        0xffffu
#define CLIENT_OPENED 1 /* clients number their streams 1, 3, 5 … */

struct http2_stream {
	uint32_t number;
	struct http2_session *session;
	uint64_t begin_ts;
	uint64_t request; /* serial, 0 until its headers are complete */
	bool ended;       /* its last frame is on its way */
	UT_hash_handle hh;
};

struct http2_session {
	uint64_t address;
	uint64_t uv; /* stream below it */
	bool tls;
	uint64_t async_id; /* 0 unknown */
	struct engine_thread *thread;
	struct http2_stream *streams; /* by number */
	struct serials ending;        /* the next write holds their last bytes */
	struct serials sent;          /* the last write held them */
	struct serials flushing;      /* the kernel has not taken them yet */
	uint32_t queued;
	uint64_t write_number; /* of the thread's last event of a write */
	struct tls_writes tls_writes;
	UT_hash_handle hh;    /* by address */
	UT_hash_handle uv_hh; /* by uv */
};

static struct http2_session *session_by_address(struct engine *engine, uint64_t address)
{
	struct http2_session *session;

	HASH_FIND(hh, engine->sessions, &address, sizeof(address), session);
	return session;
}

static struct http2_session *session_by_uv(struct engine *engine, uint64_t uv)
{
	struct http2_session *session;

	HASH_FIND(uv_hh, engine->sessions_by_uv, &uv, sizeof(uv), session);
	return session;
}

static struct http2_stream *stream_find(struct http2_session *session, uint32_t number)
{
	struct http2_stream *stream;

	HASH_FIND(hh, session->streams, &number, sizeof(number), stream);
	return stream;
}

/* The stream that an event is of, NULL when it is not known. */
static struct http2_stream *stream_of(struct engine *engine, const struct event *event)
{
	struct http2_session *session = session_by_address(engine, event->a);

	return session ? stream_find(session, event->arg & STREAM_NUMBER) : NULL;
}

static void stream_free(struct http2_stream *stream)
{
	HASH_DEL(stream->session->streams, stream);
	free(stream);
}

static void session_free(struct engine *engine, struct http2_session *session)
{
	struct http2_stream *stream, *tmp;

	HASH_ITER (hh, session->streams, stream, tmp)
		stream_free(stream);
	HASH_DELETE(hh, engine->sessions, session);
	HASH_DELETE(uv_hh, engine->sessions_by_uv, session);
	free(session->ending.data);
	free(session->sent.data);
	free(session->flushing.data);
	free(session);
}

static struct http2_session *session_new(struct engine *engine, struct engine_thread *thread,
					 const struct event *event)
{
	struct http2_session *session;

	if (HASH_COUNT(engine->sessions) >= MAX_SESSIONS) {
		engine->totals.forgotten++;
		return NULL;
	}
	session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->address = event->a;
	session->uv = event->b;
	session->tls = event->arg & NT_HTTP2_TLS;
	session->thread = thread;
	HASH_ADD(hh, engine->sessions, address, sizeof(session->address), session);
	HASH_ADD(uv_hh, engine->sessions_by_uv, uv, sizeof(session->uv), session);
	return session;
}

/* The session that an event with the stream below it is of. Memory of both is recycled. */
static struct http2_session *session_of(struct engine *engine, struct engine_thread *thread,
					const struct event *event)
{
	struct http2_session *session = session_by_address(engine, event->a);

	if (session && session->uv == event->b && session->thread == thread)
		return session;
	if (session)
		http2_gone(engine, session->uv, event->ts);
	http2_gone(engine, event->b, event->ts);
	return session_new(engine, thread, event);
}

static struct http2_stream *stream_new(struct engine *engine, struct http2_session *session,
				       const struct event *event)
{
	uint32_t number = event->arg & STREAM_NUMBER;
	struct http2_stream *stream = stream_find(session, number);

	if (stream)
		return stream;
	if (HASH_COUNT(session->streams) >= MAX_STREAMS) {
		engine->totals.forgotten++;
		return NULL;
	}
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	stream->number = number;
	stream->session = session;
	stream->begin_ts = event->ts;
	HASH_ADD(hh, session->streams, number, sizeof(stream->number), stream);
	return stream;
}

static int http2_stream(struct engine *engine, struct engine_thread *thread,
			const struct event *event)
{
	struct http2_session *session =
		event->a && event->b ? session_of(engine, thread, event) : NULL;

	if (session && stream_new(engine, session, event))
		session->async_id = event->c;
	return 0; /* else there is nothing to tell it by, or too many at once: counted */
}

static int http2_headers(struct engine *engine, struct engine_thread *thread,
			 const struct event *event)
{
	struct http2_stream *stream = stream_of(engine, event);
	const char *space = strchr(event->text, ' ');
	struct request_start start;
	struct stream_id *id;
	struct live_request *live;

	if (!stream || stream->request || stream->session->thread != thread)
		return 0;
	start = (struct request_start){
		.ts = stream->begin_ts,
		.came_ts = url_came_ts(stream->begin_ts, (uint32_t)event->b),
		.method = http_method_find(event->text, space ? (size_t)(space - event->text) : 0),
		.url = space ? space + 1 : "",
		.url_len = space ? strlen(space + 1) : 0,
		.flags = url_flags(event->b),
		.protocol = PROTOCOL_HTTP_2,
		.tls = stream->session->tls,
	};
	live = request_begin(engine, thread, event, &start);
	if (!live)
		return -ENOMEM;
	stream->request = live->serial;
	if (stream->session->async_id <= thread->first_counter)
		begun_busy(thread);
	id = event->c ? stream_id_get(engine, thread, event->c) : NULL;
	if (id)
		id->upgraded = live->serial;
	thread->session_id = stream->session->async_id;
	thread->pending_stream = live->serial;
	thread->pending_number = thread->number;
	return 0;
}

void http2_scope_opened(struct engine *engine, struct engine_thread *thread, uint64_t id,
			uint64_t address)
{
	if (!thread->pending_stream)
		return;
	if (thread->session_id == id) {
		parser_id_serves(engine, thread, id, thread->pending_stream);
		thread->session_scope = address;
	}
	thread->pending_stream = 0;
}

void http2_scope_closed(struct engine *engine, struct engine_thread *thread, uint64_t address)
{
	if (thread->session_scope != address)
		return;
	parser_id_rests(engine, thread, thread->session_id);
	thread->session_scope = 0;
}

/* A response of a stream that was opened before the trace began. */
static struct http2_stream *stream_early(struct engine *engine, struct engine_thread *thread,
					 const struct event *event)
{
	const struct event begin = {.ts = engine->began, .tid = thread->tid};
	const struct request_start start = {.method = "?", .protocol = PROTOCOL_HTTP_2};
	struct http2_session *session;
	struct http2_stream *stream;
	struct live_request *live;

	if (!event->a || !event->b || !(event->arg & CLIENT_OPENED))
		return NULL;
	session = session_of(engine, thread, event);
	stream = session ? stream_new(engine, session, event) : NULL;
	if (!stream || stream->request)
		return stream;
	live = request_begin(engine, thread, &begin, &start);
	if (!live)
		return stream;
	live->request->tls = session->tls;
	live->request->headers_ns = 0; /* the handler was called before */
	stream->request = live->serial;
	return stream;
}

static void stream_ends(struct http2_stream *stream)
{
	if (stream->ended)
		return;
	stream->ended = true;
	serials_add(&stream->session->ending, stream->request);
}

static int http2_response(struct engine *engine, struct engine_thread *thread,
			  const struct event *event)
{
	struct http2_stream *stream = stream_of(engine, event);
	struct live_request *live;

	if (!stream)
		stream = stream_early(engine, thread, event);
	live = stream ? request_find(engine, stream->request) : NULL;
	if (!live)
		return 0;
	live->request->status = event->c & STATUS;
	if (event->c & NT_HTTP2_NO_BODY)
		stream_ends(stream);
	return 0;
}

static void http2_data(struct engine *engine, const struct event *event)
{
	struct http2_stream *stream = stream_of(engine, event);
	struct live_request *live = stream ? request_find(engine, stream->request) : NULL;

	if (!live)
		return;
	live->request->bytes_out += event->b;
	if (event->c)
		stream_ends(stream);
}

/* A reset without an error is an end too: node sends files so, without a frame that says it is the last. */
static void http2_close(struct engine *engine, const struct event *event)
{
	struct http2_stream *stream = stream_of(engine, event);
	const struct live_request *live = stream ? request_find(engine, stream->request) : NULL;

	if (!stream)
		return;
	if (live && live->request->status && !event->b)
		stream_ends(stream);
	if (event->b || !stream->ended)
		request_ended(engine, stream->request, event->ts, REQUEST_ABORTED);
	stream_free(stream);
}

int http2_observe(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	switch ((int)event->kind) {
	case NT_EVENT_HTTP2_STREAM:
		return http2_stream(engine, thread, event);
	case NT_EVENT_HTTP2_HEADERS:
		return http2_headers(engine, thread, event);
	case NT_EVENT_HTTP2_RESPONSE:
		return http2_response(engine, thread, event);
	case NT_EVENT_HTTP2_DATA:
		http2_data(engine, event);
		return 0;
	case NT_EVENT_HTTP2_CLOSE:
		http2_close(engine, event);
		return 0;
	}
	return 0;
}

/* What the last write held is on its way: those requests end when it is out. */
static void session_flushes(struct engine *engine, struct http2_session *session)
{
	struct live_request *live;

	for (size_t i = 0; i < session->sent.n; i++) {
		live = request_find(engine, session->sent.data[i]);
		if (!live)
			continue;
		live->flushing = true;
		serials_add(&session->flushing, live->serial);
	}
	session->sent.n = 0;
}

static void session_flushed(struct engine *engine, struct http2_session *session, uint64_t ts,
			    uint32_t flags)
{
	for (size_t i = 0; i < session->flushing.n; i++) {
		struct live_request *live = request_find(engine, session->flushing.data[i]);

		if (live)
			request_flushed_at(live, ts, flags);
	}
	session->flushing.n = 0;
}

/* What became of the writes before a hole may have been lost in it: those are not waited for. */
static void note_write(struct http2_session *session)
{
	if (session->thread->lost_number > session->write_number)
		session->queued = session->sent.n = session->flushing.n = 0;
	session->write_number = session->thread->number;
}

bool http2_written(struct engine *engine, const struct event *event)
{
	struct http2_session *session = session_by_uv(engine, event->a);
	struct live_request *live;

	if (!session)
		return false;
	note_write(session);
	if (session->tls && !tls_note_write(&session->tls_writes, event))
		return true;
	session->sent.n = 0;
	for (size_t i = 0; i < session->ending.n; i++) {
		live = request_find(engine, session->ending.data[i]);
		if (!live || live->ended)
			continue;
		/* without a status its response was not seen */
		request_ended(engine, live->serial, event->ts,
			      live->request->status ? 0 : REQUEST_PARTIAL);
		serials_add(&session->sent, live->serial);
	}
	session->ending.n = 0;
	if (session->tls_writes.told)
		session_flushes(engine, session);
	return true;
}

void http2_write_queued(struct engine *engine, const struct event *event)
{
	struct http2_session *session = session_by_uv(engine, event->a);

	if (!session)
		return;
	note_write(session);
	session->queued++;
	session_flushes(engine, session);
}

void http2_write_flushed(struct engine *engine, const struct event *event)
{
	struct http2_session *session = session_by_uv(engine, event->a);

	if (!session || !session->queued)
		return;
	session->queued--;
	session->tls_writes.ts = event->ts;
	if (!session->queued && !session->tls_writes.told)
		session_flushed(engine, session, event->ts, 0);
}

void http2_tls_written(struct engine *engine, const struct event *event)
{
	struct http2_session *session = session_by_uv(engine, event->a);
	uint64_t ts;
	bool cut;

	if (!session || !session->tls_writes.told)
		return;
	ts = tls_written(&session->tls_writes, session->queued, event, &cut);
	session_flushed(engine, session, ts, cut ? REQUEST_ABORTED : 0);
}

/* Whatever had not been written whole never will be. */
static void session_cut(struct engine *engine, struct http2_session *session, uint64_t ts)
{
	struct http2_stream *stream;

	for (stream = session->streams; stream; stream = stream->hh.next)
		request_ended(engine, stream->request, ts, REQUEST_ABORTED);
	for (size_t i = 0; i < session->ending.n; i++)
		request_ended(engine, session->ending.data[i], ts, REQUEST_ABORTED);
	session_flushed(engine, session, ts, REQUEST_ABORTED);
}

void http2_gone(struct engine *engine, uint64_t uv, uint64_t ts)
{
	struct http2_session *session = session_by_uv(engine, uv);

	if (!session)
		return;
	session_cut(engine, session, ts);
	parser_id_close(engine, session->thread, session->async_id);
	session_free(engine, session);
}

void http2_mark_threads(const struct engine *engine)
{
	const struct http2_session *session;

	for (session = engine->sessions; session; session = session->hh.next)
		session->thread->used = true;
}

void http2_done(struct engine *engine)
{
	struct http2_session *session, *tmp;

	HASH_ITER (hh, engine->sessions, session, tmp)
		session_free(engine, session);
}
