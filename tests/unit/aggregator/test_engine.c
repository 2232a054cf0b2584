/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Whose operations are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
static void test_operation_belongs_to_the_request_that_started_it(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/stat");
	trace_stat(&trace, 0x9000, "/tmp/x");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 1);
	assert_string_equal(request->ops[0].type, "fs.stat");
	assert_string_equal(request->ops[0].detail, "/tmp/x");
	assert_string_equal(request->ops[0].wrap, "FSREQCALLBACK");
	assert_int_equal(request->ops[0].parent, OP_PARENT_REQUEST);
	assert_true(request->ops[0].end_ns > request->ops[0].start_ns);
	assert_int_equal(request->ops[0].evidence, EVIDENCE_PARSER);
	trace_done(&trace);
}

static void test_callback_of_an_operation_is_its_child(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t id;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/nested");
	id = trace_stat(&trace, 0x9000, "/outer");
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_scope(&trace, 0x7100, id, PARSER_ID, 0);
	trace_stat(&trace, 0x9000, "/inner");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7100);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 2);
	assert_string_equal(request->ops[1].detail, "/inner");
	assert_int_equal(request->ops[1].parent, 0);
	assert_true(request->ops[0].n_runs > 0);
	assert_true(op_cpu_ns(&request->ops[0]) > 0);
	trace_done(&trace);
}

static void test_keep_alive_requests_share_a_parser_but_no_operation(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/one");
	trace_stat(&trace, 0x9000, "/of-one");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/two");
	trace_stat(&trace, 0x9100, "/of-two");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_string_equal(trace_find(&trace, "/one")->ops[0].detail, "/of-one");
	assert_string_equal(trace_find(&trace, "/two")->ops[0].detail, "/of-two");
	trace_done(&trace);
}

static void test_continuation_runs_in_the_context_that_registered_it(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/await");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 7, 0, 0);
	trace_close(&trace, 0x7000);
	/* somebody else's callback resolves it */
	trace_scope(&trace, 0x7200, 33, 1, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace.exec = trace.trigger = 0;
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, 7, 0, 0);
	trace_stat(&trace, 0x9000, "/after-await");
	trace_respond(&trace, STREAM, 200);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_close(&trace, 0x7200);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 1);
	assert_string_equal(request->ops[0].detail, "/after-await");
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

/* Promise hooks are on: the promise that both wait for was made by the first request. */
static void test_promise_of_another_request_is_no_creator(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/first");
	trace.counter = 101; /* the shared promise, and what waits for it */
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 7, 0, 0);
	trace_close(&trace, 0x7000);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/second");
	trace.counter = 102;
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 8, 0, 0);
	trace_close(&trace, 0x7000);
	trace_scope(&trace, 0x7200, 33, 1, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace.exec = 102;
	trace.trigger = 101;
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, 8, 0, 0);
	trace_stat(&trace, 0x9000, "/of-second");
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 1, 200);
	trace.exec = trace.trigger = 0;
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_close(&trace, 0x7200);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/first")->n_ops, 0);
	assert_int_equal(trace_find(&trace, "/second")->n_ops, 1);
	trace_done(&trace);
}

static void test_continuation_registered_before_attach_belongs_to_nobody(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_scope(&trace, 0x7200, 33, 1, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace.exec = 0;
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, 0, 0, 0);
	trace_stat(&trace, 0x9000, "/who");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_close(&trace, 0x7200);
	trace_finish(&trace);

	assert_int_equal(trace.n_unowned, 1);
	assert_string_equal(trace.unowned_type[0], "fs.stat");
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_NONE);
	trace_done(&trace);
}

static void test_tick_born_in_a_pure_interval_inherits(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t tick;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/tick");
	tick = ++trace.counter; /* process.nextTick: nothing native happens */
	trace.tick = 1;
	trace_plain(&trace, NT_EVENT_TIMER_NOW, 0, 0, 0);
	trace_close(&trace, 0x7000);
	trace_scope(&trace, 0x7000, 0, 0, 0);
	trace.exec = tick; /* the tick runs, with no trigger that tells */
	trace_stat(&trace, 0x9000, "/in-tick");
	trace.exec = 0;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 1);
	assert_string_equal(request->ops[0].detail, "/in-tick");
	trace_done(&trace);
}

static void test_timer_is_an_operation_with_its_delay(void **state)
{
	const struct request *request;
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/timer");
	trace.counter++;
	event = trace_event(&trace, NT_EVENT_TIMER_NOW);
	event.a = trace.counter;
	event.b = 20;
	trace_feed(&trace, &event);
	trace_close(&trace, 0x7000);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, 0x7300, 0, 0, 0);
	trace.exec = event.a;
	trace.trigger = PARSER_ID;
	trace_stat(&trace, 0x9000, "/in-timer");
	trace_respond(&trace, STREAM, 200);
	trace.exec = trace.trigger = 0;
	trace_close(&trace, 0x7300);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 2);
	assert_string_equal(request->ops[0].type, "timer");
	assert_string_equal(request->ops[0].detail, "20");
	assert_true(request->ops[0].end_ns - request->ops[0].start_ns >= 20 * MS);
	assert_int_equal(request->ops[1].parent, 0);
	trace_done(&trace);
}

static void test_lost_events_flag_the_open_requests(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/lossy");
	trace.seq += 3;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/whole");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	engine_totals(trace.engine, &totals);
	assert_int_equal(totals.lost, 3);
	assert_true(trace_find(&trace, "/lossy")->flags & REQUEST_LOSSY);
	assert_false(trace_find(&trace, "/whole")->flags & REQUEST_LOSSY);
	trace_done(&trace);
}

static void test_ids_born_in_a_hole_belong_to_nobody(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/lossy");
	trace.seq += 3;
	trace.counter += 5;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_scope(&trace, 0x7000, trace.counter - 2, 0, 0);
	trace_stat(&trace, 0x9000, "/who");
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_operations_beyond_the_limit_are_folded_and_counted(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/many");
	for (uint64_t i = 0; i < 10; i++)
		trace_stat(&trace, 0x9000 + i * 0x100, "/x");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops_total, 10);
	assert_int_equal(request->n_ops, 5);
	assert_int_equal(request->ops[4].flags & OP_FOLDED, OP_FOLDED);
	assert_int_equal(request->ops[4].count, 6);
	assert_true(request->flags & REQUEST_FOLDED);
	trace_done(&trace);
}

static void test_shared_client_connection_is_never_guessed(void **state)
{
	struct trace trace;
	struct event event;
	uint64_t socket;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/a");
	socket = trace_resource(&trace, "TCPWRAP");
	event = trace_event(&trace, NT_EVENT_STREAM_WRITE);
	event.a = 0x5000;
	event.c = socket;
	trace_feed(&trace, &event);
	trace_close(&trace, 0x7000);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/b");
	event = trace_event(&trace, NT_EVENT_STREAM_WRITE);
	event.a = 0x5000;
	event.c = socket;
	trace_feed(&trace, &event);
	trace_close(&trace, 0x7000);
	trace_scope(&trace, 0x7400, socket, PARSER_ID, 0);
	trace_stat(&trace, 0x9000, "/whose");
	trace_close(&trace, 0x7400);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/a")->n_ops, 0);
	assert_int_equal(trace_find(&trace, "/b")->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_open_request_is_handed_out_at_the_end_and_says_so(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/open");
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->flags, REQUEST_OPEN);
	trace_done(&trace);
}

static void test_ids_are_forgotten_when_no_open_request_needs_them(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 200000; i++) {
		trace.counter += 3;
		trace_resource(&trace, "TCPCONNECTWRAP");
	}
	engine_totals(trace.engine, &totals);
	assert_true(totals.memory < 16 << 20); /* 600,000 ids would take 60 MB */
	assert_int_equal(totals.forgotten, 0);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/late");
	trace_stat(&trace, 0x9000, "/x");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);
	assert_int_equal(trace_find(&trace, "/late")->n_ops, 1);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operation_belongs_to_the_request_that_started_it),
		cmocka_unit_test(test_callback_of_an_operation_is_its_child),
		cmocka_unit_test(test_keep_alive_requests_share_a_parser_but_no_operation),
		cmocka_unit_test(test_continuation_runs_in_the_context_that_registered_it),
		cmocka_unit_test(test_promise_of_another_request_is_no_creator),
		cmocka_unit_test(test_continuation_registered_before_attach_belongs_to_nobody),
		cmocka_unit_test(test_tick_born_in_a_pure_interval_inherits),
		cmocka_unit_test(test_timer_is_an_operation_with_its_delay),
		cmocka_unit_test(test_lost_events_flag_the_open_requests),
		cmocka_unit_test(test_ids_born_in_a_hole_belong_to_nobody),
		cmocka_unit_test(test_operations_beyond_the_limit_are_folded_and_counted),
		cmocka_unit_test(test_shared_client_connection_is_never_guessed),
		cmocka_unit_test(test_open_request_is_handed_out_at_the_end_and_says_so),
		cmocka_unit_test(test_ids_are_forgotten_when_no_open_request_needs_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
