/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a callback does once it has responded: its request waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER     0x1000
#define STREAM     0x2000
#define PARSER_ID  50
#define OTHER      0x3000
#define OTHER_SIDE 0x4000
#define OTHER_ID   60
#define SCOPE      0x7000

static void begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_turn(trace);
}

/* A handler that has responded, and goes on. */
static void begin_responded(struct trace *trace, const char *url)
{
	begin(trace);
	trace_request(trace, PARSER, STREAM, PARSER_ID, url);
	trace_respond(trace, STREAM, 200);
}

static void test_work_after_the_response_is_the_requests(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	begin_responded(&trace, "/log-after");
	for (int i = 0; i < 30; i++)
		trace_pass(&trace, 100 * MS);
	assert_int_equal(trace.n_requests, 0);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 1000 * MS);
	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_true(request->cpu_ns >= 3000 * MS);
	assert_true(request->cpu_ns < 3001 * MS);
	assert_true(request->runs[0].end_ns > request->end_ns + 2999 * MS);
	assert_true(request->label_ns[LABEL_JS] < MS);
	trace_done(&trace);
}

static void test_work_after_the_response_in_a_continuation_is_the_requests(void **state)
{
	struct trace trace;

	(void)state;
	begin(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/awaits");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 7, 0, 0);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, 7, 0, 0);
	trace_respond(&trace, STREAM, 200);
	for (int i = 0; i < 20; i++)
		trace_pass(&trace, 100 * MS);
	assert_int_equal(trace.n_requests, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_pass(&trace, 1000 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_true(trace.requests[0]->cpu_ns >= 2000 * MS);
	trace_done(&trace);
}

/* Another request does not wait for whom the loop runs. */
static void test_who_does_not_run_is_handed_out_at_once(void **state)
{
	struct trace trace;

	(void)state;
	begin(&trace);
	trace_request(&trace, OTHER, OTHER_SIDE, OTHER_ID, "/quick");
	trace_respond(&trace, OTHER_SIDE, 200);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/hang");
	trace_pass(&trace, 100 * MS);
	trace_pass(&trace, 100 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "/quick");
	trace_finish(&trace);
	trace_done(&trace);
}

static void test_a_callback_without_end_does_not_hold_its_request_for_ever(void **state)
{
	struct trace trace;

	(void)state;
	begin_responded(&trace, "/for-ever");
	trace_pass(&trace, 59000 * MS);
	assert_int_equal(trace.n_requests, 0);
	trace_pass(&trace, 2000 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_true(trace.requests[0]->cpu_ns >= 60990 * MS);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_after_the_response_is_the_requests),
		cmocka_unit_test(test_work_after_the_response_in_a_continuation_is_the_requests),
		cmocka_unit_test(test_who_does_not_run_is_handed_out_at_once),
		cmocka_unit_test(test_a_callback_without_end_does_not_hold_its_request_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
