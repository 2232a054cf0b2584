/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Streams of HTTP/2 of which not all was seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/http2.h"

#define OTHER_UV 0x3000

/* The memory of a session serves another one, and the close of the first was lost. */
static void test_session_whose_memory_is_used_again(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /lost");
	trace_close(&trace, SCOPE);
	event_of(&trace, NT_EVENT_HTTP2_STREAM, OTHER_UV, SESSION_ID + 1, 1);
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	trace_done(&trace);
}

static void test_stream_older_than_the_trace_is_partial(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	respond(&trace, 7, 200 | NT_HTTP2_NO_BODY);
	written(&trace);
	respond(&trace, 8, 200 | NT_HTTP2_NO_BODY); /* pushed */
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->flags, REQUEST_PARTIAL);
	assert_int_equal(trace.requests[0]->status, 200);
	assert_int_equal(trace.requests[0]->headers_ns, 0);
	trace_done(&trace);
}

/* Events of streams that nobody opened, headers twice, numbers of no session: nothing is made of them. */
static void test_events_out_of_order_do_no_harm(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	data(&trace, 1, 1, true);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	event_of(&trace, NT_EVENT_HTTP2_HEADERS, 0, 0, 1);
	event_of(&trace, NT_EVENT_HTTP2_STREAM, 0, 0, 1);
	(void)open_stream(&trace, 1, "");
	trace_close(&trace, SCOPE);
	(void)open_stream(&trace, 1, "GET /twice");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	respond(&trace, 1, 200 | NT_HTTP2_NO_BODY);
	data(&trace, 1, 1, true);
	written(&trace);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "?");
	assert_int_equal(trace.requests[0]->flags, REQUEST_PARTIAL);
	trace_done(&trace);
}

static void test_lost_response_is_no_whole_request(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	data(&trace, 1, 70, true);
	written(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->status, 0);
	assert_int_equal(trace.requests[0]->flags, REQUEST_PARTIAL);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_whose_memory_is_used_again),
		cmocka_unit_test(test_stream_older_than_the_trace_is_partial),
		cmocka_unit_test(test_events_out_of_order_do_no_harm),
		cmocka_unit_test(test_lost_response_is_no_whole_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
