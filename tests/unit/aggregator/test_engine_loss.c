/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the engine makes of a stream with holes: it may know less then, but says nothing wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define CLIENT    0x5000

/* An operation that nobody can tell the owner of. */
static void assert_all_unowned_are(const struct trace *trace, uint32_t n, enum evidence evidence)
{
	assert_int_equal(trace->n_unowned, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(trace->unowned_evidence[i], evidence);
}

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
	assert_all_unowned_are(&trace, 1, EVIDENCE_UNKNOWN);
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
	assert_all_unowned_are(&trace, 1, EVIDENCE_NONE);
	trace_done(&trace);
}

static void test_more_than_64_pipelined_requests_all_end(void **state)
{
	uint32_t aborted = 0, approximate = 0;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 70; i++) {
		trace_request(&trace, PARSER, STREAM, PARSER_ID, "/p");
		trace_close(&trace, SCOPE);
	}
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace.ts += 100 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 70);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	for (uint32_t i = 0; i < 70; i++) {
		aborted += trace.requests[i]->flags == REQUEST_ABORTED;
		approximate += trace.requests[i]->flags == REQUEST_END_APPROXIMATE;
	}
	assert_int_equal(aborted, 64);
	assert_int_equal(approximate, 6);
	trace_done(&trace);
}

static void test_request_after_a_long_pipeline_gets_its_own_response(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 70; i++) {
		trace_request(&trace, PARSER, STREAM, PARSER_ID, "/p");
		trace_close(&trace, SCOPE);
	}
	for (int i = 0; i < 10; i++)
		trace_respond(&trace, STREAM, 200);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/in-between");
	trace_close(&trace, SCOPE);
	for (int i = 10; i < 70; i++)
		trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM, 404);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/last");
	trace_respond(&trace, STREAM, 500);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 72);
	assert_int_not_equal(trace_find(&trace, "/in-between")->status, 200);
	assert_int_equal(trace_find(&trace, "/last")->status, 500);
	assert_int_equal(trace_find(&trace, "/last")->flags, 0);
	trace_done(&trace);
}

static void test_reused_stream_ends_the_request_whose_close_was_lost(void **state)
{
	static const char *const urls[] = {"/n0", "/n1", "/n2"};
	const struct request *old;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/old");
	trace_close(&trace, SCOPE);
	trace.seq++; /* its uv_close */
	for (uint32_t i = 0; i < 3; i++) {
		trace_request(&trace, PARSER, STREAM, PARSER_ID + 10 + i, urls[i]);
		trace_respond(&trace, STREAM, 200 + i);
		trace_close(&trace, SCOPE);
	}
	trace.ts += 2000 * MS;
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 4);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	old = trace_find(&trace, "/old");
	assert_int_equal(old->status, 0);
	assert_int_equal(old->flags, REQUEST_LOSSY | REQUEST_END_APPROXIMATE);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(trace_find(&trace, urls[i])->status, 200 + i);
		assert_int_equal(trace_find(&trace, urls[i])->flags, 0);
	}
	trace_done(&trace);
}

static void test_callback_of_a_connection_that_one_request_uses_is_its_own(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t socket;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r1");
	socket = trace_resource(&trace, "TCPWRAP");
	trace_client_write(&trace, CLIENT, socket);
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9000, "/answered");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "/answered");
	assert_non_null(op);
	assert_int_equal(op->evidence, EVIDENCE_STREAM);
	trace_done(&trace);
}

static void test_connection_is_nobodys_when_a_write_to_it_may_be_lost(void **state)
{
	struct trace trace;
	uint64_t socket;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r1");
	socket = trace_resource(&trace, "TCPWRAP");
	trace_client_write(&trace, CLIENT, socket);
	trace_close(&trace, SCOPE);
	trace.seq++; /* another request writes to it */
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9000, "/whose");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	assert_all_unowned_are(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_answer_given_before_a_connection_was_shared_is_void(void **state)
{
	uint64_t socket, tick;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r1");
	socket = trace_resource(&trace, "TCPWRAP");
	trace_client_write(&trace, CLIENT, socket);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.tick = 1;
	trace_scope(&trace, SCOPE, socket, 0, 0);
	tick = ++trace.counter; /* process.nextTick() in its onread, then it runs */
	trace.exec = tick;
	trace_stat(&trace, 0x9000, "/in-tick");
	trace.exec = socket;
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/r2");
	trace_client_write(&trace, CLIENT, socket);
	trace_close(&trace, SCOPE);
	trace.exec = tick;
	trace_stat(&trace, 0x9100, "/under-the-tick");
	trace.exec = 0;
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9200, "/onread");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 1, 200);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/r1")->n_ops, 0);
	assert_int_equal(trace_find(&trace, "/r2")->n_ops, 0);
	assert_all_unowned_are(&trace, 3, EVIDENCE_UNKNOWN);
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
		cmocka_unit_test(test_more_than_64_pipelined_requests_all_end),
		cmocka_unit_test(test_request_after_a_long_pipeline_gets_its_own_response),
		cmocka_unit_test(test_reused_stream_ends_the_request_whose_close_was_lost),
		cmocka_unit_test(test_callback_of_a_connection_that_one_request_uses_is_its_own),
		cmocka_unit_test(test_connection_is_nobodys_when_a_write_to_it_may_be_lost),
		cmocka_unit_test(test_answer_given_before_a_connection_was_shared_is_void),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
