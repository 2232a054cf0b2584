/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What was made just before a collection: its births have the number of an event that has no ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define OWN (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

#define POOL_ID 90 /* of a connection that was there before */

/* Within a handler: V8 collects, and samples come. Returns the number that births have which lie before. */
static uint32_t collect(struct trace *trace, uint32_t n_events)
{
	uint32_t number = trace->seq;

	for (uint32_t i = 0; i < n_events; i++) {
		struct event event = trace_event(trace, NT_EVENT_GC);

		event.has_ids = false;
		event.a = event.ts - 1000;
		event.arg = 1;
		trace_feed(trace, &event);
	}
	return number;
}

/* Two requests are open, on connections that serve many. */
static void begin(struct trace *trace, uint32_t n_events, uint32_t born[2])
{
	trace_init(trace, 100);
	for (uint32_t i = 0; i < 2; i++) {
		trace_scope(trace, 0x8000, POOL_ID, 0, 0);
		trace_close(trace, 0x8000);
	}
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, i ? "/second" : "/first");
		born[i] = collect(trace, n_events);
		trace_close(trace, 0x7000);
	}
}

/* How many operations both requests have, all of them by their closures. */
static uint32_t count_ops(const struct trace *trace)
{
	static const char *const urls[] = {"/first", "/second"};
	uint32_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct request *request = trace_find(trace, urls[i]);

		assert_non_null(request);
		for (uint32_t k = 0; k < request->n_ops; k++, n++) {
			assert_string_equal(request->ops[k].detail, i ? "/b" : "/a");
			assert_int_equal(request->ops[k].evidence, EVIDENCE_CLOSURE);
		}
	}
	return n;
}

static void test_they_are_of_who_ran_when_it_began(void **state)
{
	static const uint32_t lengths[] = {1, 2, 50};
	struct trace trace;
	uint32_t born[2];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin(&trace, lengths[i], born);
		trace_scope(&trace, 0x8000, POOL_ID, 0, 0);
		trace_stat_seeing(&trace, "/a", 1, &born[0], OWN, 1);
		trace_stat_seeing(&trace, "/b", 1, &born[1], OWN, 2);
		trace_close(&trace, 0x8000);
		trace_answer_all(&trace, 2);
		assert_int_equal(count_ops(&trace), 2);
		trace_done(&trace);
	}
}

/* Nobody knows what ran in a hole; nor is the gap behind it that of what lies before. */
static void test_not_when_the_events_behind_it_were_lost(void **state)
{
	struct trace trace;
	uint32_t born[2];

	(void)state;
	begin(&trace, 1, born);
	trace_request(&trace, 0x1002, 0x2002, 52, "/third");
	born[0] = collect(&trace, 1);
	trace.seq += 3; /* the end of that handler, and the beginning of the next */
	trace_close(&trace, 0x7000);
	trace_scope(&trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&trace, "/a", 1, &born[0], OWN, 1);
	trace_close(&trace, 0x8000);
	trace_answer_all(&trace, 2);
	trace_respond(&trace, 0x2002, 200);
	assert_int_equal(count_ops(&trace), 0);
	trace_done(&trace);
}

/* More than any collection has: the search ends. */
static void test_not_when_there_are_too_many_events_without_ids(void **state)
{
	struct trace trace;
	uint32_t born[2];

	(void)state;
	begin(&trace, 5000, born);
	trace_scope(&trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&trace, "/a", 1, &born[0], OWN, 1);
	trace_close(&trace, 0x8000);
	trace_answer_all(&trace, 2);
	assert_int_equal(count_ops(&trace), 0);
	trace_done(&trace);
}

/* A thread that computes, and of which samples tell alone. */
static void test_memory_is_bounded(void **state)
{
	struct totals before, after;
	struct trace trace;
	uint32_t born[2];

	(void)state;
	begin(&trace, 5000, born);
	(void)collect(&trace, 1000);
	engine_totals(trace.engine, &before);
	(void)collect(&trace, 100000);
	engine_totals(trace.engine, &after);
	assert_in_range(after.memory, 1, before.memory);
	trace_answer_all(&trace, 2);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_are_of_who_ran_when_it_began),
		cmocka_unit_test(test_not_when_the_events_behind_it_were_lost),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_not_when_there_are_too_many_events_without_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
