/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the engine makes of a stream with holes: it may know less then, but says nothing wrong. */
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

static void test_late_event_is_left_out_and_what_follows_is_attributed(void **state)
{
	struct event early, late;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	late = trace_event(&trace, NT_EVENT_PHASE);
	early = trace_event(&trace, NT_EVENT_PHASE);
	trace_feed(&trace, &early);
	trace_feed(&trace, &late);
	assert_int_equal(trace_totals(&trace).lost, 1);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/after");
	trace_stat(&trace, 0x9000, "/mine");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace_totals(&trace).lost, 1);
	assert_int_equal(trace.requests[0]->flags, 0);
	assert_non_null(trace_op(trace.requests[0], "/mine"));
	trace_done(&trace);
}

static void test_duplicated_event_counts_once(void **state)
{
	const struct request *request;
	struct trace trace;
	struct event twice;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/twice");
	twice = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
	twice.a = 0x9000;
	twice.b = 6 + 1;
	twice.arg = NT_WORK_FS;
	trace_text(&twice, "/once");
	trace_feed(&trace, &twice);
	trace_feed(&trace, &twice);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(trace_totals(&trace).lost, 0);
	assert_int_equal(trace.n_requests, 1);
	assert_true(request->flags & REQUEST_LOSSY);
	assert_int_equal(request->n_ops + trace.n_unowned, 1);
	trace_done(&trace);
}

static void test_duplicated_headers_make_no_second_request(void **state)
{
	struct trace trace;
	struct event url;

	(void)state;
	trace_init(&trace, 100);
	url = trace_event(&trace, NT_EVENT_MESSAGE_URL);
	url.a = PARSER;
	url.b = STREAM;
	trace_text(&url, "/one");
	trace_feed(&trace, &url);
	trace_feed(&trace, &url);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "?"); /* whose headers they are is not sure */
	trace_done(&trace);
}

static void test_lost_close_claims_no_later_callback(void **state)
{
	const struct request *first;
	uint64_t stat, silent;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/first");
	stat = trace_stat(&trace, 0x9000, "/mine");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, stat, PARSER_ID, 0);
	trace.exec = trace.trigger = 0;
	trace.seq++; /* the close of the callback */
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	for (int i = 0; i < 1000; i++) {
		trace_scope(&trace, SCOPE, 0, 0, 0);
		trace_plain(&trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
		trace_close(&trace, SCOPE);
	}
	silent = ++trace.counter; /* made by nobody we saw */
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	trace_scope(&trace, SCOPE, silent, 0, 0);
	trace_stat(&trace, 0x9100, "/not-mine");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	first = trace.requests[0];
	assert_int_equal(first->flags, REQUEST_LOSSY);
	assert_int_equal(first->n_ops, 1);
	assert_non_null(trace_op(first, "/mine"));
	assert_int_equal(trace.n_unowned, 1);
	assert_true(first->cpu_ns < MS);
	assert_true(request_duration_ns(first) > 30 * MS);
	trace_done(&trace);
}

/* While the probes are being placed a scope is seen to open and not to close, without a hole. */
static void test_close_missed_while_attaching_counts_no_idle_time(void **state)
{
	const struct request *first;
	uint64_t socket, stat;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	socket = trace_resource(&trace, "TCPWRAP");
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/first");
	stat = trace_stat(&trace, 0x9000, "/a");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, stat, PARSER_ID, 0);
	trace.exec = trace.trigger = 0;
	for (int i = 0; i < 5; i++) {
		trace.ts += 200 * MS;
		trace_scope(&trace, SCOPE, socket, 0, 0);
		trace_close(&trace, SCOPE);
	}
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	first = trace.requests[0];
	assert_true(request_duration_ns(first) > 1000 * MS);
	assert_true(first->cpu_ns < MS);
	trace_done(&trace);
}

static void test_operations_after_lost_headers_are_not_of_the_request_before(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r1");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.seq += 3; /* url, headers and scope of the next request on the connection */
	trace.exec = PARSER_ID;
	trace.trigger = 1;
	trace_stat(&trace, 0x9000, "/of-r2");
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_request_whose_scope_was_lost_takes_no_other_parser(void **state)
{
	struct trace trace;
	struct event url;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r1");
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 10, "/r2");
	trace_close(&trace, SCOPE);
	url = trace_event(&trace, NT_EVENT_MESSAGE_URL);
	url.a = PARSER + 1;
	url.b = STREAM + 1;
	trace_text(&url, "/r3");
	trace_feed(&trace, &url);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER + 1, 1 | 1 << 8, 0);
	trace.seq += 2; /* its scope opens and closes; then a part of r1's body comes */
	trace_scope(&trace, SCOPE, PARSER_ID, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	trace_stat(&trace, 0x9000, "/of-r1");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 201);
	trace_respond(&trace, STREAM + 1, 202);
	trace_respond(&trace, STREAM + 1, 203);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 3);
	assert_int_equal(trace_find(&trace, "/r1")->status, 201);
	assert_int_equal(trace_find(&trace, "/r2")->status, 202);
	assert_int_equal(trace_find(&trace, "/r3")->status, 203);
	assert_int_equal(trace_find(&trace, "/r2")->n_ops, 0);
	assert_int_equal(trace_find(&trace, "/r3")->n_ops, 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_true(trace.requests[i]->flags & REQUEST_LOSSY);
	trace_done(&trace);
}

static void test_loss_on_one_thread_leaves_the_others_whole(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/main");
	trace_thread(&trace, 2);
	trace.counter = 60;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.seq += 5;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_thread(&trace, 1);
	trace_stat(&trace, 0x9000, "/mine");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace_totals(&trace).lost, 5);
	assert_int_equal(trace.requests[0]->flags, 0);
	assert_non_null(trace_op(trace.requests[0], "/mine"));
	trace_done(&trace);
}

static void test_id_of_a_worker_is_not_the_parser_with_the_same_number(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/main");
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	trace.counter = 60;
	trace_scope(&trace, 0x9000, PARSER_ID, 1, 0);
	trace_stat(&trace, 0x9900, "/of-the-worker");
	trace_close(&trace, 0x9000);
	trace_thread(&trace, 1);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_NONE);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_event_is_left_out_and_what_follows_is_attributed),
		cmocka_unit_test(test_duplicated_event_counts_once),
		cmocka_unit_test(test_duplicated_headers_make_no_second_request),
		cmocka_unit_test(test_lost_close_claims_no_later_callback),
		cmocka_unit_test(test_close_missed_while_attaching_counts_no_idle_time),
		cmocka_unit_test(test_operations_after_lost_headers_are_not_of_the_request_before),
		cmocka_unit_test(test_request_whose_scope_was_lost_takes_no_other_parser),
		cmocka_unit_test(test_loss_on_one_thread_leaves_the_others_whole),
		cmocka_unit_test(test_id_of_a_worker_is_not_the_parser_with_the_same_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
