/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Closures on the stack: whose is an operation that ids give to nobody, or to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/pair.h"

static void test_a_callback_run_by_a_pool_belongs_to_who_made_it(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 1, &pair.born[0], OWN, 1);
	trace_stat_seeing(&pair.trace, "/b", 1, &pair.born[1], OWN, 2);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_int_equal(op_of(&pair, "/first", "/a")->evidence, EVIDENCE_CLOSURE);
	assert_int_equal(op_of(&pair, "/second", "/b")->evidence, EVIDENCE_CLOSURE);
	trace_done(&pair.trace);
}

static void test_a_handler_of_ones_own_is_not_overruled(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 51, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 1);
	trace_close(trace, 0x7000);
	end(&pair);
	assert_int_equal(op_of(&pair, "/second", "/a")->evidence, EVIDENCE_PARSER);
	assert_null(op_of(&pair, "/first", "/a"));
	trace_done(trace);
}

/* With promise hooks on, what goes on after an await has the id of its promise. */
static void test_a_function_that_goes_on_is_not_overruled(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	uint64_t promise;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 51, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	promise = ++trace->counter;
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, 7, 0, 0);
	trace_close(trace, 0x7000);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace->exec = promise;
	trace->trigger = 60;
	trace_plain(trace, NT_EVENT_TOKEN_RUN, 7, 0, 0);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 1);
	trace->exec = trace->trigger = 0;
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	end(&pair);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_int_equal(op_of(&pair, "/second", "/a")->evidence, EVIDENCE_CREATED);
	trace_done(trace);
}

static void test_the_innermost_closure_decides(void **state)
{
	struct pair pair;
	uint32_t born[2];

	(void)state;
	begin(&pair);
	born[0] = pair.born[1];
	born[1] = pair.born[0];
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 2, born, OWN | OWN << 4, 1);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_non_null(op_of(&pair, "/second", "/a"));
	trace_done(&pair.trace);
}

static void test_inlined_closures_of_two_requests_name_nobody(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 2, pair.born,
			  NT_BIRTH_INLINED | NT_SIGHT_FRAME | NT_BIRTH_INLINED << 4, 0);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_null(op_of(&pair, "/second", "/a"));
	assert_int_equal(pair.trace.n_unowned, 1);
	trace_done(&pair.trace);
}

static void test_values_count_when_all_are_of_one_request(void **state)
{
	struct pair pair;
	uint32_t same[2];

	(void)state;
	begin(&pair);
	same[0] = same[1] = pair.born[0];
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 2, same, NT_BIRTH_VALUE | NT_BIRTH_VALUE << 4, 0);
	trace_stat_seeing(&pair.trace, "/b", 2, pair.born, NT_BIRTH_VALUE | NT_BIRTH_VALUE << 4, 0);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_non_null(op_of(&pair, "/first", "/a"));
	assert_null(op_of(&pair, "/first", "/b"));
	assert_null(op_of(&pair, "/second", "/b"));
	trace_done(&pair.trace);
}

static void test_a_request_that_was_finished_long_before_owns_nothing(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	trace_respond(&pair.trace, 0x2000, 200);
	pair.trace.ts += 500 * MS;
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 1, &pair.born[0], OWN, 1);
	trace_close(&pair.trace, 0x8000);
	trace_respond(&pair.trace, 0x2001, 200);
	trace_finish(&pair.trace);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_int_equal(pair.trace.n_unowned, 1);
	trace_done(&pair.trace);
}

static void test_a_gap_that_nobody_saw_tells_nothing(void **state)
{
	struct pair pair;
	uint32_t before;

	(void)state;
	begin(&pair);
	before = pair.born[0] - 1000;
	trace_scope(&pair.trace, 0x8000, POOL_ID, 0, 0);
	trace_stat_seeing(&pair.trace, "/a", 1, &before, OWN, 1);
	trace_close(&pair.trace, 0x8000);
	end(&pair);
	assert_int_equal(pair.trace.n_unowned, 1);
	trace_done(&pair.trace);
}

/* A job of one request's callback runs the closure of another: but a function that runs for two others
 * was made late and is shared. */
static void test_one_function_that_runs_for_two_others_is_shared(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	uint64_t second, third;

	(void)state;
	begin(&pair);
	trace_request(trace, 0x1002, 0x2002, 52, "/third");
	third = trace_stat(trace, 0xa000, "/of-third");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x7000, 51, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	second = trace_stat(trace, 0xa001, "/of-second");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x8000, second, 51, 0);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 7);
	trace_close(trace, 0x8000);
	trace_scope(trace, 0x8000, third, 52, 0);
	trace_stat_seeing(trace, "/b", 1, &pair.born[0], OWN, 7);
	trace_close(trace, 0x8000);
	trace_respond(trace, 0x2000, 200); /* the others still take what it has to give back */
	trace_pass(trace, 2000 * MS);
	trace_respond(trace, 0x2001, 200);
	trace_respond(trace, 0x2002, 200);
	trace_finish(trace);
	assert_non_null(op_of(&pair, "/second", "/a"));
	assert_non_null(op_of(&pair, "/third", "/b"));
	trace_done(trace);
}

static void test_functions_made_for_each_run_are_ones_own(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	uint64_t second;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 51, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	second = trace_stat(trace, 0xa001, "/of-second");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x8000, second, 51, 0);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], OWN, 7);
	trace_stat_seeing(trace, "/b", 1, &pair.born[0], OWN, 8);
	trace_close(trace, 0x8000);
	end(&pair);
	assert_non_null(op_of(&pair, "/first", "/a"));
	assert_non_null(op_of(&pair, "/first", "/b"));
	trace_done(trace);
}

/* A deflate stream: made in one request's event, used by another. */
static void test_a_callback_belongs_to_the_last_job_of_its_handle(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	uint64_t handle;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 50, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	handle = trace_resource(trace, "ZLIB");
	trace_plain(trace, NT_EVENT_WORK_SUBMIT, 0xb000, 0, NT_WORK_QUEUED);
	trace_close(trace, 0x7000);
	for (uint32_t i = 0; i < 2; i++) {
		struct event event;

		trace_scope(trace, 0x7000, 50 + i, 1, NT_SCOPE_SKIP_TASK_QUEUES);
		event = trace_event(trace, NT_EVENT_WORK_SUBMIT);
		event.a = 0xb001 + i;
		event.c = handle;
		event.arg = NT_WORK_QUEUED;
		trace_feed(trace, &event);
		trace_close(trace, 0x7000);
		trace_scope(trace, 0x8000, handle, 50, 0);
		(void)trace_stat(trace, 0xc000 + i, i ? "/of-second" : "/of-first");
		trace_close(trace, 0x8000);
	}
	end(&pair);
	assert_non_null(op_of(&pair, "/first", "/of-first"));
	assert_non_null(op_of(&pair, "/second", "/of-second"));
	trace_done(trace);
}

/* What an optimised frame no longer uses may lie in it still: that is not believed against the ids. */
static void test_an_inlined_closure_does_not_overrule_the_ids(void **state)
{
	struct pair pair;
	struct trace *trace = &pair.trace;
	uint64_t job;

	(void)state;
	begin(&pair);
	trace_scope(trace, 0x7000, 51, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	job = trace_stat(trace, 0xa001, "/of-second");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x8000, job, 51, 0);
	trace_stat_seeing(trace, "/a", 1, &pair.born[0], NT_BIRTH_INLINED | NT_SIGHT_FRAME, 0);
	trace_stat_seeing(trace, "/b", 1, &pair.born[0], OWN, 1);
	trace_close(trace, 0x8000);
	end(&pair);
	assert_null(op_of(&pair, "/first", "/a"));
	assert_null(op_of(&pair, "/second", "/a"));
	assert_non_null(op_of(&pair, "/first", "/b"));
	assert_int_equal(trace->n_unowned, 1);
	trace_done(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_callback_run_by_a_pool_belongs_to_who_made_it),
		cmocka_unit_test(test_a_handler_of_ones_own_is_not_overruled),
		cmocka_unit_test(test_a_function_that_goes_on_is_not_overruled),
		cmocka_unit_test(test_the_innermost_closure_decides),
		cmocka_unit_test(test_inlined_closures_of_two_requests_name_nobody),
		cmocka_unit_test(test_values_count_when_all_are_of_one_request),
		cmocka_unit_test(test_a_request_that_was_finished_long_before_owns_nothing),
		cmocka_unit_test(test_a_gap_that_nobody_saw_tells_nothing),
		cmocka_unit_test(test_one_function_that_runs_for_two_others_is_shared),
		cmocka_unit_test(test_functions_made_for_each_run_are_ones_own),
		cmocka_unit_test(test_a_callback_belongs_to_the_last_job_of_its_handle),
		cmocka_unit_test(test_an_inlined_closure_does_not_overrule_the_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
