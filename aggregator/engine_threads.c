/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Threads that have ended. Nothing says that one has; but one that showed nothing for a while, and
 * that nothing under way refers to, can be forgotten: should it come back, it is met anew.
 */
#include "aggregator/engine_threads.h"

#include <stdlib.h>

#include "aggregator/engine_context.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_http2.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_parsers.h"
#include "symbolizer/base.h"

#define KEEP_THREADS 256
#define SILENT_NS    (10 * NS_PER_SEC)

static void mark_used(struct engine *engine)
{
	const struct connection *connection;
	const struct port_message *message;
	struct live_request *request;
	struct engine_thread *thread;
	const struct live_op *op;

	for (thread = engine->threads; thread; thread = thread->hh.next)
		thread->used = engine->now - thread->heard_ts < SILENT_NS;
	for (op = engine->ops; op; op = op->hh.next)
		op->thread->used = true;
	DL_FOREACH(engine->request_list, request)
	request->thread->used = true;
	for (message = engine->messages; message; message = message->hh.next)
		message->sender->used = true;
	for (connection = engine->connections; connection; connection = connection->hh.next)
		if (connection->thread)
			connection->thread->used = true;
	http2_mark_threads(engine);
}

static void forget_parser_ids(struct engine *engine)
{
	struct parser_id *parser, *tmp;

	HASH_ITER (hh, engine->parsers, parser, tmp) {
		if (parser->thread->used)
			continue;
		if (parser->closed_ns)
			DL_DELETE(engine->closed_parsers, parser);
		parser_id_free(engine, parser);
	}
}

static void forget_stream_ids(struct engine *engine)
{
	struct stream_id *stream, *tmp;

	HASH_ITER (hh, engine->streams, stream, tmp) {
		if (stream->thread->used)
			continue;
		HASH_DEL(engine->streams, stream);
		free(stream);
	}
}

static void forget_job_ids(struct engine *engine)
{
	struct job_id *jobs, *tmp;

	HASH_ITER (hh, engine->jobs, jobs, tmp) {
		if (jobs->thread->used)
			continue;
		HASH_DEL(engine->jobs, jobs);
		free(jobs);
	}
}

/* Ports of the forgotten, and what they sent to others: whose that was is not asked any more. */
static void forget_port_ids(struct engine *engine)
{
	struct port_id *port, *tmp;

	HASH_ITER (hh, engine->ports, port, tmp) {
		if (!port->thread->used) {
			HASH_DEL(engine->ports, port);
			free(port);
			continue;
		}
		for (uint32_t i = 0; i < MAX_PORT_MESSAGES; i++) {
			struct port_message *message = &port->messages[i];

			if (!message->sender || message->sender->used)
				continue;
			message->sender = port->thread;
			message->context = context_unknown;
		}
	}
}

void threads_forget(struct engine *engine)
{
	struct engine_thread *thread, *tmp;

	if (HASH_COUNT(engine->threads) < KEEP_THREADS)
		return;
	mark_used(engine);
	forget_parser_ids(engine);
	forget_stream_ids(engine);
	forget_job_ids(engine);
	forget_port_ids(engine);
	for (thread = engine->threads; thread; thread = thread->hh.next)
		if (thread->has_received && !thread->received.sender->used)
			thread->has_received = false;
	HASH_ITER (hh, engine->threads, thread, tmp) {
		if (thread->used)
			continue;
		HASH_DEL(engine->threads, thread);
		thread_done(thread);
		free(thread);
	}
}
