/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Work that is handed over in queues: what is made for whoever is next, and what lies on the stack of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define OWN     (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)
#define AROUND  NT_BIRTH_AROUND
#define SPILLED (NT_BIRTH_INLINED | NT_SIGHT_FRAME)

/* Two requests, open at once, and a connection that both wrote to. */
struct pool {
	struct trace trace;
	uint32_t born[2]; /* sequence numbers of the gaps in which the closures of each were made */
	uint64_t connection;
};

static void begin(struct pool *pool)
{
	struct trace *trace = &pool->trace;

	memset(pool, 0, sizeof(*pool));
	trace_init(trace, 100);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i,
			      trace_resource(trace, "HTTPINCOMINGMESSAGE"),
			      i ? "/second" : "/first");
		if (!i)
			pool->connection = trace_resource(trace, "TCPWRAP");
		pool->born[i] = trace->seq;
		trace_client_write(trace, 0x5000, pool->connection);
		trace_close(trace, 0x7000);
	}
}

/* Data comes: somebody's callbacks run. Returns the gap in which they made what they made. */
static uint32_t callbacks(struct pool *pool)
{
	uint32_t gap;

	trace_scope(&pool->trace, 0x8000, pool->connection, 1, 0);
	gap = pool->trace.seq;
	trace_client_write(&pool->trace, 0x5000, pool->connection);
	trace_close(&pool->trace, 0x8000);
	return gap;
}

static void in_its_callback(struct pool *pool, const char *path, uint32_t n, const uint32_t *born,
			    uint32_t kinds)
{
	trace_scope(&pool->trace, 0x8000, pool->connection, 1, 0);
	trace_stat_seeing(&pool->trace, path, n, born, kinds, 0);
	trace_close(&pool->trace, 0x8000);
}

static void end(struct pool *pool)
{
	trace_answer_all(&pool->trace, 2);
}

static bool has(const struct pool *pool, const char *url, const char *path)
{
	return trace_op(trace_find(&pool->trace, url), path) != NULL;
}

/* As pg's pool makes a release() for whoever gets the connection, in whoever's callback that is. */
static void test_what_is_made_for_the_next_is_the_next_ones(void **state)
{
	struct pool pool;
	uint32_t born[3];

	(void)state;
	begin(&pool);
	born[0] = born[1] = callbacks(&pool);
	born[2] = pool.born[1];
	in_its_callback(&pool, "/released", 3, born, OWN | OWN << 4 | AROUND << 8);
	end(&pool);
	assert_true(has(&pool, "/second", "/released"));
	trace_done(&pool.trace);
}

/* Made in another callback: by somebody else, for all that is known. */
static void test_what_was_made_elsewhere_is_nobodys(void **state)
{
	struct pool pool;
	uint32_t born[3];

	(void)state;
	begin(&pool);
	born[0] = callbacks(&pool);
	born[1] = callbacks(&pool);
	born[2] = pool.born[1];
	in_its_callback(&pool, "/job", 3, born, OWN | OWN << 4 | AROUND << 8);
	end(&pool);
	assert_false(has(&pool, "/first", "/job") || has(&pool, "/second", "/job"));
	assert_int_equal(pool.trace.n_unowned, 1);
	trace_done(&pool.trace);
}

/* The same in the code of a request that is known: it gave the connection back. */
static void test_what_one_makes_for_the_next_is_the_next_ones(void **state)
{
	struct pool pool;
	uint32_t born[3];

	(void)state;
	begin(&pool);
	born[0] = born[1] = pool.born[0];
	born[2] = pool.born[1];
	in_its_callback(&pool, "/released", 3, born, OWN | OWN << 4 | AROUND << 8);
	in_its_callback(&pool, "/own", 2, born, OWN | OWN << 4);
	end(&pool);
	assert_true(has(&pool, "/second", "/released"));
	assert_true(has(&pool, "/first", "/own"));
	trace_done(&pool.trace);
}

/* A flight lands: what it calls was made in some callback of before. A closure further out is of whoever started it. */
static void test_a_spill_slot_does_not_hide_that_the_innermost_closure_is_of_somebody(void **state)
{
	struct pool pool;
	uint32_t born[3];

	(void)state;
	begin(&pool);
	born[0] = born[1] = callbacks(&pool);
	born[2] = pool.born[1];
	in_its_callback(&pool, "/flight", 3, born, SPILLED | NT_BIRTH_CONTEXT << 4 | OWN << 8);
	born[0] = callbacks(&pool);
	in_its_callback(&pool, "/frame", 3, born, SPILLED | OWN << 4 | OWN << 8);
	born[0] = pool.born[0];
	in_its_callback(&pool, "/told", 3, born, SPILLED | NT_BIRTH_CONTEXT << 4 | OWN << 8);
	end(&pool);
	assert_false(has(&pool, "/first", "/flight") || has(&pool, "/second", "/flight"));
	assert_false(has(&pool, "/first", "/frame") || has(&pool, "/second", "/frame"));
	assert_true(has(&pool, "/first", "/told"));
	trace_done(&pool.trace);
}

/* What somebody unknown made lies further in than what a request made: as the closure of one that waits does in the
 * frames of whoever started the flight. */
static void test_values_behind_somebodys_tell_nothing(void **state)
{
	const uint32_t values = NT_BIRTH_VALUE | NT_SIGHT_FRAME | NT_BIRTH_VALUE << 4;
	struct pool pool;
	uint32_t born[2];

	(void)state;
	begin(&pool);
	born[0] = callbacks(&pool);
	born[1] = pool.born[1];
	in_its_callback(&pool, "/behind", 2, born, values);
	born[1] = born[0];
	born[0] = pool.born[1];
	in_its_callback(&pool, "/first of all", 2, born, values);
	end(&pool);
	assert_false(has(&pool, "/first", "/behind") || has(&pool, "/second", "/behind"));
	assert_true(has(&pool, "/second", "/first of all"));
	trace_done(&pool.trace);
}

/* A spill slot of a frame further in says one thing, a closure further out another. */
static void test_a_spill_slot_does_not_decide_against_a_closure_further_out(void **state)
{
	struct pool pool;

	(void)state;
	begin(&pool);
	in_its_callback(&pool, "/a", 2, pool.born, SPILLED | OWN << 4);
	in_its_callback(&pool, "/b", 1, pool.born, SPILLED);
	end(&pool);
	assert_false(has(&pool, "/first", "/a") || has(&pool, "/second", "/a"));
	assert_true(has(&pool, "/first", "/b"));
	trace_done(&pool.trace);
}

/* /second's closure runs in /first's callback. What it makes before its operation's resource is born is not /first's. */
static void test_the_stack_of_an_operation_speaks_for_the_birth_of_its_resource(void **state)
{
	struct pool pool;
	struct trace *trace = &pool.trace;
	uint64_t job, stat;
	uint32_t born;

	(void)state;
	begin(&pool);
	trace_scope(trace, 0x7000, 101, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	job = trace_stat(trace, 0xa001, "/job");
	trace_close(trace, 0x7000);
	trace_scope(trace, 0x8000, job, 101, 0);
	born = trace->seq; /* ends with the birth of the resource */
	trace_stat_seeing(trace, "/mine", 1, &pool.born[1], OWN, 0);
	stat = trace->counter;
	trace_close(trace, 0x8000);
	trace_scope(trace, 0x8000, stat, job, 0);
	trace_stat_seeing(trace, "/then", 1, &born, OWN, 0);
	trace_close(trace, 0x8000);
	end(&pool);
	assert_true(has(&pool, "/second", "/mine"));
	assert_true(has(&pool, "/second", "/then"));
	trace_done(trace);
}

/* Between two timers of /first one runs after the other: what either made there stays /first's, whatever was
 * on the stack of the second when it started its operation. */
static void test_the_stack_of_an_operation_says_nothing_of_who_ran_before(void **state)
{
	struct pool pool;
	struct trace *trace = &pool.trace;
	uint64_t timers[2];
	uint32_t born;

	(void)state;
	begin(&pool);
	trace_scope(trace, 0x7000, 101, 1, NT_SCOPE_SKIP_TASK_QUEUES);
	timers[0] = trace_timeout(trace, 5, 0);
	timers[1] = trace_timeout(trace, 5, 0);
	trace_close(trace, 0x7000);
	trace->ts += 10 * MS;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_TIMERS);
	trace_scope(trace, 0x7000, 0, 0, 0);
	trace->exec = timers[0];
	trace->trigger = 101;
	(void)trace_stat(trace, 0xa001, "/one");
	trace->exec = timers[1];
	born = trace->seq;
	trace_stat_seeing(trace, "/two", 1, &pool.born[1], SPILLED, 0);
	trace->exec = trace->trigger = 0;
	trace_close(trace, 0x7000);
	in_its_callback(&pool, "/then", 1, &born, OWN);
	end(&pool);
	assert_true(has(&pool, "/first", "/then"));
	trace_done(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_made_for_the_next_is_the_next_ones),
		cmocka_unit_test(test_what_was_made_elsewhere_is_nobodys),
		cmocka_unit_test(test_what_one_makes_for_the_next_is_the_next_ones),
		cmocka_unit_test(
			test_a_spill_slot_does_not_hide_that_the_innermost_closure_is_of_somebody),
		cmocka_unit_test(test_values_behind_somebodys_tell_nothing),
		cmocka_unit_test(test_a_spill_slot_does_not_decide_against_a_closure_further_out),
		cmocka_unit_test(
			test_the_stack_of_an_operation_speaks_for_the_birth_of_its_resource),
		cmocka_unit_test(test_the_stack_of_an_operation_says_nothing_of_who_ran_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
