/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* More requests on one connection than the engine keeps apart. */
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
	trace_pass(&trace, 100 * MS);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_more_than_64_pipelined_requests_all_end),
		cmocka_unit_test(test_request_after_a_long_pipeline_gets_its_own_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
