/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Copies of open requests while a callback has the loop: who runs, and since when the others wait for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER     0x1000
#define STREAM     0x2000
#define PARSER_ID  50
#define OTHER      0x3000
#define OTHER_SIDE 0x4000
#define OTHER_ID   60
#define SCOPE      0x7000
#define MAX        8

static const struct engine_snapshot_limits all = {.max_requests = MAX, .max_ops = 1000};

struct copies {
	struct request *requests[MAX];
	size_t n;
};

static struct copies look(const struct trace *trace)
{
	struct copies copies;

	copies.n = engine_snapshot(trace->engine, &all, copies.requests);
	return copies;
}

static void forget(struct copies *copies)
{
	while (copies->n)
		request_free(copies->requests[--copies->n]);
}

static uint64_t begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_turn(trace);
	return trace->ts;
}

static void test_a_handler_that_runs_is_at_work(void **state)
{
	struct copies copies;
	struct trace trace;
	uint64_t woke, called;

	(void)state;
	woke = begin(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/hang");
	called = trace.ts;
	trace_pass(&trace, 3000 * MS);
	copies = look(&trace);
	assert_int_equal(copies.n, 1);
	assert_int_equal(copies.requests[0]->n_runs, 1);
	assert_int_equal(copies.requests[0]->runs[0].start_ns, called);
	assert_int_equal(copies.requests[0]->runs[0].end_ns, trace.ts);
	assert_int_equal(copies.requests[0]->cpu_ns, 3000 * MS);
	assert_int_equal(copies.requests[0]->busy_since_ns, woke);
	forget(&copies);
	/* Once it has returned it is told as ever, and a loop that waits is not busy. */
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_request(&trace, OTHER, OTHER_SIDE, OTHER_ID, "/next");
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 100 * MS);
	copies = look(&trace);
	assert_int_equal(copies.n, 1);
	assert_int_equal(copies.requests[0]->busy_since_ns, 0);
	assert_true(copies.requests[0]->cpu_ns < MS);
	forget(&copies);
	trace_finish(&trace);
	assert_true(trace.requests[0]->cpu_ns >= 3000 * MS);
	assert_true(trace.requests[0]->cpu_ns < 3001 * MS);
	trace_done(&trace);
}

/* Those behind it do not run; the callback of an operation is the operation's. */
static void test_a_callback_that_runs_is_its_operations(void **state)
{
	struct copies copies;
	struct trace trace;
	uint64_t stat;

	(void)state;
	(void)begin(&trace);
	trace_request(&trace, OTHER, OTHER_SIDE, OTHER_ID, "/behind");
	trace_timeout(&trace, 20, 0);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/stat");
	stat = trace_stat(&trace, 0x9000, "/");
	trace_close(&trace, SCOPE);
	trace_turn(&trace);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_scope(&trace, SCOPE, stat, PARSER_ID, 0);
	trace_pass(&trace, 2000 * MS);
	copies = look(&trace);
	assert_int_equal(copies.n, 2);
	assert_string_equal(copies.requests[0]->url, "/behind");
	assert_true(copies.requests[0]->cpu_ns < MS);
	assert_true(copies.requests[0]->busy_since_ns != 0);
	assert_true(copies.requests[0]->busy_since_ns <= copies.requests[0]->end_ns - 2000 * MS);
	assert_int_equal(copies.requests[1]->ops[0].n_runs, 1);
	assert_int_equal(copies.requests[1]->ops[0].runs[0].end_ns, trace.ts);
	assert_true(copies.requests[1]->cpu_ns >= 2000 * MS);
	forget(&copies);
	trace_finish(&trace);
	trace_done(&trace);
}

/* It goes on after an await: nothing but its token tells whose it is. */
static void test_a_continuation_that_runs_is_of_whom_registered_it(void **state)
{
	struct copies copies;
	struct trace trace;

	(void)state;
	(void)begin(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/awaits");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 7, 0, 0);
	trace_close(&trace, SCOPE);
	trace_turn(&trace);
	trace_scope(&trace, SCOPE, 33, 1, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace.exec = trace.trigger = 0;
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, 7, 0, 0);
	trace_pass(&trace, 2000 * MS);
	copies = look(&trace);
	assert_int_equal(copies.n, 1);
	assert_true(copies.requests[0]->cpu_ns >= 2000 * MS);
	forget(&copies);
	trace_finish(&trace);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_handler_that_runs_is_at_work),
		cmocka_unit_test(test_a_callback_that_runs_is_its_operations),
		cmocka_unit_test(test_a_continuation_that_runs_is_of_whom_registered_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
