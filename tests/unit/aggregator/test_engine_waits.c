/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A wait of the loop that nothing has ended yet, and one that began before the trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER 0x100
#define STREAM 0x200

/* User space has looked, and the loop has waited since then. */
static void look(struct trace *trace, uint64_t since_ns)
{
	const struct event event = {.kind = NT_EVENT_LOOP_WAITS,
				    .ts = trace->ts,
				    .tid = trace->tid,
				    .a = since_ns,
				    .text = ""};

	assert_int_equal(engine_feed(trace->engine, &event), 0);
}

static void test_an_idle_loop_has_waited(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t start;

	(void)state;
	trace_init(&trace, 100);
	start = trace.ts;
	for (int i = 1; i <= 3; i++) {
		trace_pass(&trace, 500 * MS);
		look(&trace, start);
		totals = trace_totals(&trace);
		assert_int_equal(totals.loop.idle_ns, trace.ts - start);
		assert_int_equal(totals.loop.busy_ns, 0);
		assert_int_equal(totals.loops.n, 1);
		assert_int_equal(totals.loops.items[0].idle_ns, trace.ts - start);
		assert_int_equal(totals.loops.items[0].tid, 1);
	}
	assert_int_equal(totals.events, 0); /* the target told nothing */
	trace_done(&trace);
}

static void test_the_wait_is_counted_once_when_it_ends(void **state)
{
	struct totals totals;
	struct trace trace;
	struct event turn;
	uint64_t asleep;

	(void)state;
	trace_init(&trace, 100);
	trace_turn(&trace);
	asleep = trace.ts + MS;
	trace_pass(&trace, 301 * MS);
	look(&trace, asleep);
	totals = trace_totals(&trace);
	assert_int_equal(totals.loop.idle_ns, 5 * MS + 300 * MS);
	assert_int_equal(totals.loop.busy_ns, MS); /* from the turn to the wait */
	turn = trace_event(&trace, NT_EVENT_LOOP_TURN);
	turn.has_ids = false;
	turn.a = asleep;
	trace_feed(&trace, &turn);
	totals = trace_totals(&trace);
	assert_int_equal(totals.loop.idle_ns, 5 * MS + turn.ts - asleep);
	assert_int_equal(totals.loop.busy_ns, MS);
	trace_done(&trace);
}

/* The kernel side has not seen it begin to wait: the end says "since 0". */
static void test_a_wait_older_than_the_trace_counts_since_it_was_found(void **state)
{
	struct event turn;
	struct trace trace;
	uint64_t start;

	(void)state;
	trace_init(&trace, 100);
	start = trace.ts;
	trace_pass(&trace, 400 * MS);
	look(&trace, start);
	turn = trace_event(&trace, NT_EVENT_LOOP_TURN);
	turn.has_ids = false;
	turn.ts = trace.ts += 100 * MS;
	trace_feed(&trace, &turn);
	assert_int_equal(trace_totals(&trace).loop.idle_ns, turn.ts - start);
	trace_done(&trace);
}

/* Whatever the thread tells, it does not wait in. */
static void test_what_it_does_ends_the_wait_unseen(void **state)
{
	struct trace trace;
	uint64_t start;

	(void)state;
	trace_init(&trace, 100);
	start = trace.ts;
	trace_pass(&trace, 400 * MS);
	look(&trace, start);
	trace_request(&trace, PARSER, STREAM, 5, "/");
	assert_int_equal(trace_totals(&trace).loop.idle_ns, 0);
	trace_pass(&trace, 400 * MS);
	look(&trace, start); /* that one is over */
	assert_int_equal(trace_totals(&trace).loop.idle_ns, 0);
	look(&trace, trace.ts + 1); /* and this is no time at all */
	look(&trace, 0);
	assert_int_equal(trace_totals(&trace).loop.idle_ns, 0);
	trace_done(&trace);
}

/* That it waits proves that the callback is over whose end was not told. */
static void test_a_loop_that_waits_is_not_stuck(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t asleep;

	(void)state;
	trace_init(&trace, 100);
	trace_turn(&trace);
	trace_request(&trace, PARSER, STREAM, 5, "/");
	asleep = trace.ts + MS;
	trace_pass(&trace, 3000 * MS);
	assert_true(trace_totals(&trace).stuck.busy_ns > 0);
	look(&trace, asleep);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, 0);
	assert_true(totals.loop.lag_ns < 1000 * MS);
	assert_int_equal(totals.loop.idle_ns, 5 * MS + trace.ts - asleep);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_idle_loop_has_waited),
		cmocka_unit_test(test_the_wait_is_counted_once_when_it_ends),
		cmocka_unit_test(test_a_wait_older_than_the_trace_counts_since_it_was_found),
		cmocka_unit_test(test_what_it_does_ends_the_wait_unseen),
		cmocka_unit_test(test_a_loop_that_waits_is_not_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
