/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Streams of HTTP/2 become requests, and what runs in their name is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

#define SESSION    0x1000
#define UV         0x2000
#define OTHER_UV   0x3000
#define SESSION_ID 50
#define SCOPE      0x7000
#define CANCEL     8

static void event_of(struct trace *trace, enum nt_event_kind kind, uint64_t b, uint64_t c,
		     uint32_t arg)
{
	struct event event = trace_event(trace, kind);

	event.a = SESSION;
	event.b = b;
	event.c = c;
	event.arg = arg;
	trace_feed(trace, &event);
}

/* A stream is opened and its headers are complete; the scope that tells JavaScript is open. Returns the
 * stream's id. number: maybe | NT_HTTP2_TLS. */
static uint64_t open_stream(struct trace *trace, uint32_t number, const char *head)
{
	struct event event;
	uint64_t id;

	event_of(trace, NT_EVENT_HTTP2_STREAM, UV, SESSION_ID, number);
	id = trace_resource(trace, "HTTP2STREAM");
	event = trace_event(trace, NT_EVENT_HTTP2_HEADERS);
	event.a = SESSION;
	event.c = id;
	event.arg = number & ~NT_HTTP2_TLS;
	trace_text(&event, head);
	trace_feed(trace, &event);
	trace_scope(trace, SCOPE, SESSION_ID, 1, 0);
	return id;
}

static void respond(struct trace *trace, uint32_t number, uint32_t status)
{
	event_of(trace, NT_EVENT_HTTP2_RESPONSE, UV, status, number);
}

static void data(struct trace *trace, uint32_t number, uint64_t bytes, bool last)
{
	event_of(trace, NT_EVENT_HTTP2_DATA, bytes, last, number);
}

static void written(struct trace *trace)
{
	trace_write(trace, UV, 0, BODY_UNKNOWN, 100, 0);
}

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
	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_NONE);
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
		cmocka_unit_test(test_stream_is_a_request),
		cmocka_unit_test(test_response_without_a_body_ends_with_its_headers),
		cmocka_unit_test(test_end_is_when_the_kernel_has_the_last_bytes),
		cmocka_unit_test(test_ciphertext_ends_nothing),
		cmocka_unit_test(test_streams_of_one_session_are_told_apart),
		cmocka_unit_test(test_business_of_the_session_is_nobodys),
		cmocka_unit_test(test_reset_cuts_a_request_off),
		cmocka_unit_test(test_reset_without_an_error_ends_an_answered_request),
		cmocka_unit_test(test_close_of_the_connection_cuts_all_its_streams_off),
		cmocka_unit_test(test_session_whose_memory_is_used_again),
		cmocka_unit_test(test_stream_older_than_the_trace_is_partial),
		cmocka_unit_test(test_events_out_of_order_do_no_harm),
		cmocka_unit_test(test_lost_response_is_no_whole_request),
		cmocka_unit_test(test_lost_ciphertext_ends_nothing_before_it_was_sent),
		cmocka_unit_test(test_tls_ends_with_its_last_ciphertext),
		cmocka_unit_test(test_tls_write_that_fails_cuts_off),
		cmocka_unit_test(test_response_over_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
