/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Streams of HTTP/2 become requests, and what runs in their name is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/http2.h"

#define CANCEL 8

static void test_stream_is_a_request(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "PATCH /one");
	trace_stat(&trace, 0x9000, "/mine");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 418);
	data(&trace, 1, 70, false);
	written(&trace);
	data(&trace, 1, 30, true);
	written(&trace);
	end = trace.ts;
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_string_equal(request->method, "PATCH");
	assert_string_equal(request->url, "/one");
	assert_int_equal(request->status, 418);
	assert_int_equal(request->flags, 0);
	assert_int_equal(request->bytes_out, 100);
	assert_int_equal(request->end_ns, end);
	assert_non_null(trace_op(request, "/mine"));
	trace_done(&trace);
}

static void test_response_without_a_body_ends_with_its_headers(void **state)
{
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "HEAD /one");
	respond(&trace, 1, 204 | NT_HTTP2_NO_BODY);
	written(&trace);
	end = trace.ts;
	trace_close(&trace, SCOPE);
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->status, 204);
	assert_int_equal(trace.requests[0]->end_ns, end);
	trace_done(&trace);
}

static void test_end_is_when_the_kernel_has_the_last_bytes(void **state)
{
	struct trace trace;
	uint64_t sent, flushed;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	data(&trace, 1, 70, true);
	written(&trace);
	sent = trace.ts;
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_QUEUED, UV, 0, 0);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_FLUSHED, UV, 0, 0);
	flushed = trace.ts;
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->sent_ns, sent);
	assert_int_equal(trace.requests[0]->end_ns, flushed);
	trace_done(&trace);
}

static void test_streams_of_one_session_are_told_apart(void **state)
{
	uint64_t first, second;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	first = open_stream(&trace, 1, "GET /first");
	trace_close(&trace, SCOPE);
	second = open_stream(&trace, 3, "GET /second");
	trace_stat(&trace, 0x9000, "/in-second");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, first, SESSION_ID, 0);
	trace_stat(&trace, 0x9001, "/in-first");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, second, SESSION_ID, 0);
	trace_stat(&trace, 0x9002, "/again-second");
	trace_close(&trace, SCOPE);
	respond(&trace, 3, 202 | NT_HTTP2_NO_BODY);
	respond(&trace, 1, 201 | NT_HTTP2_NO_BODY);
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace.requests[0]->status, 201);
	assert_int_equal(trace.requests[1]->status, 202);
	assert_non_null(trace_op(trace.requests[0], "/in-first"));
	assert_non_null(trace_op(trace.requests[1], "/in-second"));
	assert_non_null(trace_op(trace.requests[1], "/again-second"));
	trace_done(&trace);
}

/* Settings, pings: scopes of the session that tell of no stream. */
static void test_business_of_the_session_is_nobodys(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, SESSION_ID, 1, 0);
	trace_stat(&trace, 0x9000, "/of-the-session");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200 | NT_HTTP2_NO_BODY);
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_NONE);
	trace_done(&trace);
}

static void test_reset_cuts_a_request_off(void **state)
{
	struct trace trace;
	uint64_t reset;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	data(&trace, 1, 70, false);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, CANCEL, 0, 1);
	reset = trace.ts;
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	assert_int_equal(trace.requests[0]->end_ns, reset);
	trace_done(&trace);
}

/* As node sends files: no frame says that it is the last. */
static void test_reset_without_an_error_ends_an_answered_request(void **state)
{
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /file");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	data(&trace, 1, 70, false);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	written(&trace);
	end = trace.ts;
	(void)open_stream(&trace, 3, "GET /never");
	trace_close(&trace, SCOPE);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 3);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->flags, 0);
	assert_int_equal(trace.requests[0]->end_ns, end);
	assert_int_equal(trace.requests[1]->flags, REQUEST_ABORTED);
	trace_done(&trace);
}

static void test_close_of_the_connection_cuts_all_its_streams_off(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /open");
	trace_close(&trace, SCOPE);
	(void)open_stream(&trace, 3, "GET /unwritten");
	trace_close(&trace, SCOPE);
	respond(&trace, 3, 200 | NT_HTTP2_NO_BODY);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, UV, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	assert_int_equal(trace.requests[1]->flags, REQUEST_ABORTED);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream_is_a_request),
		cmocka_unit_test(test_response_without_a_body_ends_with_its_headers),
		cmocka_unit_test(test_end_is_when_the_kernel_has_the_last_bytes),
		cmocka_unit_test(test_streams_of_one_session_are_told_apart),
		cmocka_unit_test(test_business_of_the_session_is_nobodys),
		cmocka_unit_test(test_reset_cuts_a_request_off),
		cmocka_unit_test(test_reset_without_an_error_ends_an_answered_request),
		cmocka_unit_test(test_close_of_the_connection_cuts_all_its_streams_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
