/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where operations come from besides the handler itself, and when they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "aggregator/engine_state.h"

#include "trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define CLIENT    0x5000
#define PORT_MAIN 20 /* async ids of the two ends of a channel */
#define PORT_WORK 30
#define JOB       0xa000 /* messages */
#define REPLY     0xb000

static uint64_t set_timeout(struct trace *trace, uint64_t delay, uint32_t flags)
{
	struct event event;

	trace->counter++;
	event = trace_event(trace, NT_EVENT_TIMER_NOW);
	event.a = trace->counter;
	event.b = delay;
	event.arg = flags;
	trace_feed(trace, &event);
	return trace->counter;
}

/* ---- requests that stay open for long */

static void token(struct trace *trace, enum nt_event_kind kind, uint64_t number)
{
	trace_plain(trace, kind, number, 0, 0);
}

/* A request, and 4,000 ids and tokens in its name. */
static void busy_request(struct trace *trace, uint64_t i)
{
	const uint64_t parser = PARSER + 2 + i, stream = STREAM + 2 + i;
	char path[32];

	(void)snprintf(path, sizeof(path), "/short-%" PRIu64, i);
	trace_request(trace, parser, stream, trace_resource(trace, "HTTPINCOMINGMESSAGE"), path);
	for (int k = 0; k < 2000; k++) {
		trace->counter += 2;
		token(trace, NT_EVENT_TOKEN_REGISTER, 1000 + i * 4000 + (uint64_t)k);
	}
	trace_stat(trace, 0x9000 + 8 * i, path);
	trace_plain(trace, NT_EVENT_WORK_DONE, 0x9000 + 8 * i, 0, 0);
	trace_respond(trace, stream, 200);
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_HANDLE_CLOSE, stream, 0, 0);
	trace->ts += 500 * MS;
}

static void check_short(struct trace *trace)
{
	for (uint32_t i = 0; i < trace->n_requests; i++) {
		const struct request *request = trace->requests[i];

		if (strcmp(request->url, "/events") != 0)
			assert_non_null(trace_op(request, request->url));
	}
}

static void test_request_that_stays_open_holds_only_what_is_its_own(void **state)
{
	const struct request *request;
	uint64_t interval, peak = 0;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/events");
	token(&trace, NT_EVENT_TOKEN_REGISTER, 7);
	interval = set_timeout(&trace, 1000, NT_TIMER_REPEATS);
	trace_stat(&trace, 0x8000, "/first");
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x8000, 0, 0);
	trace_close(&trace, SCOPE);
	for (uint64_t i = 0; i < 100; i++) { /* a minute, 400,000 ids, 200,000 tokens */
		busy_request(&trace, i);
		if (trace_totals(&trace).memory > peak)
			peak = trace_totals(&trace).memory;
	}
	assert_true(peak < 32 << 20);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	token(&trace, NT_EVENT_TOKEN_RUN, 7);
	trace_stat(&trace, 0x8008, "/of-token");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace.exec = interval;
	trace.trigger = PARSER_ID;
	trace_stat(&trace, 0x8010, "/of-id");
	trace.exec = trace.trigger = 0;
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 101);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	check_short(&trace);
	request = trace_find(&trace, "/events");
	assert_int_equal(request->flags, 0);
	assert_non_null(trace_op(request, "/first"));
	assert_non_null(trace_op(request, "/of-token"));
	assert_non_null(trace_op(request, "/of-id"));
	trace_done(&trace);
}

/* ---- threads */

/* Each is a worker that lives for a tenth of a second, and answers to a message. */
static void test_threads_that_ended_are_forgotten(void **state)
{
	struct trace trace;
	uint32_t seq = 0;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/long");
	for (uint32_t i = 0; i < 3000; i++) {
		struct event event;

		trace.ts += 100 * MS;
		trace_plain(&trace, NT_EVENT_PORT_POST, JOB + i, 0, 0);
		event = trace_event(&trace, NT_EVENT_PORT_RECEIVE);
		event.a = JOB + i;
		seq = event.seq;
		event.tid = 1000 + i;
		event.seq = 0;
		trace.seq = seq;
		trace_feed(&trace, &event);
		assert_true(HASH_COUNT(trace.engine->threads) <= 300);
	}
	trace_stat(&trace, 0x9000, "/still");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	assert_int_equal(trace_totals(&trace).lost, 0);
	trace_finish(&trace);
	assert_non_null(trace_op(trace.requests[0], "/still"));
	trace_done(&trace);
}

/* ---- messages between two threads */

static void receive(struct trace *trace, uint64_t message, uint64_t port)
{
	trace_plain(trace, NT_EVENT_PORT_RECEIVE, message, 0, 0);
	trace_scope(trace, SCOPE, port, 0, 0);
}

static void worker_init(struct trace *trace)
{
	trace_init(trace, 100);
	trace_thread(trace, 2);
	trace->counter = 200;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_thread(trace, 1);
}

static void test_callback_of_a_message_is_of_the_request_that_sent_it(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/in-worker");
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 1);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "/in-worker");
	assert_non_null(op);
	assert_int_equal(op->evidence, EVIDENCE_MESSAGE);
	trace_done(&trace);
}

static void test_each_message_of_a_port_is_of_its_own_sender(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/a");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/b");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB + 8, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/of-a");
	trace_close(&trace, SCOPE);
	receive(&trace, JOB + 8, PORT_WORK);
	trace_stat(&trace, 0x9100, "/of-b");
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/a")->n_ops, 1);
	assert_non_null(trace_op(trace_find(&trace, "/a"), "/of-a"));
	assert_int_equal(trace_find(&trace, "/b")->n_ops, 1);
	assert_non_null(trace_op(trace_find(&trace, "/b"), "/of-b"));
	trace_done(&trace);
}

static void test_reply_to_a_message_is_nobodys_for_sure(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_plain(&trace, NT_EVENT_PORT_POST, REPLY, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 1);
	receive(&trace, REPLY, PORT_MAIN);
	trace_stat(&trace, 0x9000, "/after-reply");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_message_sent_before_attach_is_unknown(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/who");
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

/* ---- upgraded connections */

static void test_upgraded_connection_belongs_to_its_request_until_it_closes(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t socket;

	(void)state;
	trace_init(&trace, 100);
	socket = trace_resource(&trace, "TCPWRAP");
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/socket");
	trace_write(&trace, STREAM, 101, BODY_NONE, 100, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 5000 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0);
	for (uint64_t i = 0; i < 2; i++) {
		struct event read = trace_event(&trace, NT_EVENT_STREAM_READ);

		read.a = STREAM;
		read.b = 10;
		read.c = socket;
		trace_feed(&trace, &read);
		trace_scope(&trace, SCOPE, socket, 0, 0);
		trace_stat(&trace, 0x9000 + i, i ? "/second" : "/first");
		trace_close(&trace, SCOPE);
		trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	assert_int_equal(trace.n_requests, 0);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace.ts += 100 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_int_equal(request->status, 101);
	assert_int_equal(request->flags, REQUEST_UPGRADED);
	assert_int_equal(request->n_ops, 2);
	assert_int_equal(trace_op(request, "/first")->evidence, EVIDENCE_PARSER);
	assert_non_null(trace_op(request, "/second"));
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

/* ---- immediates */

/* A request makes an immediate; returns its id. */
static uint64_t set_immediate(struct trace *trace)
{
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/immediate");
	trace->counter++;
	trace->immediates++;
	trace_respond(trace, STREAM, 200);
	trace_close(trace, SCOPE);
	return trace->counter;
}

static void test_immediate_that_is_seen_running_ends_then(void **state)
{
	const struct op *immediate, *child;
	uint64_t id, phase, seen;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	id = set_immediate(&trace);
	trace.ts += MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	phase = trace.ts;
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace.trigger = PARSER_ID;
	trace.immediates--;
	seen = trace.ts;
	trace_stat(&trace, 0x9000, "/in-immediate");
	trace.exec = trace.trigger = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 2);
	immediate = &trace.requests[0]->ops[0];
	assert_string_equal(immediate->type, "immediate");
	assert_string_equal(immediate->wrap, "Immediate");
	assert_int_equal(immediate->async_id, id);
	assert_true(immediate->start_ns < phase);
	assert_true(immediate->end_ns > seen);
	assert_int_equal(immediate->flags, 0);
	child = trace_op(trace.requests[0], "/in-immediate");
	assert_non_null(child);
	assert_int_equal(child->parent, 0);
	trace_done(&trace);
}

static void test_immediate_that_shows_nothing_ends_with_its_phase_and_says_so(void **state)
{
	const struct op *immediate;
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	(void)set_immediate(&trace);
	trace.ts += MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	phase = trace.ts;
	trace.immediates--;
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 1);
	immediate = &trace.requests[0]->ops[0];
	assert_string_equal(immediate->type, "immediate");
	assert_int_equal(immediate->end_ns, phase);
	assert_int_equal(immediate->flags, OP_END_INFERRED);
	trace_done(&trace);
}

/* ---- timers */

static void test_timer_that_is_due_ends_with_its_phase_and_says_so(void **state)
{
	const struct op *due, *later;
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/sleep");
	set_timeout(&trace, 20, 0);
	set_timeout(&trace, 500, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 10 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS); /* of some other timer */
	trace.ts += 10 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	phase = trace.ts;
	trace_respond(&trace, STREAM, 200);
	trace.ts += 100 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0); /* one is still open */
	engine_finish(trace.engine, trace.ts);

	due = trace_op(trace.requests[0], "20");
	assert_non_null(due);
	assert_int_equal(due->end_ns, phase);
	assert_int_equal(due->flags, OP_END_INFERRED);
	later = trace_op(trace.requests[0], "500");
	assert_non_null(later);
	assert_int_equal(later->end_ns, 0);
	assert_int_equal(later->flags, OP_OPEN);
	trace_done(&trace);
}

/* A guard of 500 ms, cleared in time, which nothing shows. */
static void test_timer_that_showed_nothing_does_not_outlast_its_request(void **state)
{
	const struct request *request;
	const struct op *guard;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/guarded");
	set_timeout(&trace, 500, 0);
	trace.ts += 10 * MS;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 500 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace.ts += 600 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	guard = trace_op(request, "500");
	assert_int_equal(guard->flags, OP_END_INFERRED);
	assert_int_equal(guard->end_ns, request->end_ns);
	assert_true(op_outlived(request, guard));
	trace_done(&trace);
}

/* The phase of another timer comes just before; then the loop is busy, and only then it runs. */
static void test_timer_that_only_may_have_run_holds_its_request(void **state)
{
	struct trace trace;
	uint64_t id;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/late");
	id = set_timeout(&trace, 5, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 4 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.ts += 120 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace_stat(&trace, 0x9000, "/after");
	trace.exec = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_non_null(trace_op(trace.requests[0], "/after"));
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

static void test_silent_timer_is_given_up_when_the_loop_is_idle(void **state)
{
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/silent");
	set_timeout(&trace, 20, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	phase = trace.ts;
	trace_respond(&trace, STREAM, 200);
	trace.ts += 240 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0); /* perhaps it was not given the CPU */
	trace.ts += 60 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 1); /* long before linger_ns is over */
	assert_int_equal(trace_op(trace.requests[0], "20")->end_ns, phase);
	trace_done(&trace);
}

static void test_silent_timer_is_over_after_a_turn_of_a_busy_loop(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/silent");
	set_timeout(&trace, 20, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	for (int i = 0; i < 10; i++) { /* never idle */
		trace.ts += 10 * MS;
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	}
	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace_op(trace.requests[0], "20")->flags, OP_END_INFERRED);
	trace_done(&trace);
}

static void test_timer_made_in_a_busy_loop_is_not_due_before_its_time(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 10000; i++) { /* 200 ms without a pause */
		trace_scope(&trace, SCOPE, 0, 0, 0);
		trace_close(&trace, SCOPE);
	}
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/busy");
	set_timeout(&trace, 100, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 50 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	engine_finish(trace.engine, trace.ts);

	assert_int_equal(trace_op(trace.requests[0], "100")->flags, OP_OPEN);
	trace_done(&trace);
}

static void test_timer_that_is_seen_running_has_no_inferred_end(void **state)
{
	const struct op *timer;
	struct trace trace;
	uint64_t id, seen;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/timer");
	id = set_timeout(&trace, 20, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace.trigger = PARSER_ID;
	seen = trace.ts;
	trace_stat(&trace, 0x9000, "/in-timer");
	trace.exec = trace.trigger = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	timer = trace_op(trace.requests[0], "20");
	assert_non_null(timer);
	assert_int_equal(timer->flags, 0);
	assert_true(timer->end_ns > seen);
	trace_done(&trace);
}

static void test_interval_holds_its_request_no_longer_than_the_response(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/interval");
	set_timeout(&trace, 20, NT_TIMER_REPEATS);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 100 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->ops[0].type, "interval");
	trace_done(&trace);
}

static void test_timers_of_node_itself_are_no_operations(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/internal");
	set_timeout(&trace, 5000, NT_TIMER_INTERNAL);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

/* ---- requests to other servers */

static void client_request(struct trace *trace, const char *head)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.arg = NT_WRITE_REQUEST_HEAD;
	trace_text(&event, head);
	trace_feed(trace, &event);
}

static uint64_t client_read(struct trace *trace, uint32_t status, int64_t n)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = CLIENT;
	event.b = (uint64_t)n;
	event.status = status;
	trace_feed(trace, &event);
	return event.ts;
}

static void client_init(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/proxy");
	client_request(trace, "GET http://other/x");
	trace_close(trace, SCOPE);
	trace->ts += 10 * MS;
}

static void test_client_request_ends_with_the_last_bytes_of_its_response(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t last;

	(void)state;
	client_init(&trace);
	client_read(&trace, 200, 1000);
	last = client_read(&trace, 0, 500);
	client_read(&trace, 0, -4095); /* the end of the stream is no byte of it */
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "GET http://other/x");
	assert_non_null(op);
	assert_string_equal(op->type, "http.client");
	assert_int_equal(op->end_ns, last);
	assert_int_equal(op->flags, 0);
	assert_int_equal(op->evidence, EVIDENCE_PARSER);
	trace_done(&trace);
}

static void test_client_request_that_is_answered_with_an_error_has_failed(void **state)
{
	struct trace trace;

	(void)state;
	client_init(&trace);
	client_read(&trace, 503, 100);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->flags, OP_FAILED);
	trace_done(&trace);
}

static void test_client_request_whose_connection_closes_has_failed(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t closed;

	(void)state;
	client_init(&trace);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, CLIENT, 0, 0);
	closed = trace.ts;
	client_read(&trace, 500, 100); /* of another connection at this address */
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "GET http://other/x");
	assert_int_equal(op->end_ns, closed);
	assert_int_equal(op->flags, OP_FAILED);
	trace_done(&trace);
}

static void test_next_request_on_a_connection_leaves_the_one_before_alone(void **state)
{
	struct trace trace;
	uint64_t first;

	(void)state;
	client_init(&trace);
	first = client_read(&trace, 200, 100);
	trace.exec = PARSER_ID;
	client_request(&trace, "GET http://other/y");
	trace.exec = 0;
	trace.ts += 10 * MS;
	client_read(&trace, 500, 100);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->end_ns, first);
	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->flags, 0);
	assert_int_equal(trace_op(trace.requests[0], "GET http://other/y")->flags, OP_FAILED);
	trace_done(&trace);
}

/* ---- the thread pool, and folding */

static void test_job_has_the_times_of_its_pool_thread(void **state)
{
	const struct op *op;
	struct trace trace;
	struct event pool;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_stat(&trace, 0x9000, "/x");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	pool = (struct event){
		.ts = trace.ts + MS, .tid = 9, .kind = NT_EVENT_WORK_START, .a = 0x9000};
	trace_feed(&trace, &pool);
	pool = (struct event){.ts = trace.ts + 3 * MS,
			      .tid = 9,
			      .seq = 1,
			      .kind = NT_EVENT_WORK_END,
			      .a = 0x9000};
	trace_feed(&trace, &pool);
	trace.ts += 4 * MS;
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, (uint64_t)-2, 0);
	trace_finish(&trace);

	op = &trace.requests[0]->ops[0];
	assert_int_equal(op->pool_tid, 9);
	assert_int_equal(op->finished_ns - op->started_ns, 2 * MS);
	assert_true(op->queued_ns < op->started_ns && op->finished_ns < op->end_ns);
	assert_int_equal(op->flags, OP_FAILED);
	trace_done(&trace);
}

/* Node 26 reads and writes whole files in one job, whose wrap does not tell which. */
static void test_whole_file_jobs_have_their_type_and_path(void **state)
{
	static const uint32_t kinds[] = {NT_WORK_READ_FILE, NT_WORK_WRITE_FILE, NT_WORK_QUEUED};
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/files");
	for (size_t i = 0; i < 3; i++) {
		uint64_t id = trace_resource(&trace, i < 2 ? "FSREQCALLBACK" : "ZLIB");

		event = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
		event.a = 0x9000 + i;
		event.c = id;
		event.arg = kinds[i];
		trace_text(&event, i == 0 ? "/read" : i == 1 ? "/written" : "");
		trace_feed(&trace, &event);
	}
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_string_equal(trace_op(trace.requests[0], "/read")->type, "fs.readfile");
	assert_string_equal(trace_op(trace.requests[0], "/written")->type, "fs.writefile");
	assert_string_equal(trace_op(trace.requests[0], "Zlib")->type, "zlib");
	trace_done(&trace);
}

static void test_ended_operations_beyond_the_limit_are_folded_while_it_runs(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/many");
	for (uint64_t i = 0; i < 5000; i++) {
		trace_stat(&trace, 0x9000 + i, "/x");
		trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	assert_true(HASH_COUNT(trace.engine->ops) < 1000);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops_total, 5000);
	assert_int_equal(request->n_ops, 5);
	assert_int_equal(request->ops[4].count, 4996);
	assert_int_equal(request->ops[4].flags, OP_FOLDED);
	assert_true(request->ops[4].start_ns < request->ops[4].end_ns);
	assert_true(request->ops[4].end_ns < request->end_ns);
	assert_int_equal(trace_totals(&trace).ops, 5000);
	trace_done(&trace);
}

static void test_open_operations_are_kept_while_the_ended_are_folded(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/slow");
	for (uint64_t i = 0; i < 1000; i++) {
		trace_stat(&trace, 0x9000 + i, "/x");
		if (i != 500)
			trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 100 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0); /* waits for it */
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + 500, 0, 0);
	trace.ts += 20 * MS;
	engine_tick(trace.engine, trace.ts);
	assert_int_equal(trace.n_requests, 0); /* its callback may start more */
	trace.ts += 40 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_ops_total, 1000);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_that_stays_open_holds_only_what_is_its_own),
		cmocka_unit_test(test_threads_that_ended_are_forgotten),
		cmocka_unit_test(test_callback_of_a_message_is_of_the_request_that_sent_it),
		cmocka_unit_test(test_each_message_of_a_port_is_of_its_own_sender),
		cmocka_unit_test(test_reply_to_a_message_is_nobodys_for_sure),
		cmocka_unit_test(test_message_sent_before_attach_is_unknown),
		cmocka_unit_test(test_upgraded_connection_belongs_to_its_request_until_it_closes),
		cmocka_unit_test(test_immediate_that_is_seen_running_ends_then),
		cmocka_unit_test(test_immediate_that_shows_nothing_ends_with_its_phase_and_says_so),
		cmocka_unit_test(test_timer_that_is_due_ends_with_its_phase_and_says_so),
		cmocka_unit_test(test_timer_that_showed_nothing_does_not_outlast_its_request),
		cmocka_unit_test(test_timer_that_only_may_have_run_holds_its_request),
		cmocka_unit_test(test_silent_timer_is_given_up_when_the_loop_is_idle),
		cmocka_unit_test(test_silent_timer_is_over_after_a_turn_of_a_busy_loop),
		cmocka_unit_test(test_timer_made_in_a_busy_loop_is_not_due_before_its_time),
		cmocka_unit_test(test_timer_that_is_seen_running_has_no_inferred_end),
		cmocka_unit_test(test_interval_holds_its_request_no_longer_than_the_response),
		cmocka_unit_test(test_timers_of_node_itself_are_no_operations),
		cmocka_unit_test(test_client_request_ends_with_the_last_bytes_of_its_response),
		cmocka_unit_test(test_client_request_that_is_answered_with_an_error_has_failed),
		cmocka_unit_test(test_client_request_whose_connection_closes_has_failed),
		cmocka_unit_test(test_next_request_on_a_connection_leaves_the_one_before_alone),
		cmocka_unit_test(test_job_has_the_times_of_its_pool_thread),
		cmocka_unit_test(test_whole_file_jobs_have_their_type_and_path),
		cmocka_unit_test(test_ended_operations_beyond_the_limit_are_folded_while_it_runs),
		cmocka_unit_test(test_open_operations_are_kept_while_the_ended_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
