/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_early.h"

#include <stdlib.h>

#include "aggregator/engine_begun.h"

#include "symbolizer/base.h"

#define MAX_EARLY 4096

/* A connection older than the trace that was written to; what it is, the next bytes tell. */
struct early_stream {
	uint64_t stream;
	uint64_t last_ts;
	uint64_t bytes; /* cleartext when it is a TLS one */
	bool tls;
	UT_hash_handle hh;
};

static struct early_stream *early_find(struct engine *engine, uint64_t stream)
{
	struct early_stream *early;

	HASH_FIND(hh, engine->early, &stream, sizeof(stream), early);
	return early;
}

void early_forget(struct engine *engine, uint64_t stream)
{
	struct early_stream *early = engine->early ? early_find(engine, stream) : NULL;

	if (!early)
		return;
	HASH_DEL(engine->early, early);
	free(early);
}

static struct live_request *early_request(struct engine *engine, struct engine_thread *thread,
					  struct connection *connection)
{
	const struct event event = {.ts = engine->began, .tid = thread->tid, .b = UINT8_MAX << 8};
	struct live_request *live;

	begun_busy(thread);
	connection->begin_ts = 0;
	connection->url_len = connection->url_flags = 0;
	if (http_request_begin(engine, thread, connection, &event))
		return NULL;
	live = request_find(engine, engine->next_request);
	if (live)
		live->request->headers_ns = 0; /* the handler was called before */
	return live;
}

/* Bytes of something: of a response when a request comes from there later. */
static void early_note(struct engine *engine, const struct event *event)
{
	struct early_stream *early = early_find(engine, event->a);

	if (!early) {
		if (HASH_COUNT(engine->early) >= MAX_EARLY) {
			engine->totals.forgotten++;
			return;
		}
		early = calloc(1, sizeof(*early));
		if (!early)
			return;
		early->stream = event->a;
		HASH_ADD(hh, engine->early, stream, sizeof(early->stream), early);
	}
	if (event->arg & NT_WRITE_TLS && !early->tls) {
		early->tls = true;
		early->bytes = 0;
	}
	if (!early->tls || event->arg & NT_WRITE_TLS)
		early->bytes += event->b;
	early->last_ts = event->ts;
}

struct connection *early_written(struct engine *engine, struct engine_thread *thread,
				 const struct event *event)
{
	struct connection *connection;

	if (!event->c || event->c > thread->first_counter)
		return NULL; /* accepted since: all of it was seen */
	if (event->arg & NT_WRITE_REQUEST_HEAD) {
		early_forget(engine, event->a);
		return NULL;
	}
	if (!(event->arg & NT_WRITE_RESPONSE_HEAD)) {
		early_note(engine, event);
		return NULL;
	}
	if (event->status >= 100 && event->status < 200 && event->status != 101)
		return NULL;
	early_forget(engine, event->a);
	connection = connection_bind(engine, event->a, 0);
	if (!connection)
		return NULL;
	connection->tls = event->arg & NT_WRITE_TLS;
	connection->thread = thread;
	connection->early = true;
	if (early_request(engine, thread, connection))
		return connection;
	connection_free(engine, connection);
	return NULL;
}

void early_bound(struct engine *engine, struct engine_thread *thread, uint64_t stream)
{
	struct early_stream *early = engine->early ? early_find(engine, stream) : NULL;
	struct connection *connection = early ? connection_by_stream(engine, stream) : NULL;
	struct live_request *live;

	if (!connection)
		return;
	live = early_request(engine, thread, connection);
	if (live) {
		live->request->bytes_out = early->bytes;
		connection->writing = live->serial;
		live->request->sent_ns = early->last_ts;
		response_complete(engine, connection, 0, REQUEST_END_APPROXIMATE);
	}
	early_forget(engine, stream);
}

void early_done(struct engine *engine)
{
	struct early_stream *early, *tmp;

	HASH_ITER (hh, engine->early, early, tmp) {
		HASH_DEL(engine->early, early);
		free(early);
	}
}
