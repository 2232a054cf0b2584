/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* When a response over TLS has gone out: its cleartext does not tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/http2.h"

/* Of a session over TLS only cleartext counts. */
static void test_ciphertext_ends_nothing(void **state)
{
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1 | NT_HTTP2_TLS, "GET /one");
	respond(&trace, 1, 200);
	data(&trace, 1, 70, true);
	written(&trace);
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 100, NT_WRITE_TLS);
	end = trace.ts;
	written(&trace);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->end_ns, end);
	trace_done(&trace);
}

/* The ciphertext of this response was not seen, that of the one before was. */
static void test_lost_ciphertext_ends_nothing_before_it_was_sent(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1 | NT_HTTP2_TLS, "GET /one");
	trace_close(&trace, SCOPE);
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 9, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
	written(&trace);
	respond(&trace, 1, 200 | NT_HTTP2_NO_BODY);
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 9, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
	trace_plain(&trace, NT_EVENT_TLS_WRITTEN, UV, 0, 0);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_true(request->sent_ns && request->end_ns >= request->sent_ns);
	trace_done(&trace);
}

/* Ciphertext goes to the kernel in pieces; the last is out before node says so. */
static void test_tls_ends_with_its_last_ciphertext(void **state)
{
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1 | NT_HTTP2_TLS, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	data(&trace, 1, 70, true);
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 100, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
	written(&trace);
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_QUEUED, UV, 0, 0);
	trace_plain(&trace, NT_EVENT_STREAM_WRITE_FLUSHED, UV, 0, 0);
	written(&trace);
	end = trace.ts;
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_TLS_WRITTEN, UV, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->flags, 0);
	assert_int_equal(trace.requests[0]->end_ns, end);
	trace_done(&trace);
}

static void test_tls_write_that_fails_cuts_off(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1 | NT_HTTP2_TLS, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200);
	data(&trace, 1, 70, true);
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 1000, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
	written(&trace);
	trace_plain(&trace, NT_EVENT_TLS_WRITTEN, UV, (uint64_t)-32, 0);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	trace_done(&trace);
}

/* The same for HTTP/1; a socket destroyed once all is out has lost nothing. */
static void test_response_over_tls(void **state)
{
	static const uint64_t cipher[] = {50, 200};
	struct trace trace;
	struct event event;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 2; i++) {
		event = trace_event(&trace, NT_EVENT_MESSAGE_URL);
		event.a = 0x100;
		event.b = UV;
		event.arg = NT_URL_TLS;
		trace_text(&event, "/one");
		trace_feed(&trace, &event);
		trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, 0x100, 1 | 1 << 8, 0);
		trace_write(&trace, UV, 200, BODY_LENGTH, 105, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
		trace_write(&trace, UV, 0, BODY_UNKNOWN, cipher[i], 0);
		end = trace.ts;
		trace_plain(&trace, NT_EVENT_TLS_WRITTEN, UV, (uint64_t)-125, 0);
	}
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace.requests[0]->flags, REQUEST_ABORTED);
	assert_int_equal(trace.requests[1]->flags, 0);
	assert_int_equal(trace.requests[1]->end_ns, end);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ciphertext_ends_nothing),
		cmocka_unit_test(test_lost_ciphertext_ends_nothing_before_it_was_sent),
		cmocka_unit_test(test_tls_ends_with_its_last_ciphertext),
		cmocka_unit_test(test_tls_write_that_fails_cuts_off),
		cmocka_unit_test(test_response_over_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
