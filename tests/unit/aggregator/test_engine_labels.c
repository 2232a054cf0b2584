/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What requests waited for, from the events of a thread to the labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "aggregator/label.h"

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define TOKEN     7

/* The loop has waited for so long, and wakes. */
static void loop_turn(struct trace *trace, uint64_t wait_ns)
{
	uint64_t since = wait_ns ? trace->ts + 1 : 0;
	struct event event;

	trace->ts += wait_ns;
	event = trace_event(trace, NT_EVENT_LOOP_TURN);
	event.has_ids = false;
	event.a = since;
	trace_feed(trace, &event);
}

static void phase(struct trace *trace, enum nt_phase phase, uint64_t busy_ns)
{
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, phase);
	trace_scope(trace, SCOPE, 0, 0, 0);
	trace->ts += busy_ns;
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	if (phase == NT_PHASE_IMMEDIATES)
		trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
}

/* await sleep(ms), whose callback shows nothing but the continuation. */
static void request_sleeps(struct trace *trace, uint64_t ms)
{
	struct event event;

	loop_turn(trace, MS);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/sleep");
	trace->counter++;
	event = trace_event(trace, NT_EVENT_TIMER_NOW);
	event.a = trace->counter;
	event.b = ms;
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, TOKEN, 0, 0);
	trace_close(trace, SCOPE);
}

/* In the microtasks of the last phase. */
static void request_goes_on(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_TOKEN_RUN, TOKEN, 0, 0);
	trace_respond(trace, STREAM, 200);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_finish(trace);
}

/* What the request waited for, the operation named, apart from what takes some microseconds. */
static void expect_waits(const struct request *request, uint64_t timer_ns, uint64_t loop_ns)
{
	uint64_t timers = request->label_ns[LABEL_TIMER], loops = request->label_ns[LABEL_LOOP];

	print_message("timer %" PRIu64 " loop %" PRIu64 "\n", timers, loops);
	assert_true(timers > timer_ns - MS / 2 && timers < timer_ns + MS / 2);
	assert_true(loops > loop_ns - (loop_ns ? MS / 2 : 0) && loops < loop_ns + MS / 2);
	for (uint32_t i = 0; i < request->n_labels; i++)
		if (request->labels[i].label == LABEL_TIMER)
			assert_int_equal(request->labels[i].op, 0);
}

/*
 * It was nearly due in the turn before, and the immediates of this turn came first: the wait is neither
 * theirs nor the loop's. The demo, Node 22: 3 of 11 requests.
 */
static void test_a_silent_timer_behind_the_immediates(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	request_sleeps(&trace, 20);
	loop_turn(&trace, 19 * MS);
	phase(&trace, NT_PHASE_IMMEDIATES, 0);
	loop_turn(&trace, MS);
	phase(&trace, NT_PHASE_IMMEDIATES, 0);
	phase(&trace, NT_PHASE_TIMERS, 0);
	request_goes_on(&trace);
	expect_waits(trace.requests[0], 20 * MS, 0);
	trace_done(&trace);
}

/* The timer of another, just before it, kept the loop: this one was ready all the while. */
static void test_a_silent_timer_behind_another(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	request_sleeps(&trace, 20);
	loop_turn(&trace, 19 * MS);
	phase(&trace, NT_PHASE_TIMERS, 80 * MS);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	phase(&trace, NT_PHASE_IMMEDIATES, 0);
	loop_turn(&trace, 0);
	phase(&trace, NT_PHASE_TIMERS, 0);
	request_goes_on(&trace);
	expect_waits(trace.requests[0], 20 * MS, 79 * MS);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_silent_timer_behind_the_immediates),
		cmocka_unit_test(test_a_silent_timer_behind_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
