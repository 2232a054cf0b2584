/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Timers: when they end, seen or inferred. */
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

static void test_timer_that_is_due_ends_with_its_phase_and_says_so(void **state)
{
	const struct op *due, *later;
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/sleep");
	trace_timeout(&trace, 20, 0);
	trace_timeout(&trace, 500, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 10 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS); /* of some other timer */
	trace.ts += 10 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	phase = trace.ts;
	trace_respond(&trace, STREAM, 200);
	trace_pass(&trace, 100 * MS);
	assert_int_equal(trace.n_requests, 0); /* one is still open */
	engine_finish(trace.engine, trace.ts);

	due = trace_op(trace.requests[0], "20");
	assert_non_null(due);
	assert_int_equal(due->end_ns, phase);
	assert_int_equal(due->flags, OP_END_INFERRED);
	later = trace_op(trace.requests[0], "500");
	assert_non_null(later);
	assert_int_equal(later->end_ns, 0);
	assert_int_equal(later->flags, OP_OPEN);
	trace_done(&trace);
}

/* A guard of 500 ms, cleared in time, which nothing shows. */
static void test_timer_that_showed_nothing_does_not_outlast_its_request(void **state)
{
	const struct request *request;
	const struct op *guard;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/guarded");
	trace_timeout(&trace, 500, 0);
	trace.ts += 10 * MS;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 500 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_pass(&trace, 600 * MS);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	guard = trace_op(request, "500");
	assert_int_equal(guard->flags, OP_END_INFERRED);
	assert_int_equal(guard->end_ns, request->end_ns);
	assert_true(op_outlived(request, guard));
	trace_done(&trace);
}

/* The phase of another timer comes just before; then the loop is busy, and only then it runs. */
static void test_timer_that_only_may_have_run_holds_its_request(void **state)
{
	struct trace trace;
	uint64_t id;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/late");
	id = trace_timeout(&trace, 5, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 4 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace_pass(&trace, 120 * MS);
	assert_int_equal(trace.n_requests, 0);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace_stat(&trace, 0x9000, "/after");
	trace.exec = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_non_null(trace_op(trace.requests[0], "/after"));
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

static void test_silent_timer_is_given_up_when_the_loop_is_idle(void **state)
{
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/silent");
	trace_timeout(&trace, 20, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	phase = trace.ts;
	trace_respond(&trace, STREAM, 200);
	trace_pass(&trace, 240 * MS);
	assert_int_equal(trace.n_requests, 0); /* perhaps it was not given the CPU */
	trace_pass(&trace, 60 * MS);
	assert_int_equal(trace.n_requests, 1); /* long before linger_ns is over */
	assert_int_equal(trace_op(trace.requests[0], "20")->end_ns, phase);
	trace_done(&trace);
}

static void test_silent_timer_is_over_after_a_turn_of_a_busy_loop(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/silent");
	trace_timeout(&trace, 20, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	for (int i = 0; i < 10; i++) { /* never idle */
		trace.ts += 10 * MS;
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	}
	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace_op(trace.requests[0], "20")->flags, OP_END_INFERRED);
	trace_done(&trace);
}

static void test_timer_made_in_a_busy_loop_is_not_due_before_its_time(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (int i = 0; i < 10000; i++) { /* 200 ms without a pause */
		trace_scope(&trace, SCOPE, 0, 0, 0);
		trace_close(&trace, SCOPE);
	}
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/busy");
	trace_timeout(&trace, 100, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 50 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	engine_finish(trace.engine, trace.ts);

	assert_int_equal(trace_op(trace.requests[0], "100")->flags, OP_OPEN);
	trace_done(&trace);
}

static void test_timer_that_is_seen_running_has_no_inferred_end(void **state)
{
	const struct op *timer;
	struct trace trace;
	uint64_t id, seen;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/timer");
	id = trace_timeout(&trace, 20, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace.trigger = PARSER_ID;
	seen = trace.ts;
	trace_stat(&trace, 0x9000, "/in-timer");
	trace.exec = trace.trigger = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	timer = trace_op(trace.requests[0], "20");
	assert_non_null(timer);
	assert_int_equal(timer->flags, 0);
	assert_true(timer->end_ns > seen);
	trace_done(&trace);
}

static void test_interval_holds_its_request_no_longer_than_the_response(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/interval");
	trace_timeout(&trace, 20, NT_TIMER_REPEATS);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 100 * MS);

	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->ops[0].type, "interval");
	trace_done(&trace);
}

static void test_timers_of_node_itself_are_no_operations(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/internal");
	trace_timeout(&trace, 5000, NT_TIMER_INTERNAL);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timer_that_is_due_ends_with_its_phase_and_says_so),
		cmocka_unit_test(test_timer_that_showed_nothing_does_not_outlast_its_request),
		cmocka_unit_test(test_timer_that_only_may_have_run_holds_its_request),
		cmocka_unit_test(test_silent_timer_is_given_up_when_the_loop_is_idle),
		cmocka_unit_test(test_silent_timer_is_over_after_a_turn_of_a_busy_loop),
		cmocka_unit_test(test_timer_made_in_a_busy_loop_is_not_due_before_its_time),
		cmocka_unit_test(test_timer_that_is_seen_running_has_no_inferred_end),
		cmocka_unit_test(test_interval_holds_its_request_no_longer_than_the_response),
		cmocka_unit_test(test_timers_of_node_itself_are_no_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
