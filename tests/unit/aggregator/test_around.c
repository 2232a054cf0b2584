/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/around.h"

#include "aggregator/history.h"
#include "aggregator/pool_watch.h"
#include "aggregator/sample.h"

#define US 1000ULL

static struct history history;
static struct pool_watch watch;

static int begin(void **state)
{
	(void)state;
	history = (struct history){0};
	watch = (struct pool_watch){0};
	return 0;
}

static int end(void **state)
{
	(void)state;
	history_done(&history);
	pool_watch_done(&watch);
	return 0;
}

static void ran(uint64_t from, uint64_t until, uint64_t request)
{
	const struct stretch stretch = {
		.start_ns = from * US, .end_ns = until * US, .request = request};

	assert_int_equal(history_ran(&history, &stretch), 0);
}

static struct request *find(uint64_t from, uint64_t until)
{
	struct request *request = sample_request(7, "GET", "/", from, until);

	request->serial = 7;
	assert_int_equal(around_find(request, &history, &watch), 0);
	assert_non_null(request->around);
	return request;
}

static uint64_t sum(const struct request *request, enum around_lane lane, uint32_t value)
{
	const struct around *around = request->around;
	uint64_t all = 0, last = request->start_ns;
	uint32_t i;

	for (i = 0; i < around->n[lane]; i++) {
		const struct around_span *span = &around->spans[lane][i];

		assert_true(span->start_ns >= last && span->end_ns > span->start_ns);
		last = span->end_ns;
		all += span->value == value ? span->end_ns - span->start_ns : 0;
	}
	assert_true(last <= request->end_ns);
	return all;
}

static void test_spans_are_cut_to_the_request_and_tell_whose_they_are(void **state)
{
	struct request *request;

	(void)state;
	ran(50, 150, 3);
	ran(200, 250, 7);
	ran(250, 260, 0);
	ran(500, 900, 7);
	assert_int_equal(history_polled(&history, 300 * US, 420 * US), 0);
	assert_int_equal(history_collected(&history, 210 * US, 215 * US), 0);
	assert_int_equal(history_collected_all(&history, 390 * US, 700 * US), 0);
	request = find(100, 400);
	assert_int_equal(sum(request, AROUND_RAN, AROUND_OTHER), 50 * US);
	assert_int_equal(sum(request, AROUND_RAN, AROUND_OWN), 50 * US);
	assert_int_equal(sum(request, AROUND_RAN, AROUND_NOBODY), 10 * US);
	assert_int_equal(sum(request, AROUND_IDLE, 0), 100 * US);
	assert_int_equal(sum(request, AROUND_GC, 0), 5 * US);
	assert_int_equal(sum(request, AROUND_GC, 1), 10 * US);
	assert_int_equal(request->around->known_ns, 50 * US);
	assert_int_equal(request->around->until_ns, 900 * US);
	request_free(request);
}

static void test_pool_is_what_it_was_at_each_moment(void **state)
{
	struct request *request;

	(void)state;
	assert_int_equal(pool_submitted(&watch, 10 * US), 0);
	assert_int_equal(pool_started(&watch, 1, 20 * US, 10 * US), 0);
	assert_int_equal(pool_submitted(&watch, 110 * US), 0);
	assert_int_equal(pool_started(&watch, 2, 130 * US, 20 * US), 0);
	assert_int_equal(pool_finished(&watch, 1, 150 * US), 0);
	assert_int_equal(pool_finished(&watch, 2, 180 * US), 0);
	request = find(100, 200);
	assert_int_equal(sum(request, AROUND_POOL, 1), 10 * US + 30 * US);
	assert_int_equal(sum(request, AROUND_POOL, 1 + AROUND_QUEUED), 20 * US);
	assert_int_equal(sum(request, AROUND_POOL, 2), 20 * US);
	request_free(request);
	/* What is going on goes on. */
	assert_int_equal(pool_submitted(&watch, 200 * US), 0);
	assert_int_equal(pool_started(&watch, 1, 210 * US, 10 * US), 0);
	request = find(300, 400);
	assert_int_equal(sum(request, AROUND_POOL, 1), 100 * US);
	request_free(request);
}

/* Sums stay exact however much there is, and the size does not grow. */
static void test_many_spans_are_summed_up(void **state)
{
	struct request *request;
	uint64_t ts;

	(void)state;
	for (ts = 0; ts < 100000; ts += 10) {
		ran(ts, ts + 3, ts % 30 ? 7 : 8);
		assert_int_equal(history_polled(&history, (ts + 4) * US, (ts + 9) * US), 0);
	}
	request = find(0, 100000);
	assert_int_equal(sum(request, AROUND_RAN, AROUND_OWN), 6666 * 3 * US);
	assert_int_equal(sum(request, AROUND_RAN, AROUND_OTHER), 3334 * 3 * US);
	assert_int_equal(sum(request, AROUND_IDLE, 0), 10000 * 5 * US);
	assert_in_range(request->around->n[AROUND_RAN], AROUND_CELLS, 2 * AROUND_CELLS);
	assert_in_range(request->around->n[AROUND_IDLE], AROUND_CELLS / 2, AROUND_CELLS);
	request_free(request);
}

static void test_nothing_known_is_nothing_said(void **state)
{
	struct request *request = find(100, 100);

	(void)state;
	assert_int_equal(request->around->n[AROUND_RAN], 0);
	assert_int_equal(request->around->n[AROUND_POOL], 0);
	request_free(request);
	request = find(100, 200);
	assert_int_equal(request->around->n[AROUND_IDLE], 0);
	assert_int_equal(request->around->known_ns, UINT64_MAX);
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_spans_are_cut_to_the_request_and_tell_whose_they_are, begin, end),
		cmocka_unit_test_setup_teardown(test_pool_is_what_it_was_at_each_moment, begin,
						end),
		cmocka_unit_test_setup_teardown(test_many_spans_are_summed_up, begin, end),
		cmocka_unit_test_setup_teardown(test_nothing_known_is_nothing_said, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
