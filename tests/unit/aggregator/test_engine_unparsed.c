/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Messages whose headers never were complete are requests, as far as they are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER 0x100
#define UV     0x200
#define SOCKET 150 /* async id of one that was accepted since tracing began */
#define PUT    (1 | 4 << 8)

static void url(struct trace *trace, const char *text)
{
	struct event event = trace_event(trace, NT_EVENT_MESSAGE_URL);

	event.a = PARSER;
	event.b = UV;
	event.c = PUT;
	trace_text(&event, text);
	trace_feed(trace, &event);
}

static void refuse_in(struct trace *trace, uint32_t status, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = UV;
	event.b = 47;
	event.c = SOCKET;
	event.status = status;
	event.framing = BODY_UNTIL_CLOSE;
	event.head_length = 47;
	event.arg = NT_WRITE_RESPONSE_HEAD | flags;
	trace_feed(trace, &event);
}

static void refuse(struct trace *trace, uint32_t status)
{
	refuse_in(trace, status, 0);
}

/* A request that is answered at once, whatever comes of its body. */
static void serve(struct trace *trace)
{
	trace_request(trace, PARSER, UV, 5, "/served");
	trace_respond(trace, UV, 200);
	trace_close(trace, 0x7000);
}

static void close_stream(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_HANDLE_CLOSE, UV, 0, 0);
}

/* The only request: what is known of it. */
static void expect_one(struct trace *trace, const char *method, const char *path, uint32_t status,
		       uint32_t flags)
{
	const struct request *request;

	trace_finish(trace);
	assert_int_equal(trace->n_requests, 1);
	request = trace->requests[0];
	assert_string_equal(request->method, method);
	assert_string_equal(request->url, path);
	assert_int_equal(request->status, status);
	assert_int_equal(request->flags, flags);
	assert_int_equal(request->headers_ns, 0);
	trace_done(trace);
}

static void test_malformed_request_has_its_refusal(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	url(&trace, "/bad");
	refuse(&trace, 400);
	close_stream(&trace);
	expect_one(&trace, "PUT", "/bad", 400, REQUEST_UNPARSED);
}

static void test_half_sent_request_is_aborted(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	url(&trace, "/half");
	close_stream(&trace);
	expect_one(&trace, "PUT", "/half", 0, REQUEST_UNPARSED | REQUEST_ABORTED);
}

static void test_garbage_is_a_request_when_it_is_answered(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_stat(&trace, 0x9000, "/first"); /* the ids from here on are of the trace */
	refuse(&trace, 400);
	close_stream(&trace);
	expect_one(&trace, "?", "?", 400, REQUEST_UNPARSED);
}

static void test_other_responses_of_nobody_are_none(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_stat(&trace, 0x9000, "/first");
	refuse(&trace, 404); /* an application that speaks HTTP by itself */
	close_stream(&trace);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 0);
	trace_done(&trace);
}

static void test_after_a_loss_nothing_is_made_up(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	url(&trace, "/whole");
	trace.seq++; /* the event of its headers was lost */
	close_stream(&trace);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 0);
	trace_done(&trace);
}

static void test_garbage_after_an_answer_is_one_request(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	serve(&trace);
	refuse(&trace, 400);
	close_stream(&trace);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 2);
	assert_int_equal(trace.requests[1]->flags, REQUEST_UNPARSED);
	assert_int_equal(trace.requests[1]->status, 400);
	trace_done(&trace);
}

static void test_rest_of_an_answered_body_is_none(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	serve(&trace);
	refuse_in(&trace, 400, NT_WRITE_IN_BODY);
	close_stream(&trace);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "/served");
	assert_int_equal(trace.requests[0]->status, 200);
	assert_int_equal(trace.requests[0]->flags, 0);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed_request_has_its_refusal),
		cmocka_unit_test(test_half_sent_request_is_aborted),
		cmocka_unit_test(test_garbage_is_a_request_when_it_is_answered),
		cmocka_unit_test(test_other_responses_of_nobody_are_none),
		cmocka_unit_test(test_garbage_after_an_answer_is_one_request),
		cmocka_unit_test(test_rest_of_an_answered_body_is_none),
		cmocka_unit_test(test_after_a_loss_nothing_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
