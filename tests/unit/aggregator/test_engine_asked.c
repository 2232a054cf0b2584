/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests to others are connected and written in ticks: they hang on, and begin, where they were asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define CLIENT    0x5000
#define CONNECT   0x6000
#define URL       "GET http://other/x"

/* Names and files are interned: what is equal is the same. */
static const char get_user[] = "getUser", app[] = "/srv/app.js", node_agent[] = "node:_http_agent",
		  node_client[] = "node:_http_client", node_hooks[] = "node:async_hooks";

#define JS(name, path)                                                          \
	{                                                                       \
		.function = (name), .file = (path), .line = 1, .kind = FRAME_JS \
	}
#define ASYNC(name)                                                                \
	{                                                                          \
		.function = (name), .file = app, .line = 1, .kind = FRAME_JS_ASYNC \
	}
#define CPP                                                                        \
	{                                                                          \
		.function = "node::AsyncWrap::EmitAsyncInit", .kind = FRAME_NATIVE \
	}
#define STACK(name, number, n, ...) \
	static const struct stack name = {.id = (number), .n_frames = (n), .frames = {__VA_ARGS__}}

STACK(in_user, 1, 4, CPP, JS("addRequest", node_agent), JS("ClientRequest", node_client),
      ASYNC(get_user));
STACK(in_tick, 2, 2, CPP, JS("onSocketNT", node_client));
STACK(of_agent, 3, 5, CPP, JS("asyncResetHandle", node_agent), JS("(anonymous)", node_agent),
      JS("runInAsyncScope", node_hooks), JS("(anonymous)", node_agent));
STACK(in_scope_of_users, 4, 5, CPP, JS("addRequest", node_agent), JS("ClientRequest", node_client),
      JS("later", app), JS("runInAsyncScope", node_hooks));

/* A socket is made, or used again, by whoever executes. Returns its id. */
static uint64_t socket_from(struct trace *trace, const struct stack *stack)
{
	struct event event;

	trace->counter++;
	event = trace_event(trace, NT_EVENT_INIT);
	event.stack = stack;
	trace_text(&event, "TCPWRAP");
	trace_feed(trace, &event);
	return trace->counter;
}

/* The tick that whoever executes asks for now; it runs once that has returned. */
static uint64_t tick_made(struct trace *trace)
{
	trace->tick = 1;
	return ++trace->counter;
}

/* The outermost callback returns, and the tick runs. */
static void run_tick(struct trace *trace, uint64_t tick, uint64_t trigger)
{
	trace_close(trace, SCOPE);
	trace->tick = 0;
	trace->exec = tick;
	trace->trigger = trigger;
}

static void ticks_over(struct trace *trace)
{
	trace->exec = trace->trigger = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
}

static void ask(struct trace *trace, uint64_t socket)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.b = 100;
	event.c = socket;
	event.arg = NT_WRITE_REQUEST_HEAD;
	event.stack = &in_tick;
	trace_text(&event, URL);
	trace_feed(trace, &event);
}

static void answer(struct trace *trace)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = CLIENT;
	event.b = 105;
	event.status = 200;
	event.framing = BODY_LENGTH;
	event.content_length = 5;
	event.head_length = 100;
	trace_feed(trace, &event);
}

static void begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_turn(trace);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/asks");
}

static const struct request *finish(struct trace *trace)
{
	const struct request *request;
	uint64_t sum = 0;

	trace_turn(trace);
	trace_scope(trace, SCOPE, PARSER_ID, 1, 0);
	trace_respond(trace, STREAM, 200);
	trace_close(trace, SCOPE);
	trace_finish(trace);
	request = trace_find(trace, "/asks");
	assert_non_null(request);
	for (size_t i = 0; i < LABEL_COUNT; i++)
		sum += request->label_ns[i];
	assert_int_equal(sum, request_duration_ns(request));
	return request;
}

static void assert_hangs_on(const struct request *request, const struct op *op, const char *name)
{
	assert_non_null(op);
	assert_int_not_equal(op->parent, OP_PARENT_REQUEST);
	assert_string_equal(request->ops[op->parent].type, "await");
	assert_string_equal(request->ops[op->parent].detail, name);
}

static void test_a_connection_opened_in_a_tick_hangs_on_who_asked_for_it(void **state)
{
	const struct request *request;
	uint64_t socket, tick, asked, id;
	struct event event;
	const struct op *op;
	struct trace trace;

	(void)state;
	begin(&trace);
	socket = socket_from(&trace, &in_user);
	asked = trace.ts;
	tick = tick_made(&trace);
	run_tick(&trace, tick, socket);
	id = trace_resource(&trace, "TCPCONNECTWRAP");
	event = trace_event(&trace, NT_EVENT_CONNECT);
	event.a = CLIENT;
	event.b = CONNECT;
	event.c = id;
	event.stack = &in_tick;
	trace_text(&event, "10.0.0.9:80");
	trace_feed(&trace, &event);
	ticks_over(&trace);
	trace_turn(&trace);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, socket, 0);
	ask(&trace, socket);
	trace_close(&trace, SCOPE);
	trace_turn(&trace);
	answer(&trace);
	request = finish(&trace);
	op = trace_op(request, URL);
	assert_hangs_on(request, op, "getUser()");
	assert_int_equal(op->start_ns, asked);
	assert_int_equal(op->evidence, EVIDENCE_PARSER);
	assert_true(op->wire->connect_ns > asked);
	assert_int_equal(op->wire->agent_ns, 0);
	assert_hangs_on(request, trace_op(request, "10.0.0.9:80"), "getUser()");
	trace_done(&trace);
}

static void test_a_request_written_in_a_tick_hangs_on_who_asked_for_it(void **state)
{
	const struct request *request;
	uint64_t socket, tick, asked;
	const struct op *op;
	struct trace trace;

	(void)state;
	begin(&trace);
	socket = socket_from(&trace, &in_user);
	asked = trace.ts;
	tick = tick_made(&trace);
	run_tick(&trace, tick, PARSER_ID);
	ask(&trace, socket);
	ticks_over(&trace);
	trace_turn(&trace);
	answer(&trace);
	request = finish(&trace);
	op = trace_op(request, URL);
	assert_hangs_on(request, op, "getUser()");
	assert_ptr_equal(op->stack, &in_user);
	assert_int_equal(op->start_ns, asked);
	assert_true(op->wire->written_ns > asked);
	assert_int_equal(op->wire->agent_ns, 0);
	trace_done(&trace);
}

/* A pool's connection, asked for by one request and used first by another. */
static void test_who_writes_keeps_what_another_asked_for(void **state)
{
	const struct op *op;
	uint64_t socket;
	struct trace trace;

	(void)state;
	begin(&trace);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/opens");
	socket = socket_from(&trace, &in_user);
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, PARSER_ID, 1, 0);
	ask(&trace, socket);
	trace_close(&trace, SCOPE);
	trace_turn(&trace);
	answer(&trace);
	op = trace_op(finish(&trace), URL);
	assert_non_null(op);
	assert_int_equal(op->parent, OP_PARENT_REQUEST);
	assert_ptr_equal(op->stack, &in_tick);
	assert_int_equal(op->start_ns, op->wire->written_ns);
	assert_int_equal(trace_find(&trace, "/opens") ? trace_find(&trace, "/opens")->n_ops : 0, 0);
	trace_done(&trace);
}

/* The request waits; 50 ms later the callback of another hands a connection on, in its scope. */
static const struct op *hand_on(struct trace *trace, const struct stack *stack,
				uint64_t *ret_called)
{
	const struct request *request;
	uint64_t waits, socket;

	begin(trace);
	waits = ++trace->counter;
	trace_timeout(trace, 1000, NT_TIMER_INTERNAL);
	*ret_called = trace->ts;
	trace_close(trace, SCOPE);
	trace->ts += 50 * MS;
	trace_turn(trace);
	trace_scope(trace, SCOPE, 33, 1, 0);
	trace->exec = waits;
	trace->trigger = PARSER_ID;
	socket = socket_from(trace, stack);
	ask(trace, socket);
	trace->exec = 33;
	trace_close(trace, SCOPE);
	trace_turn(trace);
	answer(trace);
	request = finish(trace);
	return trace_op(request, URL);
}

static void test_a_request_that_waits_for_its_agent_begins_where_it_was_made(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t called;

	(void)state;
	op = hand_on(&trace, &of_agent, &called);
	assert_non_null(op);
	assert_int_equal(op->start_ns, called);
	assert_true(op->wire->agent_ns >= called + 50 * MS);
	assert_true(op->wire->agent_ns < op->wire->written_ns);
	assert_ptr_equal(op->stack, &in_tick); /* not that of who handed it on */
	assert_true(trace.requests[0]->label_ns[LABEL_IO] >= 50 * MS);
	trace_done(&trace);
}

/* Not the agent, but the application's own queue made it wait. */
static void test_a_scope_of_the_applications_own_is_no_agents_queue(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t called;

	(void)state;
	op = hand_on(&trace, &in_scope_of_users, &called);
	assert_non_null(op);
	assert_true(op->start_ns >= called + 50 * MS);
	assert_int_equal(op->wire->agent_ns, 0);
	trace_done(&trace);
}

/* Sockets to which nobody ever writes. */
static void test_sockets_without_requests_are_bounded(void **state)
{
	struct trace trace;

	(void)state;
	begin(&trace);
	for (int i = 0; i < 16384 + 5; i++)
		(void)socket_from(&trace, &in_user);
	assert_int_equal(trace_totals(&trace).forgotten, 5);
	(void)finish(&trace);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_connection_opened_in_a_tick_hangs_on_who_asked_for_it),
		cmocka_unit_test(test_a_request_written_in_a_tick_hangs_on_who_asked_for_it),
		cmocka_unit_test(test_who_writes_keeps_what_another_asked_for),
		cmocka_unit_test(test_a_request_that_waits_for_its_agent_begins_where_it_was_made),
		cmocka_unit_test(test_a_scope_of_the_applications_own_is_no_agents_queue),
		cmocka_unit_test(test_sockets_without_requests_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
