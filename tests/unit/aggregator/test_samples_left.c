/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* CPU samples that a request has no room for are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/samples.h"
#include "aggregator/trace.h"

#define PARSER    0x100
#define STREAM    0x200
#define PARSER_ID 5
#define SCOPE     0x7000
#define BEYOND    7

static struct stack stacks[CPU_SAMPLES_MAX + SAMPLES_MAX];

static void sample(struct trace *trace, const struct stack *stack)
{
	struct event event = trace_event(trace, NT_EVENT_CPU_SAMPLE);

	event.has_ids = false;
	event.a = 10 * MS;
	event.stack = stack;
	trace_feed(trace, &event);
}

static uint64_t left(const struct trace *trace)
{
	return trace_totals(trace).stacks.samples_left;
}

static void respond(struct trace *trace)
{
	trace_respond(trace, STREAM, 200);
	trace_close(trace, SCOPE);
	trace_finish(trace);
	assert_int_equal(trace->n_requests, 1);
}

/* One callback was at more places than are told apart. */
static void test_places_of_a_run(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/");
	for (int i = 0; i < SAMPLES_MAX + BEYOND; i++)
		sample(&trace, &stacks[i]);
	respond(&trace);
	assert_int_equal(trace.requests[0]->n_samples, SAMPLES_MAX);
	assert_int_equal(left(&trace), BEYOND);
	trace_done(&trace);
}

static void test_places_of_a_request(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/");
	for (int i = 0; i < CPU_SAMPLES_MAX + BEYOND; i++) {
		sample(&trace, &stacks[i]);
		sample(&trace, &stacks[i]);
		if (i % 10)
			continue;
		trace_close(&trace, SCOPE);
		trace_scope(&trace, SCOPE, PARSER_ID, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	}
	respond(&trace);
	assert_int_equal(trace.requests[0]->n_samples, CPU_SAMPLES_MAX);
	assert_int_equal(left(&trace), 2 * BEYOND);
	trace_done(&trace);
}

static void test_operations_that_are_folded(void **state)
{
	uint64_t ids[4];
	struct trace trace;

	(void)state;
	trace_init(&trace, 2);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/");
	for (int i = 0; i < 4; i++)
		ids[i] = trace_stat(&trace, 0x9000 + 16 * i, "/x");
	trace_close(&trace, SCOPE);
	for (int i = 0; i < 4; i++) {
		trace_scope(&trace, SCOPE, ids[i], 1, 0);
		sample(&trace, &stacks[i]);
		if (i == 3)
			trace_respond(&trace, STREAM, 200);
		trace_close(&trace, SCOPE);
	}
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_samples + left(&trace), 4);
	assert_true(left(&trace) > 0);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_of_a_run),
		cmocka_unit_test(test_places_of_a_request),
		cmocka_unit_test(test_operations_that_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
