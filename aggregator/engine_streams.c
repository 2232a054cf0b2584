/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Connections whose data JavaScript reads: which requests wrote to them (ENGINE.md, "streams"). */
#include <errno.h>
#include <stdlib.h>

#include "aggregator/engine_clients.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_state.h"
#include "aggregator/engine_time.h"
#include "aggregator/engine_websocket.h"

#define MAX_STREAMS 65536

struct stream_id *stream_id_find(struct engine *engine, const struct engine_thread *thread,
				 uint64_t id)
{
	struct id_key key = {.id = id, .thread = thread};
	struct stream_id *stream;

	HASH_FIND(hh, engine->streams, &key, sizeof(key), stream);
	return stream;
}

struct stream_id *stream_id_get(struct engine *engine, const struct engine_thread *thread,
				uint64_t id)
{
	struct stream_id *stream = stream_id_find(engine, thread, id);

	if (stream)
		return stream;
	if (HASH_COUNT(engine->streams) >= MAX_STREAMS) {
		stream = engine->streams; /* the oldest */
		engine->totals.forgotten++;
		HASH_DEL(engine->streams, stream);
		free(stream);
	}
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	stream->id = id;
	stream->thread = thread;
	HASH_ADD(hh, engine->streams, id, sizeof(struct id_key), stream);
	return stream;
}

void streams_forget(struct engine *engine, const struct engine_thread *thread, uint64_t below)
{
	struct stream_id *stream, *tmp;

	HASH_ITER (hh, engine->streams, stream, tmp) {
		if (stream->thread != thread || stream->id >= below ||
		    request_find(engine, stream->upgraded))
			continue;
		HASH_DEL(engine->streams, stream);
		free(stream);
	}
}

/* Answers that relied on it having one user are void. */
static void stream_shared(struct engine_thread *thread, struct stream_id *stream)
{
	stream->shared = true;
	thread->version++;
}

void stream_written(struct engine *engine, struct engine_thread *thread, uint64_t id,
		    const struct context *context)
{
	struct stream_id *stream = id ? stream_id_get(engine, thread, id) : NULL;
	struct owner owner;

	if (!stream)
		return;
	if (stream->shared)
		return;
	owner = owner_of_exact(engine, thread, context, thread->number);
	if (!owner.request || (stream->request && stream->request != owner.request))
		stream_shared(thread, stream);
	stream->request = owner.request;
}

int stream_read(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	struct stream_id *stream = event->c ? stream_id_get(engine, thread, event->c) : NULL;

	if (event->c && !stream)
		return -ENOMEM;
	thread->read_stream = event->a;
	time_read(thread, event);
	if (stream && !stream->upgraded)
		stream->upgraded = http_upgraded(engine, event->a);
	websocket_read(engine, event);
	client_read(engine, event);
	return 0;
}
