/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * HTTP/1: where a request begins, and when it is handed out. A request is made when its headers are
 * complete, or never will be (engine_unparsed.c).
 */
#include "aggregator/engine_http.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/around.h"
#include "aggregator/engine_begun.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_early.h"
#include "aggregator/engine_http2.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_present.h"
#include "aggregator/engine_samples.h"
#include "aggregator/engine_time.h"

#include "symbolizer/base.h"

/* A request is held back this long after the end of all of it, for what callbacks still start … */
#define SETTLE_NS (50 * NS_PER_MS)
/* … and this long when the callback that ended it goes on: what that does is its as well. */
#define HOLD_NS        (60 * NS_PER_SEC)
#define KEEP_PARSER_NS (5 * NS_PER_SEC)
#define MAX_RUNS       1024

struct live_request *request_find(struct engine *engine, uint64_t serial)
{
	struct live_request *live;

	HASH_FIND(hh, engine->requests, &serial, sizeof(serial), live);
	return live;
}

/* The first part of a url is the first that is seen of a request. */
static void message_begin(struct engine *engine, struct engine_thread *thread,
			  struct connection *connection, const struct event *event)
{
	if (connection->thread && connection->thread != thread) {
		/* its address is another thread's by now, where the number means something else */
		connection_reused(engine, connection, 0);
		connection->parser_id = 0;
	}
	connection->tls = event->arg & NT_URL_TLS;
	connection->begin_ts = event->ts;
	connection->came_ts = url_came_ts(event->ts, event->arg);
	connection->method = event->c & 0xff ? event->c >> 8 & 0xff : UINT8_MAX;
	connection->begin_number = thread->number;
	connection->thread = thread;
	connection->url_len = 0;
	connection->url_flags = 0;
	/* framing unknown: the next request on the connection proves that the response is over;
	 * so it does when it may have been one to HEAD, whose length says nothing */
	if (connection->writing && (connection->framing == BODY_UNKNOWN || connection->early))
		response_complete(engine, connection, 0, REQUEST_END_APPROXIMATE);
	connection->early = false;
}

/* What was seen to begin, and what is seen now: there may be a request's end and another's beginning between. */
static bool begin_is_lost(const struct engine_thread *thread, const struct connection *connection)
{
	return connection->begin_ts && thread->lost_number > connection->begin_number;
}

int http_message_url(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	struct connection *connection;
	uint32_t room, len;

	if (!event->a || !event->b)
		return 0;
	connection = connection_bind(engine, event->b, event->a);
	if (!connection)
		return 0; /* too many at once: counted */
	early_bound(engine, thread, event->b);
	http2_gone(engine, event->b, event->ts);
	if (!connection->begin_ts || begin_is_lost(thread, connection))
		message_begin(engine, thread, connection, event);
	room = MAX_URL - 1 - connection->url_len;
	len = event->text_len < room ? event->text_len : room;
	/* a query that was cut in one piece goes on in the next: drop that too */
	if (!(connection->url_flags & REQUEST_QUERY_DROPPED)) {
		memcpy(connection->url + connection->url_len, event->text, len);
		connection->url_len += len;
	}
	if (event->arg & NT_URL_CUT || len < event->text_len)
		connection->url_flags |= REQUEST_URL_TRUNCATED;
	if (event->arg & NT_URL_QUERY_DROPPED)
		connection->url_flags |= REQUEST_QUERY_DROPPED;
	return 0;
}

static struct request *request_new(struct engine *engine, const struct event *event,
				   const struct request_start *start)
{
	struct arena *arena = arena_new();
	struct request *request = arena ? arena_alloc(arena, sizeof(*request)) : NULL;
	const char *url = start->url_len ? start->url : "?";
	size_t url_len = start->url_len ? start->url_len : 1;

	if (request)
		request->url = arena_copy(arena, url, url_len);
	if (!request || !request->url) {
		arena_free(arena);
		return NULL;
	}
	request->arena = arena;
	request->pid = engine->options.pid;
	request->tid = event->tid;
	request->method = start->method;
	request->read_ns = start->ts;
	request->start_ns = start->ts ? start->ts : event->ts;
	if (start->came_ts)
		request->start_ns = start->came_ts;
	request->headers_ns = event->ts;
	request->flags = start->flags;
	request->protocol = start->protocol;
	request->tls = start->tls;
	if (!start->ts || !start->url_len)
		request->flags |= REQUEST_PARTIAL;
	return request;
}

struct live_request *request_begin(struct engine *engine, struct engine_thread *thread,
				   const struct event *event, const struct request_start *start)
{
	struct live_request *live;

	live = calloc(1, sizeof(*live));
	if (!live)
		return NULL;
	live->request = request_new(engine, event, start);
	if (!live->request) {
		free(live);
		return NULL;
	}
	live->serial = live->request->id = live->request->serial = ++engine->next_request;
	live->thread = thread;
	live->start_counter = thread->last_counter;
	live->start_number = thread->number;
	live->start_serial = thread->serial;
	HASH_ADD(hh, engine->requests, serial, sizeof(live->serial), live);
	DL_APPEND(engine->request_list, live);
	return live;
}

int http_request_begin(struct engine *engine, struct engine_thread *thread,
		       struct connection *connection, const struct event *event)
{
	struct live_request *live;

	live = request_begin(
		engine, thread, event,
		&(struct request_start){
			.ts = connection->begin_ts,
			.came_ts = connection->came_ts,
			.method = http_method_name(event->b >> 8 & 0xff),
			.url = connection->url,
			.url_len = connection->url_len,
			.flags = connection->url_flags,
			.protocol = protocol_of_http(event->b >> 16 & 0xff, event->b >> 24 & 0xff),
			.tls = connection->tls,
		});
	if (!live)
		return -ENOMEM;
	live->stream = connection->stream;
	live->head = (event->b >> 8 & 0xff) == HTTP_METHOD_HEAD;
	if (connection->n_queue < MAX_QUEUE && !connection->n_beyond) {
		connection->queue[connection->n_queue++] = live->serial;
	} else {
		connection->n_beyond++;
		request_ended(engine, live->serial, event->ts, REQUEST_END_APPROXIMATE);
	}
	connection->begin_ts = connection->came_ts = 0;
	connection->url_len = 0;
	return 0;
}

int http_message_headers(struct engine *engine, struct engine_thread *thread,
			 const struct event *event)
{
	struct connection *connection = connection_by_parser(engine, event->a);
	int err;

	if (!connection) /* its beginning was not seen: attached in the middle of it */
		return 0;
	if (begin_is_lost(thread, connection)) {
		connection->begin_ts = connection->came_ts = 0;
		connection->url_len = connection->url_flags = 0;
	}
	err = http_request_begin(engine, thread, connection, event);
	if (err)
		return err;
	thread->pending_request = engine->next_request;
	thread->pending_number = thread->number;
	return 0;
}

/* False when the id is known to be something else: the headers' own scope was lost. */
static bool is_parser(const struct engine_thread *thread, uint64_t id)
{
	const struct id_record *record = id_peek(thread, id);

	return !record || !record->type || !strcmp(record->wrap, "HTTPINCOMINGMESSAGE");
}

void http_bind_parser(struct engine *engine, struct engine_thread *thread, uint64_t id)
{
	struct connection *connection;
	struct live_request *live;

	if (!thread->pending_request || !is_parser(thread, id))
		return;
	if (id <= thread->first_counter)
		begun_busy(thread);
	live = request_find(engine, thread->pending_request);
	connection = live ? connection_by_stream(engine, live->stream) : NULL;
	if (connection && connection->parser_id && connection->parser_id != id)
		connection_reused(engine, connection, 1);
	if (connection) {
		connection->parser_id = id;
		connection->thread = thread;
	}
	parser_id_serves(engine, thread, id, thread->pending_request);
	thread->pending_request = 0;
}

static void forget_parsers(struct engine *engine)
{
	struct parser_id *parser = engine->closed_parsers;

	while (parser &&
	       engine->now - parser->closed_ns > engine->options.linger_ns + KEEP_PARSER_NS) {
		DL_DELETE(engine->closed_parsers, parser);
		parser_id_free(engine, parser);
		parser = engine->closed_parsers;
	}
}

void http_mark_lossy(struct engine *engine, struct engine_thread *thread)
{
	struct live_request *live;

	DL_FOREACH(engine->request_list, live)
	if (live->thread == thread)
		live->request->flags |= REQUEST_LOSSY;
}

void http_lost(struct engine *engine, struct engine_thread *thread)
{
	struct live_request *live;

	http_mark_lossy(engine, thread);
	DL_FOREACH(engine->request_list, live)
	{
		if (live->thread != thread || !live->flushing)
			continue;
		request_flushed_at(live, thread->last_ts, REQUEST_END_APPROXIMATE);
		live->unsure = true;
	}
}

/* Appends a run, or stretches the last one when it follows without a break or the list is full. */
void run_append(struct span **runs, uint32_t *n, uint32_t *capacity, const struct span *run)
{
	struct span *last = *n ? &(*runs)[*n - 1] : NULL;
	size_t room = *capacity;

	if (last && (run->start_ns <= last->end_ns || *n >= MAX_RUNS)) {
		if (run->end_ns > last->end_ns)
			last->end_ns = run->end_ns;
		return;
	}
	if (array_reserve(runs, &room, *n, sizeof(**runs)) || !*runs)
		return;
	*capacity = room;
	(*runs)[(*n)++] = *run;
}

static uint64_t sum_runs(const struct span *runs, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += runs[i].end_ns - runs[i].start_ns;
	return sum;
}

static void request_free_live(struct engine *engine, struct live_request *live)
{
	HASH_DELETE(hh, engine->requests, live);
	DL_DELETE(engine->request_list, live);
	free(live->samples);
	free(live);
}

/* What its callback did until now, that is not over or of which no event told yet. */
static void request_add_present(struct engine *engine, struct live_request *live)
{
	struct present_run runs[PRESENT_MAX];
	size_t n;

	if (live->thread->running.request == live->serial)
		flush_run(engine, live->thread);
	n = present_runs(engine, live, runs);
	for (size_t i = 0; i < n; i++)
		op_add_run(engine, live->serial, runs[i].op, &runs[i].span);
}

/* Moves what was gathered into the request's arena and hands it out. */
static void request_hand_over(struct engine *engine, struct live_request *live)
{
	struct request *request = live->request;
	struct span *runs;

	request_add_present(engine, live);
	runs = request->runs;
	if (!live->ended) {
		request->flags |= REQUEST_OPEN;
		request->end_ns = engine->now > request->start_ns ? engine->now : request->start_ns;
	}
	if (request->end_ns < request->start_ns)
		request->end_ns = request->start_ns;
	request->runs = arena_alloc(request->arena, request->n_runs * sizeof(*runs));
	if (request->runs && runs)
		memcpy(request->runs, runs, request->n_runs * sizeof(*runs));
	else
		request->n_runs = 0;
	free(runs);
	request->cpu_ns = sum_runs(request->runs, request->n_runs);
	(void)ops_hand_over(engine, live);
	(void)samples_hand_over(engine, live);
	for (uint32_t i = 0; i < request->n_ops; i++)
		request->cpu_ns += sum_runs(request->ops[i].runs, request->ops[i].n_runs);
	if (!engine->options.no_labels)
		(void)time_label(live->thread, request);
	if (engine->options.around)
		(void)around_find(request, &live->thread->running.history, &engine->pool);
	request->bytes = arena_bytes(request->arena);
	engine->totals.requests++;
	request_free_live(engine, live);
	engine->output.on_request(engine->output.user, request);
}

bool request_is_settled(const struct engine *engine, const struct live_request *live)
{
	uint64_t end = live->request->end_ns;

	if (!live->ended || live->flushing || live->upgraded || engine->now < end)
		return false;
	if (engine->now - end >= engine->options.linger_ns)
		return engine->now - end >= HOLD_NS || !present_is_running(engine, live);
	if (live->unsure)
		return false;
	if (live->quiet_ns > end)
		end = live->quiet_ns;
	return !live->n_open && engine->now - end >= SETTLE_NS && !present_is_running(engine, live);
}

void http_sweep(struct engine *engine, bool all)
{
	struct live_request *live, *tmp;

	DL_FOREACH_SAFE(engine->request_list, live, tmp)
	if (all || request_is_settled(engine, live))
		request_hand_over(engine, live);
	else
		ops_fold_excess(engine, live);
	forget_parsers(engine);
}

void http_done(struct engine *engine)
{
	struct live_request *live, *live_tmp;
	struct connection *connection, *tmp;

	HASH_ITER (hh, engine->connections, connection, tmp)
		connection_free(engine, connection);
	http2_done(engine);
	DL_FOREACH_SAFE(engine->request_list, live, live_tmp)
	{
		free(live->request->runs);
		request_free(live->request);
		request_free_live(engine, live);
	}
}
