/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Ticks of several requests in one drain of the queue. What waits in the queue when a scope closes tells who made
 * it; without that one would think that everything belongs to whoever executes.
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

/* A request whose handler makes a resource of its own in JavaScript: its id. */
static uint64_t waiting_request(struct trace *trace, uint64_t n, const char *url)
{
	trace_request(trace, PARSER + n, STREAM + n, PARSER_ID + n, url);
	trace->counter++;
	trace_close(trace, SCOPE);
	return trace->counter;
}

/* The scope of `id` closes with these ticks in the queue. */
static void close_with_ticks(struct trace *trace, const struct timer_candidate *ticks, uint32_t n)
{
	struct event event;

	trace->tick = 1;
	event = trace_event(trace, NT_EVENT_SCOPE_CLOSE);
	event.a = SCOPE;
	event.arg = event.n_candidates = n;
	for (uint32_t i = 0; i < n; i++)
		event.candidates[i] = ticks[i];
	trace_feed(trace, &event);
	trace->exec = trace->trigger = 0;
}

/* A tick runs that was made by the tick `maker`, and asks for a file. */
static void tick_runs(struct trace *trace, uint64_t id, uint64_t maker, const char *path)
{
	trace->exec = id;
	trace->trigger = maker;
	trace_stat(trace, WORK + id, path);
	trace->exec = trace->trigger = 0;
}

/*
 * The callback of the first request's file calls the other two in the scopes of their resources. Each
 * makes a tick that shows nothing but makes another, which asks for a file.
 */
static void call_the_waiting(struct trace *trace)
{
	struct timer_candidate ticks[2];
	uint64_t one, two, file;

	trace->counter = 1000;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	one = waiting_request(trace, 1, "/one");
	two = waiting_request(trace, 2, "/two");
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/caller");
	file = trace_stat(trace, WORK, "/caller's");
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
	trace_plain(trace, NT_EVENT_WORK_DONE, WORK, 0, 0);
	trace_scope(trace, SCOPE, file, PARSER_ID, 0);
	ticks[0] = (struct timer_candidate){trace->counter + 1, one};
	ticks[1] = (struct timer_candidate){trace->counter + 2, two};
	trace->counter += 2;
	close_with_ticks(trace, ticks, 2);
	trace->counter += 2; /* both ran, and made one each */
	tick_runs(trace, ticks[1].id + 1, ticks[0].id, "/one's");
	tick_runs(trace, ticks[1].id + 2, ticks[1].id, "/two's");
	trace->tick = 0;
	for (uint64_t i = 0; i < 3; i++)
		trace_respond(trace, STREAM + i, 200);
}

static void test_ticks_in_the_queue_are_of_those_who_made_them(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	call_the_waiting(&trace);
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/one"), "/one's"));
	assert_non_null(trace_op(trace_find(&trace, "/two"), "/two's"));
	assert_int_equal(trace_find(&trace, "/caller")->n_ops, 1);
	trace_done(&trace);
}

/*
 * A timer's callback that shows nothing, and then ticks that do not either, between two timers: no
 * queue can be read there. Who runs a file in the last of them?
 */
static void silent_timer(struct trace *trace, const char *path)
{
	struct event event;
	uint64_t timer;

	trace_request(trace, PARSER, STREAM, PARSER_ID, "/timer");
	timer = ++trace->counter;
	event = trace_event(trace, NT_EVENT_TIMER_NOW);
	event.a = timer;
	event.b = 1;
	trace_feed(trace, &event);
	trace_close(trace, SCOPE);
	trace->ts += 5 * MS;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(trace, SCOPE, 0, 0, 0);
	event = trace_event(trace, NT_EVENT_TICK_BOUNDARY);
	event.n_candidates = 1;
	event.candidates[0] = (struct timer_candidate){timer, PARSER_ID};
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace->tick = 1;
	trace->counter += 2; /* one tick, and the one that it made */
	tick_runs(trace, trace->counter, trace->counter - 1, path);
	trace->tick = 0;
	trace_plain(trace, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
	trace_close(trace, SCOPE);
	trace_respond(trace, STREAM, 200);
}

static void test_ticks_of_a_silent_timer_are_its_request_s(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	silent_timer(&trace, "/its");
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/timer"), "/its"));
	trace_done(&trace);
}

/* Once resources are seen to be entered, the timer may have entered one. */
static void test_ticks_of_a_silent_timer_are_nobody_s_where_resources_are_entered(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	call_the_waiting(&trace);
	silent_timer(&trace, "/whose");
	trace_finish(&trace);
	assert_null(trace_op(trace_find(&trace, "/timer"), "/whose"));
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

/* Ids that cannot be, as of a queue that was read while it was something else, change nothing. */
static void test_ticks_that_cannot_be_are_left_out(void **state)
{
	const struct timer_candidate ticks[] = {{1ULL << 52, 7}, {5000, 4999}, {900, 901}, {0, 0}};
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/x");
	close_with_ticks(&trace, ticks, sizeof(ticks) / sizeof(ticks[0]));
	trace.tick = 0;
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/next");
	trace_stat(&trace, WORK, "/mine");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/next"), "/mine"));
	assert_true(trace_totals(&trace).memory < 1 << 20);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks_in_the_queue_are_of_those_who_made_them),
		cmocka_unit_test(test_ticks_of_a_silent_timer_are_its_request_s),
		cmocka_unit_test(
			test_ticks_of_a_silent_timer_are_nobody_s_where_resources_are_entered),
		cmocka_unit_test(test_ticks_that_cannot_be_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
