/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/pool_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/base.h"

static struct pool_watch watch;
static struct pool_totals totals;

static int begin(void **state)
{
	(void)state;
	watch = (struct pool_watch){0};
	totals = (struct pool_totals){0};
	return 0;
}

static int end(void **state)
{
	(void)state;
	pool_watch_done(&watch);
	return 0;
}

static void job(uint32_t tid, uint64_t ts, uint64_t waited_ns, uint64_t ran_ns)
{
	assert_int_equal(pool_submitted(&watch, ts), 0);
	assert_int_equal(pool_started(&watch, tid, ts + waited_ns, waited_ns), 0);
	assert_int_equal(pool_finished(&watch, tid, ts + waited_ns + ran_ns), 0);
}

static void test_threads_at_work_and_jobs_that_wait_are_counted(void **state)
{
	(void)state;
	assert_int_equal(pool_submitted(&watch, 10), 0);
	assert_int_equal(pool_submitted(&watch, 11), 0);
	assert_int_equal(pool_started(&watch, 1, 12, 2), 0);
	pool_watch_totals(&watch, 13, &totals);
	assert_int_equal(totals.busy, 1);
	assert_int_equal(totals.queued, 1);
	assert_int_equal(pool_cancelled(&watch, 14), 0);
	assert_int_equal(pool_finished(&watch, 1, 15), 0);
	pool_watch_totals(&watch, 16, &totals);
	assert_int_equal(totals.busy, 0);
	assert_int_equal(totals.queued, 0);
	assert_int_equal(totals.threads, 1);
}

/* Neither is a thread counted twice, nor does a number go below nothing. */
static void test_events_that_were_lost_do_not_stay_counted(void **state)
{
	(void)state;
	assert_int_equal(pool_finished(&watch, 1, 5), 0);
	assert_int_equal(pool_started(&watch, 1, 10, UINT64_MAX), 0);
	assert_int_equal(pool_started(&watch, 1, 20, UINT64_MAX), 0);
	assert_int_equal(watch.now.busy, 1);
	assert_int_equal(watch.now.queued, 0);
	assert_int_equal(pool_submitted(&watch, 30), 0);
	pool_lost(&watch);
	assert_int_equal(pool_finished(&watch, 1, 40), 0);
	assert_int_equal(watch.now.busy, 0);
	assert_int_equal(watch.now.queued, 0);
}

static void test_quantiles_are_of_the_last_seconds(void **state)
{
	uint64_t second;

	(void)state;
	for (second = 1; second < 100; second++)
		job(1, second * NS_PER_MS, 50 * NS_PER_MS, NS_PER_MS);
	pool_watch_totals(&watch, NS_PER_SEC, &totals);
	assert_int_equal(totals.jobs, 99);
	assert_in_range(totals.wait_p99_ns, 50 * NS_PER_MS, 52 * NS_PER_MS);
	assert_in_range(totals.run_p50_ns, NS_PER_MS, 1040 * NS_PER_US);
	for (second = 11; second < 40; second += 4) {
		job(2, second * NS_PER_SEC, NS_PER_US, 2 * NS_PER_US);
		pool_watch_totals(&watch, second * NS_PER_SEC + 1, &totals);
	}
	assert_in_range(totals.jobs, 2, 6);
	assert_in_range(totals.wait_max_ns, 1, NS_PER_MS);
	assert_int_equal(totals.threads, 2);
}

static void test_steps_and_threads_are_bounded(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < POOL_STEPS_MAX + 100; i++)
		assert_int_equal(pool_started(&watch, i % 3000, i, 0), 0);
	assert_int_equal(watch.n, POOL_STEPS_MAX);
	assert_int_equal(watch.n_threads, POOL_THREADS_MAX);
	assert_int_equal(pool_step_at(&watch, 0)->since_ns, 100);
	assert_int_equal(pool_step_at(&watch, pool_step_find(&watch, 5000))->since_ns, 5000);
	assert_int_equal(pool_step_find(&watch, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_threads_at_work_and_jobs_that_wait_are_counted,
						begin, end),
		cmocka_unit_test_setup_teardown(test_events_that_were_lost_do_not_stay_counted,
						begin, end),
		cmocka_unit_test_setup_teardown(test_quantiles_are_of_the_last_seconds, begin, end),
		cmocka_unit_test_setup_teardown(test_steps_and_threads_are_bounded, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
