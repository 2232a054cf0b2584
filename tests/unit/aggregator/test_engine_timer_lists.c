/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Timers of several lists in one phase. Which one is called next stands in node's queue; whether it entered the scope of
 * an AsyncResource, in the stack of ids. What it does then need not show.
 */
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
#define WORK      0x9000

/* A request whose handler makes a resource of its own in JavaScript, and a timer: returns the timer's id. */
static uint64_t request_with_timer(struct trace *trace, uint64_t n, const char *url, uint64_t delay)
{
	uint64_t timer;

	trace_request(trace, PARSER + n, STREAM + n, PARSER_ID + n, url);
	trace->counter++;
	timer = trace_timeout(trace, delay, 0);
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
	return timer;
}

/* A tick runs that was made by another, and asks for a file; `entered` tells of all since the timer began. */
static void tick_runs(struct trace *trace, const char *path, enum nt_entered entered)
{
	struct event event;
	uint64_t id;

	trace->tick = 1;
	trace->counter += 2; /* the one that showed nothing, and the one that it made */
	trace->exec = trace->counter;
	trace->trigger = trace->counter - 1;
	id = ++trace->counter;
	event = trace_event(trace, NT_EVENT_INIT);
	event.entered = (uint8_t)entered;
	trace_text(&event, "FSREQCALLBACK");
	trace_feed(trace, &event);
	event = trace_event(trace, NT_EVENT_WORK_SUBMIT);
	event.a = WORK + id;
	event.b = 6 + 1;
	event.c = id;
	event.arg = NT_WORK_FS;
	event.entered = NT_ENTERED_NONE;
	trace_text(&event, path);
	trace_feed(trace, &event);
	trace->exec = trace->trigger = 0;
}

static void phase_of(struct trace *trace, uint64_t timer, uint64_t trigger)
{
	trace->ts += 20 * MS;
	trace_plain(trace, NT_EVENT_PHASE, timer, trigger, NT_PHASE_TIMERS);
	trace_scope(trace, SCOPE, 0, 0, 0);
}

/* After ticks and microtasks of one timer the next one is called. */
static void then_timer(struct trace *trace, uint64_t timer, uint64_t trigger)
{
	trace->tick = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, timer, trigger, 0);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, timer, trigger, NT_MICROTASKS_READ);
}

static void phase_ends(struct trace *trace)
{
	trace->tick = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
	trace_close(trace, SCOPE);
}

/* A thread in which AsyncResources are entered: the callback of a file enters that of the first request. */
static void enter_resource(struct trace *trace)
{
	struct event event;
	uint64_t resource, file;

	trace->counter = 1000;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_request(trace, PARSER + 8, STREAM + 8, PARSER_ID + 8, "/entered");
	resource = ++trace->counter;
	file = trace_stat(trace, WORK, "/some");
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
	trace_scope(trace, SCOPE, file, PARSER_ID + 8, 0);
	trace->counter++;
	trace->tick = 1;
	event = trace_event(trace, NT_EVENT_SCOPE_CLOSE);
	event.a = SCOPE;
	event.arg = event.n_candidates = 1;
	event.candidates[0] = (struct timer_candidate){trace->counter, resource};
	trace_feed(trace, &event);
	trace->exec = trace->trigger = 0;
	trace->tick = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
}

static void respond_all(struct trace *trace)
{
	for (uint64_t i = 0; i < 2; i++)
		trace_respond(trace, STREAM + i, 200);
	trace_respond(trace, STREAM + 8, 200);
	trace_finish(trace);
}

/* Both have a timer, of different lists. */
static void two_requests(struct trace *trace, uint64_t *ret_one, uint64_t *ret_two)
{
	*ret_one = request_with_timer(trace, 0, "/one", 5);
	*ret_two = request_with_timer(trace, 1, "/two", 7);
}

static void two_lists(struct trace *trace, enum nt_entered entered)
{
	uint64_t one, two;

	trace_init(trace, 100);
	enter_resource(trace);
	two_requests(trace, &one, &two);
	phase_of(trace, one, PARSER_ID);
	tick_runs(trace, "/one's", entered);
	then_timer(trace, two, PARSER_ID + 1);
	tick_runs(trace, "/two's", entered);
	phase_ends(trace);
	respond_all(trace);
}

static void test_first_timer_of_each_list_is_who_runs(void **state)
{
	const struct op *timer;
	struct trace trace;

	(void)state;
	two_lists(&trace, NT_ENTERED_NONE);
	assert_non_null(trace_op(trace_find(&trace, "/one"), "/one's"));
	assert_non_null(trace_op(trace_find(&trace, "/two"), "/two's"));
	timer = trace_op(trace_find(&trace, "/two"), "7");
	assert_int_equal(timer->flags, 0); /* seen, not inferred */
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

static void test_ticks_of_a_timer_that_entered_a_resource_are_nobody_s(void **state)
{
	struct trace trace;

	(void)state;
	two_lists(&trace, NT_ENTERED_SOME);
	assert_null(trace_op(trace_find(&trace, "/one"), "/one's"));
	assert_null(trace_op(trace_find(&trace, "/two"), "/two's"));
	assert_int_equal(trace.n_unowned, 2);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_ticks_are_nobody_s_where_nothing_tells_of_resources(void **state)
{
	struct trace trace;

	(void)state;
	two_lists(&trace, NT_ENTERED_UNKNOWN);
	assert_int_equal(trace.n_unowned, 2);
	trace_done(&trace);
}

/* All that a timer left behind is an immediate, which was made in a tick that nothing shows: once nobody's scope was
 * entered it is the timer's, else it may be of any. */
static void silent_timer(struct trace *trace, enum nt_entered entered)
{
	struct event event;
	uint64_t timer, immediate;

	trace_init(trace, 100);
	enter_resource(trace);
	timer = request_with_timer(trace, 0, "/one", 5);
	phase_of(trace, timer, PARSER_ID);
	trace->counter += 2;
	immediate = trace->counter;
	trace->immediates = 1;
	event = trace_event(trace, NT_EVENT_TICK_BOUNDARY);
	event.entered = (uint8_t)entered;
	trace_feed(trace, &event);
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	trace_scope(trace, SCOPE, 0, 0, 0);
	trace->immediates = 0;
	trace->exec = immediate;
	trace->trigger = immediate - 1;
	trace_stat(trace, WORK + immediate, "/immediate's");
	trace->exec = trace->trigger = 0;
	trace_close(trace, SCOPE);
	respond_all(trace);
}

static void test_a_silent_timer_that_entered_nothing_made_all(void **state)
{
	struct trace trace;

	(void)state;
	silent_timer(&trace, NT_ENTERED_NONE);
	assert_non_null(trace_op(trace_find(&trace, "/one"), "/immediate's"));
	trace_done(&trace);
}

static void test_a_silent_timer_that_entered_a_resource_made_nothing_for_sure(void **state)
{
	struct trace trace;

	(void)state;
	silent_timer(&trace, NT_ENTERED_SOME);
	assert_null(trace_op(trace_find(&trace, "/one"), "/immediate's"));
	trace_done(&trace);
}

/* Node 16 and 18 do not begin to run microtasks when there are none. */
static void test_boundary_alone_tells_who_is_next(void **state)
{
	uint64_t one, two;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	two_requests(&trace, &one, &two);
	phase_of(&trace, one, PARSER_ID);
	trace_plain(&trace, NT_EVENT_TICK_BOUNDARY, two, PARSER_ID + 1, 0);
	tick_runs(&trace, "/two's", NT_ENTERED_NONE);
	phase_ends(&trace);
	respond_all(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/two"), "/two's"));
	trace_done(&trace);
}

/* A microtask cleared the one that the boundary told: nothing else is believed then. */
static void test_what_the_end_of_microtasks_says_counts(void **state)
{
	uint64_t one, two;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	two_requests(&trace, &one, &two);
	trace.ts += 20 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_TICK_BOUNDARY, one, PARSER_ID, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, two, PARSER_ID + 1, NT_MICROTASKS_READ);
	tick_runs(&trace, "/two's", NT_ENTERED_NONE);
	trace.tick = 0;
	trace_plain(&trace, NT_EVENT_TICK_BOUNDARY, one, PARSER_ID, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, NT_MICROTASKS_READ);
	tick_runs(&trace, "/whose", NT_ENTERED_NONE);
	phase_ends(&trace);
	respond_all(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/two"), "/two's"));
	assert_null(trace_op(trace_find(&trace, "/one"), "/whose"));
	trace_done(&trace);
}

/* The first of the queue need not be due: one before it was cleared. */
static void test_a_timer_that_is_not_due_has_not_run(void **state)
{
	struct trace trace;
	uint64_t timer;

	(void)state;
	trace_init(&trace, 100);
	timer = request_with_timer(&trace, 0, "/one", 5000);
	phase_of(&trace, timer, PARSER_ID);
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	engine_finish(trace.engine, trace.ts);
	assert_int_equal(trace_op(trace_find(&trace, "/one"), "5000")->flags, OP_OPEN);
	trace_done(&trace);
}

/* Ids that cannot be, as of memory that was read while it was something else, change nothing. */
static void test_timers_that_cannot_be_are_nobody(void **state)
{
	static const uint64_t ids[][2] = {
		{1ULL << 52, 7}, {5000, 4999}, {900, 901}, {90, 90}, {0, 7}};
	uint64_t file;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/one");
	file = trace_stat(&trace, WORK, "/mine");
	trace_close(&trace, SCOPE);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		phase_of(&trace, ids[i][0], ids[i][1]);
		then_timer(&trace, ids[i][0], ids[i][1]);
		then_timer(&trace, file, PARSER_ID); /* native: no timer */
		tick_runs(&trace, "/whose", NT_ENTERED_NONE);
		phase_ends(&trace);
	}
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);
	assert_null(trace_op(trace_find(&trace, "/one"), "/whose"));
	assert_non_null(trace_op(trace_find(&trace, "/one"), "/mine"));
	assert_true(trace_totals(&trace).memory < 1 << 20);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_timer_of_each_list_is_who_runs),
		cmocka_unit_test(test_ticks_of_a_timer_that_entered_a_resource_are_nobody_s),
		cmocka_unit_test(test_ticks_are_nobody_s_where_nothing_tells_of_resources),
		cmocka_unit_test(test_a_silent_timer_that_entered_nothing_made_all),
		cmocka_unit_test(test_a_silent_timer_that_entered_a_resource_made_nothing_for_sure),
		cmocka_unit_test(test_boundary_alone_tells_who_is_next),
		cmocka_unit_test(test_what_the_end_of_microtasks_says_counts),
		cmocka_unit_test(test_a_timer_that_is_not_due_has_not_run),
		cmocka_unit_test(test_timers_that_cannot_be_are_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
