/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Events in: dispatch, and the kinds that change who executes. */
#include "aggregator/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_births.h"
#include "aggregator/engine_clients.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_early.h"
#include "aggregator/engine_fronts.h"
#include "aggregator/engine_holes.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_http2.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_kept.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_ports.h"
#include "aggregator/engine_scopes.h"
#include "aggregator/engine_sources.h"
#include "aggregator/engine_stuck.h"
#include "aggregator/engine_threads.h"
#include "aggregator/engine_time.h"
#include "aggregator/engine_timers.h"
#include "aggregator/engine_wait.h"
#include "aggregator/engine_websocket.h"
#include "symbolizer/base.h"

#define FORGET_EVERY   8192 /* events of a thread */
#define SWEEP_EVERY_NS (10 * NS_PER_MS)

static struct context on_tick_boundary(struct engine *engine, struct engine_thread *thread,
				       const struct event *event, struct context at)
{
	uint64_t ids[EVENT_MAX_CANDIDATES];
	uint32_t n;

	if (!in_phase(thread))
		return at;
	thread->boundary_tick = event->tick;
	thread->next = 0;
	if (event->a) { /* also where no microtasks follow */
		thread->adrift = false;
		at = timer_next(thread, event->a, event->b);
	}
	n = undone_candidates(thread, event, ids);
	if (n == 1) {
		thread->next = ids[0];
	} else if (n == 2 && thread->first_boundary) {
		mark_done(thread, ids[0]); /* the smaller one has just run */
		op_timer_ran(engine, thread, ids[0], event->ts);
		immediate_seen(engine, thread, ids[0], event->ts);
		thread->next = ids[1];
	}
	thread->first_boundary = false;
	/* no tick waits here, and a node that has no microtasks need not begin to run them */
	return thread->next ? context_id(thread->next) : at;
}

static struct context on_microtasks_begin(struct engine_thread *thread, const struct event *event)
{
	thread->microtask_counter = event->counter;
	thread->in_microtasks = true;
	thread->adrift = false;
	thread->token = 0;
	thread->microtask_exec = event->exec;
	return context_token(0);
}

static struct context on_microtasks_end(struct engine *engine, struct engine_thread *thread,
					const struct event *event)
{
	struct context post = context_id(event->exec);

	kept_ran(thread, thread->token);
	thread->in_microtasks = thread->adrift = false;
	thread->token = 0;
	if (in_phase(thread) && post.kind == CONTEXT_TOP && event->arg & NT_MICROTASKS_READ)
		return timer_called(engine, thread, event->a, event->b, event->ts);
	if (!in_phase(thread) || post.kind != CONTEXT_TOP || !thread->next)
		return post;
	/* ticks made by the microtasks run before the next timer: then nobody knows */
	if (event->counter != thread->microtask_counter && (thread->boundary_tick || event->tick))
		return post;
	mark_done(thread, thread->next);
	op_timer_ran(engine, thread, thread->next, event->ts);
	immediate_seen(engine, thread, thread->next, event->ts);
	return context_id(thread->next);
}

static int on_token_register(struct engine_thread *thread, const struct event *event,
			     const struct context *at)
{
	struct token_record *record = paged_get(&thread->tokens, event->a);

	if (!record)
		return event->a ? -EBADMSG : 0;
	memset(record, 0, sizeof(*record));
	record->context = *at;
	record->asof = thread->number;
	return 0;
}

/* A continuation of which only the birth of its object is known gets a token here. */
static uint64_t token_born(struct engine_thread *thread, const struct event *event)
{
	uint64_t token = thread->n_born_tokens + 1;
	struct token_record *record = event->n_births ? paged_get(&thread->tokens, token) : NULL;

	if (!record)
		return 0;
	memset(record, 0, sizeof(*record));
	record->context.kind = CONTEXT_BIRTH;
	record->context.id = birth_number(thread, event->births[0]);
	record->asof = thread->number;
	return ++thread->n_born_tokens;
}

/* Kinds that change who executes. Returns true when this is one, with who executes then. */
static bool moves_context(struct engine *engine, struct engine_thread *thread,
			  const struct event *event, struct context *post)
{
	switch ((int)event->kind) {
	case NT_EVENT_SCOPE_OPEN:
		*post = scope_open(engine, thread, event);
		return true;
	case NT_EVENT_SCOPE_CLOSE:
		*post = scope_close(engine, thread, event);
		return true;
	case NT_EVENT_TICK_BOUNDARY:
		*post = on_tick_boundary(engine, thread, event, *post);
		return true;
	case NT_EVENT_MICROTASKS_BEGIN:
		*post = on_microtasks_begin(thread, event);
		return true;
	case NT_EVENT_MICROTASKS_END:
		*post = on_microtasks_end(engine, thread, event);
		return true;
	case NT_EVENT_TOKEN_RUN:
		kept_ran(thread, thread->token);
		if (thread->adrift) /* their beginning was lost */
			(void)on_microtasks_begin(thread, event);
		thread->token = event->a ? event->a : token_born(thread, event);
		*post = context_at(thread, event->exec);
		return true;
	case NT_EVENT_PHASE:
		thread->adrift = false;
		thread->phase = (enum nt_phase)event->arg;
		time_phase(thread);
		thread->first_timer = thread->phase == NT_PHASE_TIMERS ? event->a : 0;
		thread->first_trigger = event->b;
		if (thread->phase == NT_PHASE_TIMERS)
			timers_due(engine, thread, event->ts);
		if (thread->phase != NT_PHASE_IMMEDIATES)
			return true;
		timers_turn(engine, thread, event->ts);
		immediates_due(engine, thread, event->ts);
		return true;
	default:
		return false;
	}
}

static int on_stream_write(struct engine *engine, struct engine_thread *thread,
			   const struct event *event, const struct context *at)
{
	if (http2_written(engine, event) || http_stream_write(engine, thread, event))
		return 0;
	return client_write(engine, thread, event, at);
}

/* What became of a write. */
static void on_written(struct engine *engine, const struct event *event)
{
	switch ((int)event->kind) {
	case NT_EVENT_STREAM_WRITE_QUEUED:
		http_stream_write_queued(engine, event);
		http2_write_queued(engine, event);
		break;
	case NT_EVENT_STREAM_WRITE_FLUSHED:
		http_stream_write_flushed(engine, event);
		http2_write_flushed(engine, event);
		break;
	default:
		http_tls_written(engine, event);
		http2_tls_written(engine, event);
		break;
	}
}

/* What the event says beyond who executes: operations and requests. */
static int observe(struct engine *engine, struct engine_thread *thread, const struct event *event,
		   const struct context *at)
{
	switch ((int)event->kind) {
	case NT_EVENT_INIT:
		return ops_init(engine, thread, event, at);
	case NT_EVENT_TIMER_NOW:
		return ops_timer(engine, thread, event, at);
	case NT_EVENT_TOKEN_REGISTER:
		return on_token_register(thread, event, at);
	case NT_EVENT_MESSAGE_URL:
		return http_message_url(engine, thread, event);
	case NT_EVENT_MESSAGE_HEADERS:
		return http_message_headers(engine, thread, event);
	case NT_EVENT_STREAM_WRITE:
		return on_stream_write(engine, thread, event, at);
	case NT_EVENT_STREAM_WRITE_QUEUED:
	case NT_EVENT_STREAM_WRITE_FLUSHED:
	case NT_EVENT_TLS_WRITTEN:
		on_written(engine, event);
		return 0;
	case NT_EVENT_STREAM_SHUTDOWN:
		http_stream_shutdown(engine, event);
		return 0;
	case NT_EVENT_STREAM_READ:
		return stream_read(engine, thread, event);
	case NT_EVENT_HANDLE_CLOSE:
		http_handle_close(engine, event);
		client_closed(engine, event->a, event->ts);
		http2_gone(engine, event->a, event->ts);
		ops_handle_closed(engine, thread, event);
		return 0;
	case NT_EVENT_WORK_SUBMIT:
		return ops_work_submit(engine, thread, event, at);
	case NT_EVENT_WORK_DONE:
		ops_work_done(engine, event);
		return 0;
	case NT_EVENT_CONNECT:
		return client_connect(engine, thread, event, at);
	case NT_EVENT_CONNECT_DONE:
		client_connected(engine, event);
		return 0;
	case NT_EVENT_FD_CLOSED:
		file_closed(engine, event->arg);
		return 0;
	case NT_EVENT_PORT_POST:
		return port_post(engine, thread, event, at);
	case NT_EVENT_PORT_RECEIVE:
		port_receive(engine, thread, event);
		return 0;
	case NT_EVENT_FS_SYNC:
		time_blocked(engine, thread, event, at);
		return 0;
	case NT_EVENT_SPAWN:
		return ops_spawn(engine, thread, event, at);
	case NT_EVENT_DNS_QUERY:
		return ops_dns_query(engine, thread, event);
	default:
		return http2_observe(engine, thread, event);
	}
}

static struct engine_thread *thread_find(struct engine *engine, uint32_t tid)
{
	struct engine_thread *thread;

	HASH_FIND(hh, engine->threads, &tid, sizeof(tid), thread);
	if (thread)
		return thread;
	threads_forget(engine);
	if (HASH_COUNT(engine->threads) >= MAX_THREADS)
		return NULL;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->tid = tid;
	paged_init(&thread->ids, sizeof(struct id_record));
	paged_init(&thread->tokens, sizeof(struct token_record));
	births_init(thread);
	HASH_ADD(hh, engine->threads, tid, sizeof(thread->tid), thread);
	return thread;
}

static int feed_thread(struct engine *engine, struct engine_thread *thread,
		       const struct event *event)
{
	struct context at, post;
	int err;

	thread->number++;
	wait_over(thread, event);
	err = advance(engine, thread, event, &at);
	if (err)
		return err;
	post = at;
	at.sight = sight_note(thread, event);
	if (moves_context(engine, thread, event, &post))
		sight_forget(thread);
	else
		err = observe(engine, thread, event, &at);
	thread->post = post;
	thread->last_ts = event->ts;
	if (post.kind == CONTEXT_TOP)
		flush_run(engine, thread);
	if (thread->number % FORGET_EVERY == 0)
		thread_forget(engine, thread);
	return err;
}

int engine_feed(struct engine *engine, const struct event *event)
{
	struct engine_thread *thread = thread_find(engine, event->tid);
	int err = 0;

	if (event->kind == NT_EVENT_PEER) /* in no order with what the thread does */
		return client_peer(engine, event);
	if (event->kind == NT_EVENT_LOOP_WAITS) { /* the same */
		if (thread)
			wait_told(thread, event);
		return 0;
	}
	engine->totals.events++;
	if (!engine->began)
		engine->began = event->ts;
	engine_tick(engine, event->ts); /* before the event: live or replayed, it finds the same */
	if (!thread) {                  /* more threads than anybody has, or no memory for one */
		engine->totals.forgotten++;
		return 0;
	}
	thread->heard_ts = engine->now;
	if (event->kind == NT_EVENT_PREEMPTED) /* has no place among the others */
		return event->b > event->ts
			       ? 0
			       : history_preempted(&thread->running.history, event->a, event->b);
	if (!holes_check(engine, thread, event))
		return 0;
	if (event->has_ids)
		err = feed_thread(engine, thread, event);
	else if (event->kind == NT_EVENT_WORK_START || event->kind == NT_EVENT_WORK_END)
		ops_work_on_pool(engine, thread, event);
	else if (event->kind == NT_EVENT_WEBSOCKET)
		err = websocket_observe(engine, event);
	else
		err = time_observe(engine, thread, event);
	return err;
}

/* What is over is handed out, as of engine->now. */
static void sweep(struct engine *engine)
{
	struct engine_thread *thread;

	for (thread = engine->threads; thread; thread = thread->hh.next)
		timers_idle(engine, thread);
	http_sweep(engine, false);
	ops_sweep_orphans(engine, false);
}

/* As of whole multiples: a recording has no ticks but those of its events, and finds the same at each. */
void engine_tick(struct engine *engine, uint64_t now_ns)
{
	uint64_t now = now_ns > engine->now ? now_ns : engine->now;

	if (now - engine->swept >= SWEEP_EVERY_NS) {
		engine->now = engine->swept = now - now % SWEEP_EVERY_NS;
		sweep(engine);
		pool_watch_totals(&engine->pool, now, &engine->totals.pool);
	}
	engine->now = now;
}

void engine_finish(struct engine *engine, uint64_t now_ns)
{
	struct engine_thread *thread, *tmp;

	engine->now = now_ns > engine->now ? now_ns : engine->now;
	HASH_ITER (hh, engine->threads, thread, tmp)
		time_ended(engine, thread);
	http_sweep(engine, true);
	ops_sweep_orphans(engine, true);
}

/* Those that are answered and wait for what they left open are not. */
static uint64_t count_open(const struct engine *engine)
{
	const struct live_request *live;
	uint64_t n = 0;

	DL_FOREACH(engine->request_list, live)
	n += live->ended ? 0 : 1;
	return n;
}

void engine_totals(const struct engine *engine, struct totals *ret_totals)
{
	const struct engine_thread *thread;
	struct totals totals = engine->totals;

	totals.requests_open = count_open(engine);
	turns_running(engine, &totals);
	for (thread = engine->threads; thread; thread = thread->hh.next) {
		struct loop_share loop = thread->loop;

		totals.memory += thread_memory(thread);
		totals.loop.idle_ns += wait_ns(thread);
		loop.tid = thread->tid;
		loop.idle_ns += wait_ns(thread);
		loops_add(&totals.loops, &loop);
	}
	*ret_totals = totals;
}

int engine_new(const struct engine_options *options, const struct engine_output *output,
	       struct engine **ret_engine)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	assert(output->on_request);
	if (!engine)
		return -ENOMEM;
	engine->options = *options;
	engine->next_request = options->serial_base;
	engine->output = *output;
	*ret_engine = engine;
	return 0;
}

void engine_free(struct engine *engine)
{
	struct engine_thread *thread, *tmp;
	struct parser_id *parser, *parser_tmp;
	struct stream_id *stream, *stream_tmp;

	if (!engine)
		return;
	ops_done(engine);
	early_done(engine);
	http_done(engine);
	ports_done(engine);
	jobs_done(engine);
	pool_watch_done(&engine->pool);
	HASH_ITER (hh, engine->threads, thread, tmp) {
		HASH_DEL(engine->threads, thread);
		thread_done(thread);
		free(thread);
	}
	HASH_ITER (hh, engine->parsers, parser, parser_tmp)
		parser_id_free(engine, parser);
	HASH_ITER (hh, engine->streams, stream, stream_tmp) {
		HASH_DEL(engine->streams, stream);
		free(stream);
	}
	free(engine);
}
