/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_unparsed.h"

#include "symbolizer/base.h"

/* What node itself answers to what it cannot parse, or does not wait for any longer. */
static const uint32_t refusals[] = {400, 408, 413, 431};

static bool is_refusal(const struct event *event)
{
	if (!(event->arg & NT_WRITE_RESPONSE_HEAD))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (event->status == refusals[i])
			return true;
	return false;
}

/* A request of which is known what was parsed of it. No handler was called. */
static struct live_request *unparsed_begin(struct engine *engine, struct engine_thread *thread,
					   struct connection *connection, const struct event *event)
{
	const struct event begin = {
		.ts = event->ts,
		.tid = thread->tid,
		.b = (connection->begin_ts ? connection->method : UINT8_MAX) << 8,
	};
	struct live_request *live;

	if (thread->lost_number > connection->begin_number)
		return NULL; /* its headers may have been complete */
	if (!connection->begin_ts)
		connection->url_len = connection->url_flags = 0;
	if (http_request_begin(engine, thread, connection, &begin))
		return NULL;
	live = request_find(engine, engine->next_request);
	if (!live)
		return NULL;
	live->request->headers_ns = 0;
	live->request->flags &= ~(uint32_t)REQUEST_PARTIAL;
	live->request->flags |= REQUEST_UNPARSED;
	return live;
}

struct connection *unparsed_connection(struct engine *engine, struct engine_thread *thread,
				       const struct event *event)
{
	struct connection *connection = NULL;

	/* older ones: engine_early.c */
	if (is_refusal(event) && event->c > thread->first_counter)
		connection = connection_bind(engine, event->a, 0);
	if (!connection)
		return NULL;
	connection->tls = event->arg & NT_WRITE_TLS;
	connection->thread = thread;
	return connection;
}

struct live_request *unparsed_refused(struct engine *engine, struct engine_thread *thread,
				      struct connection *connection, const struct event *event)
{
	if (connection->n_queue || connection->n_beyond || connection->upgraded ||
	    !is_refusal(event))
		return NULL;
	if (event->arg & NT_WRITE_IN_BODY)
		return NULL; /* of a request that was answered before */
	return unparsed_begin(engine, thread, connection, event);
}

void unparsed_closed(struct engine *engine, struct connection *connection,
		     const struct event *event)
{
	if (connection->begin_ts && connection->thread)
		(void)unparsed_begin(engine, connection->thread, connection, event);
}
