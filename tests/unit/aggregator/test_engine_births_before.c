/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Closures on the stack of what had begun before we came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/pair.h"

/* The same, on connections that were made after we came. */
static void begin_quiet(struct pair *pair)
{
	struct trace *trace = &pair->trace;

	memset(pair, 0, sizeof(*pair));
	trace_init(trace, 100);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i,
			      trace_resource(trace, "HTTPINCOMINGMESSAGE"),
			      i ? "/second" : "/first");
		pair->born[i] = trace->seq;
		trace_close(trace, 0x7000);
	}
}

/* A continuation runs; another may be registered in it. */
static void run(struct trace *trace, uint64_t token, uint64_t next)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, token, 0, NT_TOKEN_REACTION);
	if (next)
		trace_plain(trace, NT_EVENT_TOKEN_REGISTER, next, 0, NT_TOKEN_REACTION);
}

static void run_end(struct trace *trace)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
}

/* Of an async function that waited when we came: what it does after the next await is its own, too. */
static void test_what_had_begun_is_not_given_to_whose_closure_lies_in_a_frame(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin(&pair);
	run(trace, 0, 1);
	run_end(trace);
	run(trace, 1, 2);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], NT_BIRTH_INLINED | NT_SIGHT_FRAME, 0);
	run_end(trace);
	run(trace, 2, 0);
	trace_stat_seeing(trace, "/b", 1, &pair.born[1], OWN, 1);
	run_end(trace);
	end(&pair);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_null(op_of(&pair, "/second", "/b"));
	assert_int_equal(trace->n_unowned, 2);
	trace_done(trace);
}

static void test_a_timer_from_before_is_of_nobody_that_came_later(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x8000, POOL_ID - 1, 0, 0);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], NT_BIRTH_INLINED | NT_SIGHT_FRAME, 0);
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, 1, 0, NT_TOKEN_REACTION);
	trace_close(trace, 0x8000);
	run(trace, 1, 0);
	trace_stat_seeing(trace, "/b", 1, &pair.born[0], NT_BIRTH_INLINED | NT_SIGHT_FRAME, 0);
	run_end(trace);
	end(&pair);
	assert_int_equal(trace->n_unowned, 2);
	trace_done(trace);
}

/* More of a request's body, whose headers came before we did. */
static void test_a_parser_from_before_is_of_nobody_that_came_later(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin(&pair);
	for (uint32_t i = 0; i < 3; i++) {
		trace_scope(trace, 0x7000, 52, 1, NT_SCOPE_SKIP_TASK_QUEUES);
		trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 1);
		trace_close(trace, 0x7000);
	}
	end(&pair);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_int_equal(trace->n_unowned, 3);
	trace_done(trace);
}

/* No connection was at work when we came: what goes on since then serves whoever comes. */
static void test_a_loop_from_before_serves_those_who_came_later(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin_quiet(&pair);
	run(trace, 0, 1);
	run_end(trace);
	run(trace, 1, 2);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 1);
	run_end(trace);
	run(trace, 2, 0);
	trace_stat_seeing(trace, "/b", 1, &pair.born[1], OWN, 2);
	run_end(trace);
	end(&pair);
	assert_non_null(op_of(&pair, "/first", "/a"));
	assert_non_null(op_of(&pair, "/second", "/b"));
	trace_done(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_had_begun_is_not_given_to_whose_closure_lies_in_a_frame),
		cmocka_unit_test(test_a_timer_from_before_is_of_nobody_that_came_later),
		cmocka_unit_test(test_a_parser_from_before_is_of_nobody_that_came_later),
		cmocka_unit_test(test_a_loop_from_before_serves_those_who_came_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
