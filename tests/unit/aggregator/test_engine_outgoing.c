/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests to other servers: their last bytes, errors and cut connections. */
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
#define CLIENT    0x5000

static void client_request(struct trace *trace, const char *head)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.arg = NT_WRITE_REQUEST_HEAD;
	trace_text(&event, head);
	trace_feed(trace, &event);
}

static uint64_t client_read(struct trace *trace, uint32_t status, int64_t n)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = CLIENT;
	event.b = (uint64_t)n;
	event.status = status;
	trace_feed(trace, &event);
	return event.ts;
}

static void client_init(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/proxy");
	client_request(trace, "GET http://other/x");
	trace_close(trace, SCOPE);
	trace->ts += 10 * MS;
}

static void test_client_request_ends_with_the_last_bytes_of_its_response(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t last;

	(void)state;
	client_init(&trace);
	client_read(&trace, 200, 1000);
	last = client_read(&trace, 0, 500);
	client_read(&trace, 0, -4095); /* the end of the stream is no byte of it */
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "GET http://other/x");
	assert_non_null(op);
	assert_string_equal(op->type, "http.client");
	assert_int_equal(op->end_ns, last);
	assert_int_equal(op->flags, 0);
	assert_int_equal(op->evidence, EVIDENCE_PARSER);
	trace_done(&trace);
}

static void test_client_request_that_is_answered_with_an_error_has_failed(void **state)
{
	struct trace trace;

	(void)state;
	client_init(&trace);
	client_read(&trace, 503, 100);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->flags, OP_FAILED);
	trace_done(&trace);
}

static void test_client_request_whose_connection_closes_has_failed(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t closed;

	(void)state;
	client_init(&trace);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, CLIENT, 0, 0);
	closed = trace.ts;
	client_read(&trace, 500, 100); /* of another connection at this address */
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "GET http://other/x");
	assert_int_equal(op->end_ns, closed);
	assert_int_equal(op->flags, OP_FAILED);
	trace_done(&trace);
}

static void test_next_request_on_a_connection_leaves_the_one_before_alone(void **state)
{
	struct trace trace;
	uint64_t first;

	(void)state;
	client_init(&trace);
	first = client_read(&trace, 200, 100);
	trace.exec = PARSER_ID;
	client_request(&trace, "GET http://other/y");
	trace.exec = 0;
	trace.ts += 10 * MS;
	client_read(&trace, 500, 100);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->end_ns, first);
	assert_int_equal(trace_op(trace.requests[0], "GET http://other/x")->flags, 0);
	assert_int_equal(trace_op(trace.requests[0], "GET http://other/y")->flags, OP_FAILED);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_request_ends_with_the_last_bytes_of_its_response),
		cmocka_unit_test(test_client_request_that_is_answered_with_an_error_has_failed),
		cmocka_unit_test(test_client_request_whose_connection_closes_has_failed),
		cmocka_unit_test(test_next_request_on_a_connection_leaves_the_one_before_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
