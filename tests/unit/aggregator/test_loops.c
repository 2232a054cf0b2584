/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/loops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace.h"

static void test_the_busiest_is_not_hidden_by_idle_ones(void **state)
{
	const struct loops before = {.n = 3,
				     .items = {{1, 0, 900, 0}, {2, 500, 10, 5}, {3, 0, 800, 0}}};
	const struct loops now = {.n = 3,
				  .items = {{1, 10, 1900, 0}, {2, 1450, 60, 25}, {3, 5, 1800, 0}}};
	struct loop_share share;

	(void)state;
	assert_true(loops_busiest(&before, &now, &share));
	assert_int_equal(share.tid, 2);
	assert_int_equal(share.busy_ns, 950);
	assert_int_equal(share.idle_ns, 50);
	assert_int_equal(share.gc_ns, 20);
}

static void test_without_news_there_is_no_busiest(void **state)
{
	const struct loops before = {.n = 2, .items = {{1, 10, 900, 0}, {2, 500, 10, 5}}};
	const struct loops gone = {.n = 1, .items = {{2, 500, 10, 5}}};
	const struct loops another = {.n = 1, .items = {{2, 100, 10, 5}}};
	const struct loops fresh = {.n = 1, .items = {{7, 100, 10, 5}}};
	struct loop_share share;

	(void)state;
	assert_false(loops_busiest(&before, &gone, &share));
	assert_false(loops_busiest(&before, &another, &share));
	assert_false(loops_busiest(&before, &fresh, &share));
}

static void test_of_many_the_busy_ones_are_kept(void **state)
{
	struct loops loops = {0}, sum = {0};

	(void)state;
	for (uint32_t i = 0; i < LOOPS_MAX; i++)
		loops_add(&loops, &(struct loop_share){i + 1, 10 + i, 5, 0});
	loops_add(&loops, &(struct loop_share){100, 9, 5, 0});
	loops_add(&loops, &(struct loop_share){101, 1000, 5, 0});
	loops_add(&loops, &(struct loop_share){102, 0, 0, 0});
	assert_int_equal(loops.n, LOOPS_MAX);
	assert_int_equal(loops.n_beyond, 2);
	assert_int_equal(loops.items[0].tid, 101);
	loops_add_all(&sum, &loops);
	assert_int_equal(sum.n, LOOPS_MAX);
	assert_int_equal(sum.n_beyond, 2);
}

static void test_an_engine_tells_of_each_thread(void **state)
{
	struct totals before, now;
	struct loop_share share;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_turn(&trace);
	before = trace_totals(&trace);
	trace.ts += 45 * MS;
	trace_turn(&trace);
	now = trace_totals(&trace);
	assert_int_equal(now.loops.n, 1);
	assert_true(loops_busiest(&before.loops, &now.loops, &share));
	assert_true(share.busy_ns >= 45 * MS && share.busy_ns < 46 * MS);
	assert_int_equal(share.idle_ns, 5 * MS);
	trace_finish(&trace);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_busiest_is_not_hidden_by_idle_ones),
		cmocka_unit_test(test_without_news_there_is_no_busiest),
		cmocka_unit_test(test_of_many_the_busy_ones_are_kept),
		cmocka_unit_test(test_an_engine_tells_of_each_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
