/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A turn of the loop that lasts: told while it does, and not when the loop only waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x100
#define STREAM    0x200
#define PERIOD_NS (10 * MS)
#define SCOPE     0x7000

/* A line of the application. */
struct line {
	struct stack stack;
	struct frame frames[1];
};

static const struct line hang = {
	.stack = {.id = 6, .n_frames = 1},
	.frames = {{.function = "stuck", .file = "/srv/hang.js", .line = 6, .kind = FRAME_JS}},
};

static void sample(struct trace *trace)
{
	struct event event = trace_event(trace, NT_EVENT_CPU_SAMPLE);

	trace->ts += PERIOD_NS;
	event.ts = trace->ts;
	event.has_ids = false;
	event.a = PERIOD_NS;
	event.stack = &hang.stack;
	trace_feed(trace, &event);
}

/* The loop goes on, and a handler is called. */
static void begin(struct trace *trace, const char *url)
{
	trace_init(trace, 100);
	trace_turn(trace);
	trace_request(trace, PARSER, STREAM, 5, url);
}

static void assert_place(const struct totals *totals, const char *place)
{
	char text[64];

	assert_string_equal(stuck_loop_place(&totals->stuck, text, sizeof(text)), place);
}

static void test_a_callback_that_runs_is_told_after_a_second(void **state)
{
	struct trace trace;
	struct totals totals;
	uint64_t woke;

	(void)state;
	trace_init(&trace, 100);
	trace_turn(&trace);
	woke = trace.ts;
	trace_request(&trace, PARSER, STREAM, 5, "/hang15000");
	for (int i = 0; i < 90; i++)
		sample(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, 0);
	assert_int_equal(totals.loop.lag_ns, trace.ts - woke);
	for (int i = 0; i < 20; i++)
		sample(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, trace.ts - woke);
	assert_int_equal(totals.stuck.pid, 1);
	assert_int_equal(totals.stuck.tid, 1);
	assert_false(totals.stuck.is_older);
	assert_place(&totals, "stuck (hang.js:6)");
	assert_false(totals.stuck.is_last_seen);
	assert_int_equal(totals.loop.busy_ns, trace.ts - woke);
	assert_int_equal(totals.loop.lag_ns, trace.ts - woke);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	trace_turn(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, 0);
	assert_true(totals.loop.lag_ns > 1100 * MS);
	assert_int_equal(totals.loop.busy_ns, totals.loop.lag_ns);
	trace_done(&trace);
}

/* It sleeps in a call: nobody meets it on the CPU, and where it is, is not known. */
static void test_a_callback_that_sleeps_is_stuck_nowhere(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	begin(&trace, "/sleep");
	trace_pass(&trace, 3000 * MS);
	totals = trace_totals(&trace);
	assert_true(totals.stuck.busy_ns >= 3000 * MS);
	assert_place(&totals, "");
	trace_done(&trace);
}

/* It started an operation there, and then it sleeps somewhere. */
static void test_where_it_started_something_is_where_it_was_last_seen(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	begin(&trace, "/sleep");
	(void)trace_stat_from(&trace, 0x9000, "/", &hang.stack);
	trace_pass(&trace, 3000 * MS);
	totals = trace_totals(&trace);
	assert_place(&totals, "stuck (hang.js:6)");
	assert_true(totals.stuck.is_last_seen);
	trace_finish(&trace);
	trace_done(&trace);
}

static void test_a_loop_that_waits_is_not_stuck(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t busy_ns;

	(void)state;
	begin(&trace, "/");
	sample(&trace);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	busy_ns = trace_totals(&trace).loop.busy_ns;
	trace_pass(&trace, 10000 * MS);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, 0);
	assert_int_equal(totals.loop.busy_ns, busy_ns);
	assert_int_equal(totals.loop.lag_ns, busy_ns);
	trace_done(&trace);
}

/* The end of a callback was not seen; but the loop has turned since. */
static void test_a_scope_left_unseen_is_no_callback(void **state)
{
	struct trace trace;

	(void)state;
	begin(&trace, "/");
	trace_turn(&trace);
	trace_pass(&trace, 10000 * MS);
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	trace_done(&trace);
}

static void test_a_loop_stuck_before_the_trace_is_told_by_samples(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t first;

	(void)state;
	trace_init(&trace, 100);
	sample(&trace);
	first = trace.ts;
	for (int i = 0; i < 150; i++)
		sample(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, trace.ts - first);
	assert_true(totals.stuck.is_older);
	assert_true(totals.stuck.before_trace);
	assert_place(&totals, "stuck (hang.js:6)");
	trace_pass(&trace, 1000 * MS); /* it may wait by now */
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	trace_done(&trace);
}

/* What was lost may have been the end of the turn: only what was seen since then counts. */
static void test_a_hole_in_the_events_begins_anew(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t first;

	(void)state;
	begin(&trace, "/");
	trace_pass(&trace, 5000 * MS);
	trace.seq += 3;
	sample(&trace);
	assert_int_equal(trace_totals(&trace).stuck.busy_ns, 0);
	first = trace.ts;
	for (int i = 0; i < 150; i++)
		sample(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, trace.ts - first);
	assert_true(totals.stuck.is_older);
	assert_false(totals.stuck.before_trace);
	trace_done(&trace);
}

/* A worker that computes does not hide the main thread. */
static void test_the_main_thread_goes_first(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_thread(&trace, 2);
	for (int i = 0; i < 150; i++)
		sample(&trace);
	assert_int_equal(trace_totals(&trace).stuck.tid, 2);
	trace_thread(&trace, 1);
	for (int i = 0; i < 120; i++) {
		sample(&trace);
		trace_thread(&trace, 2);
		sample(&trace);
		trace_thread(&trace, 1);
	}
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.tid, 1);
	trace_done(&trace);
}

/* It was terminated within a callback: no event tells so. */
static void test_a_worker_that_ended_is_not_stuck(void **state)
{
	struct totals totals;
	struct trace trace;
	uint64_t busy_ns;

	(void)state;
	trace_init(&trace, 100);
	trace_thread(&trace, 2);
	trace_turn(&trace);
	trace_scope(&trace, SCOPE, 7, 1, 0);
	for (int i = 0; i < 150; i++)
		sample(&trace);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.tid, 2);
	busy_ns = totals.loop.busy_ns;
	trace_pass(&trace, 5000 * MS);
	totals = trace_totals(&trace);
	assert_int_equal(totals.stuck.busy_ns, 0);
	assert_int_equal(totals.loop.busy_ns, busy_ns);
	trace_done(&trace);
}

/* A request that waits for a timer of 50 ms, then one whose handler does not return before the trace ends. */
static void wait_behind_hang(struct trace *trace)
{
	begin(trace, "/nap");
	trace_timeout(trace, 50, 0);
	trace_close(trace, SCOPE);
	trace_turn(trace);
	trace_request(trace, PARSER + 8, STREAM + 8, 6, "/hang15000");
}

static void test_who_runs_at_the_end_has_the_loop_until_then(void **state)
{
	const struct request *nap, *request;
	const struct turn_delay *delay;
	struct trace trace;
	uint64_t woke;

	(void)state;
	wait_behind_hang(&trace);
	woke = trace.ts;
	for (int i = 0; i < 300; i++)
		sample(&trace);
	trace_pass(&trace, 2000 * MS); /* it sleeps */
	engine_finish(trace.engine, trace.ts);
	request = trace_find(&trace, "/hang15000");
	assert_non_null(request);
	assert_true(request->flags & REQUEST_OPEN);
	assert_true(request->cpu_ns > trace.ts - woke - MS);
	assert_int_equal(request->label_ns[LABEL_UNKNOWN], 0);
	assert_true(request->label_ns[LABEL_JS] > trace.ts - woke - MS);
	nap = trace_find(&trace, "/nap");
	assert_non_null(nap);
	assert_in_range(nap->label_ns[LABEL_TIMER], 40 * MS, 52 * MS);
	assert_true(nap->label_ns[LABEL_LOOP] > trace.ts - woke - 51 * MS);
	assert_int_equal(nap->n_turns, 1);
	delay = &nap->turns[0];
	assert_false(delay->is_over);
	assert_int_equal(delay->culprit, request->serial);
	assert_int_equal(delay->busy, 1);
	assert_ptr_equal(delay->stack, &hang.stack);
	trace_done(&trace);
}

/* The callback was over; whatever comes then is not its time. */
static void test_who_has_returned_has_nothing_of_the_end(void **state)
{
	const struct request *nap, *request;
	struct trace trace;

	(void)state;
	wait_behind_hang(&trace);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 2000 * MS);
	engine_finish(trace.engine, trace.ts);
	request = trace_find(&trace, "/hang15000");
	assert_non_null(request);
	assert_true(request->cpu_ns < MS);
	nap = trace_find(&trace, "/nap");
	assert_non_null(nap);
	assert_true(nap->label_ns[LABEL_LOOP] < MS);
	trace_done(&trace);
}

static void test_places_are_cut_where_characters_end(void **state)
{
	const struct frame frame = {
		.function = "\u00e4\u00e4\u00e4\u00e4", .file = "/a.js", .line = 1};
	const struct stuck_loop stuck = {.frame = &frame};
	char text[6];

	(void)state;
	assert_string_equal(stuck_loop_place(&stuck, text, sizeof(text)), "\u00e4\u00e4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_callback_that_runs_is_told_after_a_second),
		cmocka_unit_test(test_a_callback_that_sleeps_is_stuck_nowhere),
		cmocka_unit_test(test_where_it_started_something_is_where_it_was_last_seen),
		cmocka_unit_test(test_a_loop_that_waits_is_not_stuck),
		cmocka_unit_test(test_a_scope_left_unseen_is_no_callback),
		cmocka_unit_test(test_a_loop_stuck_before_the_trace_is_told_by_samples),
		cmocka_unit_test(test_a_hole_in_the_events_begins_anew),
		cmocka_unit_test(test_the_main_thread_goes_first),
		cmocka_unit_test(test_a_worker_that_ended_is_not_stuck),
		cmocka_unit_test(test_who_runs_at_the_end_has_the_loop_until_then),
		cmocka_unit_test(test_who_has_returned_has_nothing_of_the_end),
		cmocka_unit_test(test_places_are_cut_where_characters_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
