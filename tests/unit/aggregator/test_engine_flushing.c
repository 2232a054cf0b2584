/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Every request is handed out, also when what would have told its end was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER     0x1000
#define STREAM     0x2000
#define SESSION    0x3000
#define PARSER_ID  50
#define SESSION_ID 60
#define SCOPE      0x7000
#define N_REQUESTS 20
#define LOST       3 /* the one whose end is lost */
#define LOST_FLAGS (REQUEST_LOSSY | REQUEST_END_APPROXIMATE)

/* Its response does not fit the kernel's buffer; the rest has not been taken yet. */
static void begin_big(struct trace *trace, const char *url)
{
	trace_request(trace, PARSER, STREAM, PARSER_ID, url);
	trace_respond(trace, STREAM, 200);
	trace_plain(trace, NT_EVENT_STREAM_WRITE_QUEUED, STREAM, 0, 0);
	trace_close(trace, SCOPE);
	trace->ts += 5 * MS;
}

static void flush(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_STREAM_WRITE_FLUSHED, STREAM, 0, 0);
}

static void lose(struct trace *trace)
{
	(void)trace_event(trace, NT_EVENT_STREAM_WRITE_FLUSHED);
}

static void phase(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
}

static void test_lost_flush_holds_no_request_of_its_connection_back(void **state)
{
	const struct request *request;
	uint64_t ends[N_REQUESTS];
	struct trace trace;
	char url[32];

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < N_REQUESTS; i++) {
		(void)snprintf(url, sizeof(url), "/big/%d", i);
		begin_big(&trace, url);
		if (i == LOST)
			lose(&trace);
		else
			flush(&trace);
		ends[i] = trace.ts;
		phase(&trace);
	}
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, N_REQUESTS);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	for (int i = 0; i < N_REQUESTS; i++) {
		(void)snprintf(url, sizeof(url), "/big/%d", i);
		request = trace_find(&trace, url);
		if (i >= LOST) /* those before it may have lost an operation */
			assert_int_equal(request->flags, i == LOST ? LOST_FLAGS : 0);
		if (i != LOST)
			assert_int_equal(request->end_ns, ends[i]);
	}
	trace_done(&trace);
}

/* Until the hole all was seen, so it had not ended before. */
static void test_lost_flush_was_not_before_the_hole(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t seen;

	(void)state;
	trace_init(&trace, 100);
	begin_big(&trace, "/big");
	trace.ts += 300 * MS;
	phase(&trace);
	seen = trace.ts;
	lose(&trace);
	phase(&trace);
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_int_equal(request->flags, LOST_FLAGS);
	assert_int_equal(request->end_ns, seen);
	assert_true(request->sent_ns < seen - 299 * MS);
	trace_done(&trace);
}

/* Something else was lost: the end is seen after all. */
static void test_flush_after_a_hole_counts(void **state)
{
	struct trace trace;
	uint64_t end;

	(void)state;
	trace_init(&trace, 100);
	begin_big(&trace, "/big");
	lose(&trace);
	phase(&trace);
	trace.ts += 100 * MS;
	flush(&trace);
	end = trace.ts;
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->end_ns, end);
	trace_done(&trace);
}

static void test_close_after_a_lost_flush_cuts_nothing_off(void **state)
{
	struct trace trace;
	uint64_t before;

	(void)state;
	trace_init(&trace, 100);
	begin_big(&trace, "/big");
	lose(&trace);
	before = trace.ts;
	phase(&trace);
	trace.ts += 200 * MS;
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->flags, LOST_FLAGS);
	assert_true(trace.requests[0]->end_ns < before);
	trace_done(&trace);
}

static void upgrade(struct trace *trace)
{
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/socket");
	trace_write(trace, STREAM, 101, BODY_NONE, 100, 0);
	trace_close(trace, SCOPE);
	trace_pass(trace, 100 * MS);
}

static void test_lost_close_of_an_upgraded_connection_shows_at_its_next_use(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	upgrade(&trace);
	lose(&trace); /* its uv_close */
	trace_request(&trace, PARSER, STREAM, PARSER_ID + 1, "/next");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	assert_int_equal(trace_find(&trace, "/socket")->flags, REQUEST_UPGRADED | REQUEST_LOSSY);
	assert_int_equal(trace_find(&trace, "/next")->flags, 0);
	trace_done(&trace);
}

/* The memory is another thread's by now, and the parsers have the same number there. */
static void test_lost_close_shows_when_another_thread_uses_the_memory(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	upgrade(&trace);
	lose(&trace);
	phase(&trace);
	trace_thread(&trace, 2);
	trace.counter = 100;
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/next");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	assert_int_equal(trace_find(&trace, "/next")->status, 200);
	assert_int_equal(trace_find(&trace, "/next")->flags, 0);
	trace_done(&trace);
}

static void tls_request(struct trace *trace, const char *url)
{
	struct event event = trace_event(trace, NT_EVENT_MESSAGE_URL);

	event.a = PARSER;
	event.b = STREAM;
	event.arg = NT_URL_TLS;
	trace_text(&event, url);
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_write(trace, STREAM, 200, BODY_LENGTH, 105, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
}

/* Without a hole: the tracer was not there yet to see it. */
static void test_missed_end_of_a_response_over_tls_shows_at_the_next(void **state)
{
	struct trace trace;
	uint64_t sent, end;

	(void)state;
	trace_init(&trace, 100);
	tls_request(&trace, "/missed");
	sent = trace.ts;
	trace.ts += 20 * MS;
	tls_request(&trace, "/next");
	trace_plain(&trace, NT_EVENT_TLS_WRITTEN, STREAM, 0, 0);
	end = trace.ts;
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace_find(&trace, "/missed")->flags, REQUEST_END_APPROXIMATE);
	assert_int_equal(trace_find(&trace, "/missed")->end_ns, sent);
	assert_int_equal(trace_find(&trace, "/next")->flags, 0);
	assert_int_equal(trace_find(&trace, "/next")->end_ns, end);
	trace_done(&trace);
}

static void session_event(struct trace *trace, enum nt_event_kind kind, uint64_t c, uint32_t number)
{
	struct event event = trace_event(trace, kind);

	event.a = SESSION;
	event.b = STREAM;
	event.c = c;
	event.arg = number;
	if (kind == NT_EVENT_HTTP2_HEADERS)
		event.b = 0;
	trace_text(&event, kind == NT_EVENT_HTTP2_HEADERS ? "GET /one" : "");
	trace_feed(trace, &event);
}

/* A stream of HTTP/2 that is answered; the last bytes are written next. */
static void answer_stream(struct trace *trace, uint32_t number, uint32_t tls)
{
	session_event(trace, NT_EVENT_HTTP2_STREAM, SESSION_ID, number | tls);
	session_event(trace, NT_EVENT_HTTP2_HEADERS, 0, number);
	session_event(trace, NT_EVENT_HTTP2_RESPONSE, 200 | NT_HTTP2_NO_BODY, number);
}

static void test_lost_flush_holds_no_stream_of_its_session_back(void **state)
{
	uint64_t ends[N_REQUESTS];
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (uint32_t i = 0; i < N_REQUESTS; i++) {
		answer_stream(&trace, 2 * i + 1, 0);
		trace_write(&trace, STREAM, 0, BODY_UNKNOWN, 100, 0);
		trace_plain(&trace, NT_EVENT_STREAM_WRITE_QUEUED, STREAM, 0, 0);
		if (i == LOST)
			lose(&trace);
		else
			flush(&trace);
		ends[i] = trace.ts;
		phase(&trace);
	}
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, N_REQUESTS);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	for (uint32_t i = 0; i < N_REQUESTS; i++) {
		if (i >= LOST)
			assert_int_equal(trace.requests[i]->flags, i == LOST ? LOST_FLAGS : 0);
		if (i != LOST)
			assert_int_equal(trace.requests[i]->end_ns, ends[i]);
		else
			assert_true(trace.requests[i]->end_ns < ends[i]);
	}
	trace_done(&trace);
}

/* The end of the next stream is not that of the one before. */
static void test_lost_end_of_a_stream_over_tls_is_not_the_next_ones(void **state)
{
	struct trace trace;
	uint64_t before = 0;

	(void)state;
	trace_init(&trace, 100);
	for (uint32_t i = 0; i < 2; i++) {
		answer_stream(&trace, 2 * i + 1, NT_HTTP2_TLS);
		trace_write(&trace, STREAM, 0, BODY_UNKNOWN, 100, NT_WRITE_TLS | NT_WRITE_TLS_TOLD);
		trace.ts += 30 * MS;
		if (i) {
			trace_plain(&trace, NT_EVENT_TLS_WRITTEN, STREAM, 0, 0);
		} else {
			lose(&trace);
			before = trace.ts;
		}
	}
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace.requests[0]->flags, LOST_FLAGS);
	assert_true(trace.requests[0]->end_ns < before);
	assert_int_equal(trace.requests[1]->flags, 0);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_flush_holds_no_request_of_its_connection_back),
		cmocka_unit_test(test_lost_flush_was_not_before_the_hole),
		cmocka_unit_test(test_flush_after_a_hole_counts),
		cmocka_unit_test(test_close_after_a_lost_flush_cuts_nothing_off),
		cmocka_unit_test(test_lost_close_of_an_upgraded_connection_shows_at_its_next_use),
		cmocka_unit_test(test_lost_close_shows_when_another_thread_uses_the_memory),
		cmocka_unit_test(test_missed_end_of_a_response_over_tls_shows_at_the_next),
		cmocka_unit_test(test_lost_flush_holds_no_stream_of_its_session_back),
		cmocka_unit_test(test_lost_end_of_a_stream_over_tls_is_not_the_next_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
