/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a tick does once it has responded: it runs after the callback that made it has returned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000

/* Nothing is told for so long, in steps that are shorter than requests linger. */
static void pass(struct trace *trace, uint64_t ns)
{
	for (uint64_t step = 100 * MS; ns; ns -= step) {
		step = ns < step ? ns : step;
		trace->ts += step;
		engine_tick(trace->engine, trace->ts);
	}
}

/* The handler has asked for a tick, which runs now and responds. */
static void begin_in_tick(struct trace *trace)
{
	trace_init(trace, 100);
	trace_turn(trace);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/ticks");
	trace->counter++;
	trace->tick = 1;
	trace_close(trace, SCOPE);
	trace->tick = 0;
	trace->exec = trace->counter;
	trace->trigger = PARSER_ID;
	trace_respond(trace, STREAM, 200);
}

/* All ticks have run. */
static void ticks_over(struct trace *trace)
{
	trace->exec = trace->trigger = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
}

static void test_work_after_the_response_in_a_tick_is_the_requests(void **state)
{
	struct trace trace;

	(void)state;
	begin_in_tick(&trace);
	pass(&trace, 3000 * MS);
	assert_int_equal(trace.n_requests, 0);
	ticks_over(&trace);
	pass(&trace, 1000 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_true(trace.requests[0]->cpu_ns >= 3000 * MS);
	assert_true(trace.requests[0]->cpu_ns < 3001 * MS);
	assert_true(trace.requests[0]->label_ns[LABEL_JS] < MS);
	trace_done(&trace);
}

static void test_a_tick_that_runs_has_the_loop(void **state)
{
	struct trace trace;

	(void)state;
	begin_in_tick(&trace);
	pass(&trace, 2000 * MS);
	assert_true(trace_totals(&trace).loop.busy_ns >= 2000 * MS);
	assert_true(trace_totals(&trace).stuck.busy_ns >= 2000 * MS);
	ticks_over(&trace);
	pass(&trace, 2000 * MS);
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	trace_finish(&trace);
	trace_done(&trace);
}

/* It threw, so that nothing said its end: the loop has gone to wait all the same. */
static void test_a_tick_of_an_earlier_turn_is_over(void **state)
{
	struct trace trace;

	(void)state;
	begin_in_tick(&trace);
	pass(&trace, 100 * MS);
	trace_turn(&trace);
	pass(&trace, 1000 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	trace_done(&trace);
}

static void test_a_tick_without_end_does_not_hold_its_request_for_ever(void **state)
{
	struct trace trace;

	(void)state;
	begin_in_tick(&trace);
	pass(&trace, 59000 * MS);
	assert_int_equal(trace.n_requests, 0);
	pass(&trace, 2000 * MS);
	assert_int_equal(trace.n_requests, 1);
	assert_true(trace.requests[0]->cpu_ns >= 59990 * MS);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_after_the_response_in_a_tick_is_the_requests),
		cmocka_unit_test(test_a_tick_that_runs_has_the_loop),
		cmocka_unit_test(test_a_tick_of_an_earlier_turn_is_over),
		cmocka_unit_test(test_a_tick_without_end_does_not_hold_its_request_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
