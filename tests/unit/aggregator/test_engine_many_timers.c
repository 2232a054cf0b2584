/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* More timers than can be waited for: those that are over make room, and the rest is counted. */
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
#define HOUR_MS   (3600 * 1000)
#define MANY      66000 /* more than there is room for */

/* A request sleeps for 20 ms, silently. Returns when it woke. */
static uint64_t sleep_in_a_request(struct trace *trace)
{
	uint64_t woke;

	trace_request(trace, PARSER, STREAM, PARSER_ID, "/sleep");
	trace_timeout(trace, 20, 0);
	trace_close(trace, SCOPE);
	trace->ts += 21 * MS;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	woke = trace->ts;
	for (int i = 0; i < 2; i++) {
		trace->ts += 5 * MS;
		trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	}
	trace_respond(trace, STREAM, 200);
	return woke;
}

/* Guards of operations, that are cleared as soon as these are done: nothing shows that. */
static void test_timers_that_are_forgotten_make_room(void **state)
{
	struct trace trace;
	uint64_t woke;

	(void)state;
	trace_init(&trace, 100);
	for (uint32_t i = 0; i < MANY; i++) {
		trace_timeout(&trace, HOUR_MS, 0);
		trace.ts += 3 * MS;
		engine_tick(trace.engine, trace.ts);
		trace.n_unowned = 0;
	}
	woke = sleep_in_a_request(&trace);
	trace.ts += 100 * MS; /* it is not waited for */
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_ops, 1);
	assert_int_equal(trace.requests[0]->ops[0].end_ns, woke);
	assert_int_equal(trace.requests[0]->ops[0].flags, OP_END_INFERRED);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	trace_done(&trace);
}

/* All of them run yet: of those beyond the bound nobody notices that they ran. */
static void test_timers_beyond_the_bound_are_counted(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 2 * MANY);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/many");
	for (uint32_t i = 0; i < MANY; i++)
		trace_timeout(&trace, HOUR_MS, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);

	assert_int_equal(trace_totals(&trace).forgotten, MANY - 65536);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers_that_are_forgotten_make_room),
		cmocka_unit_test(test_timers_beyond_the_bound_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
