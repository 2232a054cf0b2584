/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50

static void test_request_has_status_and_ends_at_its_last_write(void **state)
{
	struct trace trace;
	uint64_t sent;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/hello");
	trace.content_length = 10;
	trace_write(&trace, STREAM, 200, BODY_LENGTH, 105, 0);
	trace_write(&trace, STREAM, 0, BODY_NONE, 5, 0);
	sent = trace.ts;
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->method, "GET");
	assert_string_equal(trace.requests[0]->url, "/hello");
	assert_int_equal(trace.requests[0]->status, 200);
	assert_int_equal(trace.requests[0]->end_ns, sent);
	assert_int_equal(trace.requests[0]->flags, 0);
	assert_int_equal(trace.requests[0]->bytes_out, 110);
	assert_true(trace.requests[0]->cpu_ns > 0);
	trace_done(&trace);
}

static void test_end_waits_until_the_kernel_has_all_bytes(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/big");
	trace_respond(&trace, STREAM, 200);
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_QUEUED, STREAM, 0, 0);
	trace_close(&trace, 0x7000);
	trace.ts += 300 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	assert_int_equal(trace.n_requests, 0);
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_FLUSHED, STREAM, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_true(request_duration_ns(trace.requests[0]) > 300 * MS);
	assert_true(trace.requests[0]->end_ns > trace.requests[0]->sent_ns + 299 * MS);
	trace_done(&trace);
}

static void test_chunked_response_ends_with_its_terminator(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/stream");
	trace_write(&trace, STREAM, 200, BODY_CHUNKED, 120, 0);
	trace_close(&trace, 0x7000);
	trace.ts += 200 * MS;
	trace_write(&trace, STREAM, 0, BODY_NONE, 20, 0);
	trace_write(&trace, STREAM, 0, BODY_NONE, 5, NT_WRITE_LAST_CHUNK);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_true(request_duration_ns(trace.requests[0]) > 200 * MS);
	assert_int_equal(trace.requests[0]->flags, 0);
	trace_done(&trace);
}

static void test_closed_connection_aborts_the_request(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/never");
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	assert_int_equal(trace.requests[0]->status, 0);
	trace_done(&trace);
}

static void test_pipelined_responses_leave_in_order(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/a");
	trace_close(&trace, 0x7000);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/b");
	trace_close(&trace, 0x7000);
	trace_respond(&trace, STREAM, 201);
	trace_respond(&trace, STREAM, 404);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace_find(&trace, "/a")->status, 201);
	assert_int_equal(trace_find(&trace, "/b")->status, 404);
	trace_done(&trace);
}

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

/* A write to the connection of this async id: 50 is older than the trace, whose counter is at 100. */
static void write_to(struct trace *trace, uint64_t stream, uint64_t id, uint32_t status,
		     uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = stream;
	event.b = 105;
	event.c = id;
	event.status = status;
	event.framing = BODY_LENGTH;
	event.content_length = 5;
	event.head_length = 100;
	event.arg = flags;
	trace_feed(trace, &event);
}

static void test_response_of_a_request_from_before_is_a_partial_one(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.ts += 20 * MS;
	write_to(&trace, STREAM, 50, 100, NT_WRITE_RESPONSE_HEAD); /* 100 continue: not yet */
	write_to(&trace, STREAM, 50, 204, NT_WRITE_RESPONSE_HEAD);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_int_equal(request->flags, REQUEST_PARTIAL);
	assert_int_equal(request->status, 204);
	assert_int_equal(request->headers_ns, 0);
	assert_int_equal(request->bytes_out, 105);
	assert_int_equal(request->n_ops, 0);
	assert_true(request_duration_ns(request) >= 20 * MS); /* from the first event on */
	trace_done(&trace);
}

static void test_rest_of_a_response_shows_when_the_connection_is_used_again(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	write_to(&trace, STREAM, 50, 0, NT_WRITE_LAST_CHUNK);
	write_to(&trace, STREAM + 1, 51, 0, 0); /* a database's, for all we know */
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/next");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace_find(&trace, "?")->flags, REQUEST_PARTIAL | REQUEST_END_APPROXIMATE);
	assert_int_equal(trace_find(&trace, "/next")->status, 200);
	assert_int_equal(trace_find(&trace, "/next")->flags, 0);
	trace_done(&trace);
}

static void test_connections_made_since_have_no_partial_requests(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.counter = 102;
	write_to(&trace, STREAM, 101, 200, NT_WRITE_RESPONSE_HEAD); /* a tunnel of some kind */
	write_to(&trace, STREAM + 1, 50, 0, NT_WRITE_REQUEST_HEAD);
	write_to(&trace, STREAM + 2, 51, 0, 0);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM + 2, 0, 0);
	trace_request(&trace, PARSER, STREAM + 2, PARSER_ID, "/next"); /* the memory again */
	trace_respond(&trace, STREAM + 2, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "/next");
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
	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
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
	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
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
		cmocka_unit_test(test_request_has_status_and_ends_at_its_last_write),
		cmocka_unit_test(test_end_waits_until_the_kernel_has_all_bytes),
		cmocka_unit_test(test_chunked_response_ends_with_its_terminator),
		cmocka_unit_test(test_closed_connection_aborts_the_request),
		cmocka_unit_test(test_pipelined_responses_leave_in_order),
		cmocka_unit_test(test_operation_belongs_to_the_request_that_started_it),
		cmocka_unit_test(test_callback_of_an_operation_is_its_child),
		cmocka_unit_test(test_keep_alive_requests_share_a_parser_but_no_operation),
		cmocka_unit_test(test_continuation_runs_in_the_context_that_registered_it),
		cmocka_unit_test(test_response_of_a_request_from_before_is_a_partial_one),
		cmocka_unit_test(test_rest_of_a_response_shows_when_the_connection_is_used_again),
		cmocka_unit_test(test_connections_made_since_have_no_partial_requests),
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
