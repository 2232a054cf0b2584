/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What an earlier run has left in an optimised frame: no doubt where two say the same against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define POOL_ID 90 /* of a connection that was there before */
#define OWN     (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)
#define SPILLED (NT_BIRTH_INLINED | NT_SIGHT_FRAME)

/* The first request makes an AsyncResource, the second a closure. Returns the closure's gap. */
static uint32_t begin(struct trace *trace, uint64_t *ret_resource)
{
	uint32_t born = 0;

	trace_init(trace, 100);
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, i ? "/second" : "/first");
		if (!i)
			*ret_resource = ++trace->counter;
		born = trace->seq;
		trace_close(trace, 0x7000);
	}
	return born;
}

/* In a callback of the pool, in the scope of `exec`. */
static void stat_in(struct trace *trace, uint64_t exec, const char *path, uint32_t born,
		    uint32_t kind)
{
	struct event event;

	trace_scope(trace, 0x8000, POOL_ID, 0, 0);
	trace->exec = exec;
	trace->counter++;
	event = trace_event(trace, NT_EVENT_WORK_SUBMIT);
	event.a = 0x9000 + trace->seq;
	event.b = 6 + 1;
	event.c = trace->counter;
	event.arg = NT_WORK_FS;
	event.n_births = 1;
	event.birth_kinds = kind;
	event.births[0] = event.seq - born;
	trace_text(&event, path);
	trace_feed(trace, &event);
	trace_close(trace, 0x8000);
}

static void test_what_is_left_in_a_frame_does_not_doubt_it(void **state)
{
	struct trace trace;
	uint64_t resource;
	uint32_t born = begin(&trace, &resource);

	(void)state;
	stat_in(&trace, resource, "/a", born, SPILLED);
	trace_answer_all(&trace, 2);
	assert_non_null(trace_op(trace_find(&trace, "/first"), "/a"));
	trace_done(&trace);
}

static void test_a_closure_that_runs_there_does(void **state)
{
	struct trace trace;
	uint64_t resource;
	uint32_t born = begin(&trace, &resource);

	(void)state;
	stat_in(&trace, resource, "/a", born, OWN);
	trace_answer_all(&trace, 2);
	assert_non_null(trace_op(trace_find(&trace, "/second"), "/a"));
	trace_done(&trace);
}

/* It may be a tick, which may run what others queued. */
static void test_a_tick_is_doubted(void **state)
{
	struct trace trace;
	uint64_t resource;
	uint32_t born;

	(void)state;
	trace_init(&trace, 100);
	trace.tick = 1;
	trace_request(&trace, 0x1000, 0x2000, 50, "/first");
	resource = ++trace.counter;
	trace_close(&trace, 0x7000);
	trace_request(&trace, 0x1001, 0x2001, 51, "/second");
	born = trace.seq;
	trace_close(&trace, 0x7000);
	stat_in(&trace, resource, "/a", born, SPILLED);
	trace_answer_all(&trace, 2);
	assert_null(trace_op(trace_find(&trace, "/first"), "/a"));
	assert_null(trace_op(trace_find(&trace, "/second"), "/a"));
	trace_done(&trace);
}

/* Elsewhere it may be a closure that the optimiser inlined, also where the frame's own closure and the ids agree. */
static void test_a_closure_and_the_ids_do_not_gainsay_it(void **state)
{
	struct trace trace;
	uint32_t born[2];

	(void)state;
	trace_init(&trace, 100);
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(&trace, 0x1000 + i, 0x2000 + i, 50 + i, i ? "/second" : "/first");
		born[i] = trace.seq;
		if (!i)
			(void)trace_stat(&trace, 0xa000, "/job");
		trace_close(&trace, 0x7000);
	}
	for (uint32_t n = 1; n <= 2; n++) {
		struct event event;

		trace_scope(&trace, 0x8000, 101, 50, 0);
		trace.counter++;
		event = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
		event.a = 0x9000 + n;
		event.b = 6 + 1;
		event.c = trace.counter;
		event.arg = NT_WORK_FS;
		event.n_births = n;
		event.birth_kinds = SPILLED | NT_BIRTH_CONTEXT << 4;
		event.births[0] = event.seq - born[1];
		event.births[1] = event.seq - born[0];
		trace_text(&event, n == 1 ? "/alone" : "/both");
		trace_feed(&trace, &event);
		trace_close(&trace, 0x8000);
	}
	trace_answer_all(&trace, 2);
	assert_null(trace_op(trace_find(&trace, "/first"), "/alone"));
	assert_null(trace_op(trace_find(&trace, "/second"), "/alone"));
	assert_null(trace_op(trace_find(&trace, "/first"), "/both"));
	assert_null(trace_op(trace_find(&trace, "/second"), "/both"));
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_left_in_a_frame_does_not_doubt_it),
		cmocka_unit_test(test_a_closure_that_runs_there_does),
		cmocka_unit_test(test_a_tick_is_doubted),
		cmocka_unit_test(test_a_closure_and_the_ids_do_not_gainsay_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
