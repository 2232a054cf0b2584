/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where a response ends, and the rest of one that began before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_has_status_and_ends_at_its_last_write),
		cmocka_unit_test(test_end_waits_until_the_kernel_has_all_bytes),
		cmocka_unit_test(test_chunked_response_ends_with_its_terminator),
		cmocka_unit_test(test_closed_connection_aborts_the_request),
		cmocka_unit_test(test_pipelined_responses_leave_in_order),
		cmocka_unit_test(test_response_of_a_request_from_before_is_a_partial_one),
		cmocka_unit_test(test_rest_of_a_response_shows_when_the_connection_is_used_again),
		cmocka_unit_test(test_connections_made_since_have_no_partial_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
