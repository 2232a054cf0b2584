/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Closures on the stack: whose is an operation that ids give to nobody, or to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define POOL_ID 90 /* of a connection that was there before */
#define OWN     (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

/* Two requests, open at once. */
struct pair {
	struct trace trace;
	uint32_t born[2]; /* sequence numbers of the gaps in which their closures were made */
};

static void handle(struct pair *pair, uint32_t i, const char *url)
{
	struct trace *trace = &pair->trace;

	trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, url);
	pair->born[i] = trace->seq;
	trace_close(trace, 0x7000);
}

static void begin(struct pair *pair)
{
	memset(pair, 0, sizeof(*pair));
	trace_init(&pair->trace, 100);
	for (uint32_t i = 0; i < 2; i++) { /* it serves many, and is seen to */
		trace_scope(&pair->trace, 0x8000, POOL_ID, 0, 0);
		trace_close(&pair->trace, 0x8000);
	}
	handle(pair, 0, "/first");
	handle(pair, 1, "/second");
}

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

static void end(struct pair *pair)
{
	trace_respond(&pair->trace, 0x2000, 200);
	trace_respond(&pair->trace, 0x2001, 200);
	trace_finish(&pair->trace);
}

static const struct op *op_of(const struct pair *pair, const char *url, const char *path)
{
	const struct request *request = trace_find(&pair->trace, url);

	assert_non_null(request);
	for (uint32_t i = 0; i < request->n_ops; i++)
		if (!strcmp(request->ops[i].detail, path))
			return &request->ops[i];
	return NULL;
}

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
	trace->ts += 2000 * MS;
	engine_tick(trace->engine, trace->ts);
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
		cmocka_unit_test(test_what_had_begun_is_not_given_to_whose_closure_lies_in_a_frame),
		cmocka_unit_test(test_a_timer_from_before_is_of_nobody_that_came_later),
		cmocka_unit_test(test_a_parser_from_before_is_of_nobody_that_came_later),
		cmocka_unit_test(test_a_loop_from_before_serves_those_who_came_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
