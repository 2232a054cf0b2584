/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Methods on the stack: the objects they run for gainsay what closures further out and ids say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

enum {
	POOL_ID = 90, /* of a connection that was there before */
	N = 3,        /* requests, open at once */
	OWN = NT_BIRTH_CONTEXT | NT_SIGHT_FRAME,
	VALUE = NT_BIRTH_VALUE | NT_SIGHT_RECEIVER,
	LEDGER = 7, /* a method of one object */
	CLIENT = 8, /* of another */
};

static const char *const urls[N] = {"/first", "/second", "/third"};

struct fixture {
	struct trace trace;
	uint32_t born
		[N]; /* sequence numbers of the gaps in which their closures and objects were made */
};

static void begin(struct fixture *fixture)
{
	struct trace *trace = &fixture->trace;

	memset(fixture, 0, sizeof(*fixture));
	trace_init(trace, 100);
	for (uint32_t i = 0; i < 2; i++) { /* it serves many, and is seen to */
		trace_scope(trace, 0x8000, POOL_ID, 0, 0);
		trace_close(trace, 0x8000);
	}
	for (uint32_t i = 0; i < N; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, urls[i]);
		fixture->born[i] = trace->seq;
		trace_close(trace, 0x7000);
	}
}

static void end(struct fixture *fixture)
{
	trace_answer_all(&fixture->trace, N);
}

/* What a stack tells: made by request `of`. */
struct told {
	uint32_t of;
	uint32_t kind;
	uint16_t function;
};

static void stat_seeing(struct fixture *fixture, const char *path, uint32_t n,
			const struct told *told)
{
	struct trace *trace = &fixture->trace;
	struct event event = trace_stat_event(trace, path, n);

	for (uint32_t i = 0; i < n; i++) {
		event.birth_kinds |= told[i].kind << 4 * i;
		event.births[i] = event.seq - fixture->born[told[i].of];
		event.birth_functions[i] = told[i].function;
	}
	trace_feed(trace, &event);
}

static void stat_in_pool(struct fixture *fixture, const char *path, uint32_t n,
			 const struct told *told)
{
	trace_scope(&fixture->trace, 0x8000, POOL_ID, 0, 0);
	stat_seeing(fixture, path, n, told);
	trace_close(&fixture->trace, 0x8000);
}

static bool is_of(const struct fixture *fixture, uint32_t request, const char *path)
{
	return trace_op(trace_find(&fixture->trace, urls[request]), path) != NULL;
}

static bool is_of_nobody(const struct fixture *fixture, const char *path)
{
	for (uint32_t i = 0; i < N; i++)
		if (is_of(fixture, i, path))
			return false;
	return true;
}

/* release() in a closure of the first calls what the second had queued: connected.bind(this). */
static void test_a_bound_method_is_not_of_whose_closure_calls_it(void **state)
{
	const struct told bound[] = {{0, OWN, 1}, {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)}};
	const struct told value[] = {{1, VALUE, NT_RECEIVER(1, LEDGER)}, {0, OWN, 1}};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	stat_in_pool(&fixture, "/bound", 2, bound);
	stat_in_pool(&fixture, "/value", 2, value);
	end(&fixture);
	assert_true(is_of_nobody(&fixture, "/bound"));
	assert_true(is_of_nobody(&fixture, "/value"));
	trace_done(&fixture.trace);
}

/* The closure is called by a method of somebody's object: a listener by whoever emits. */
static void test_a_method_further_out_says_nothing(void **state)
{
	const struct told outside[] = {{0, OWN, 1}, {1, NT_SIGHT_RECEIVER, NT_RECEIVER(1, LEDGER)}};
	const struct told same[] = {{0, OWN, 1}, {0, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)}};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	stat_in_pool(&fixture, "/outside", 2, outside);
	stat_in_pool(&fixture, "/same", 2, same);
	end(&fixture);
	assert_true(is_of(&fixture, 0, "/outside"));
	assert_true(is_of(&fixture, 0, "/same"));
	trace_done(&fixture.trace);
}

static void test_the_innermost_object_counts(void **state)
{
	const struct told told[] = {{0, OWN, 1},
				    {0, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)},
				    {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, CLIENT)}};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	stat_in_pool(&fixture, "/a", 3, told);
	end(&fixture);
	assert_true(is_of(&fixture, 0, "/a"));
	trace_done(&fixture.trace);
}

static void test_objects_name_nobody(void **state)
{
	const struct told told = {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	stat_in_pool(&fixture, "/a", 1, &told);
	end(&fixture);
	assert_true(is_of_nobody(&fixture, "/a"));
	trace_done(&fixture.trace);
}

/* A limiter calls the next job from a callback of the one before. */
static void test_ids_are_gainsaid_too(void **state)
{
	const struct told told = {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)};
	struct fixture fixture;
	uint64_t job;

	(void)state;
	begin(&fixture);
	trace_scope(&fixture.trace, 0x7000, 50, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	job = trace_stat(&fixture.trace, 0xa001, "/job");
	trace_close(&fixture.trace, 0x7000);
	trace_scope(&fixture.trace, 0x8000, job, 50, 0);
	stat_seeing(&fixture, "/a", 1, &told);
	trace_close(&fixture.trace, 0x8000);
	end(&fixture);
	assert_true(is_of(&fixture, 0, "/job"));
	assert_true(is_of_nobody(&fixture, "/a"));
	trace_done(&fixture.trace);
}

/* A connection that the second was the first to need: from when it is seen to serve several it says nothing. */
static void test_an_object_that_serves_many_gainsays_nothing(void **state)
{
	const struct told first[] = {{0, OWN, 1}, {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, CLIENT)}};
	const struct told third[] = {{2, OWN, 1}, {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, CLIENT)}};
	const struct told other[] = {{2, OWN, 1}, {1, NT_SIGHT_RECEIVER, NT_RECEIVER(0, LEDGER)}};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	stat_in_pool(&fixture, "/a", 2, first);
	stat_in_pool(&fixture, "/b", 2, third);
	stat_in_pool(&fixture, "/c", 2, first);
	stat_in_pool(&fixture, "/d", 2, other);
	end(&fixture);
	assert_true(is_of(&fixture, 2, "/b"));
	assert_true(is_of(&fixture, 0, "/c"));
	assert_true(is_of_nobody(&fixture, "/d"));
	trace_done(&fixture.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bound_method_is_not_of_whose_closure_calls_it),
		cmocka_unit_test(test_a_method_further_out_says_nothing),
		cmocka_unit_test(test_the_innermost_object_counts),
		cmocka_unit_test(test_objects_name_nobody),
		cmocka_unit_test(test_ids_are_gainsaid_too),
		cmocka_unit_test(test_an_object_that_serves_many_gainsays_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
