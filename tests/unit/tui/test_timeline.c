/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/timeline.h"

#include "symbolizer/base.h"
#include "tui/scene.h"
#include "tui/wait_bar.h"

static struct timeline *timeline_of(const struct request *request)
{
	struct timeline *timeline;

	assert_int_equal(timeline_new(request, &timeline), 0);
	return timeline;
}

/* The letters of the bar, one for each `width`th of the request. */
static void assert_bar(const struct request *request, const char *letters)
{
	struct wait_bar_cache *cache;
	int width = (int)strlen(letters);
	char text[WAIT_BAR_MAX + 1] = "";
	const uint8_t *kinds;
	int i;

	assert_int_equal(wait_bar_cache_new(&cache), 0);
	assert_int_equal(wait_bar(cache, request, 5, width, &kinds), 0);
	for (i = 0; i < width; i++)
		text[i] = wait_kind_letter((enum wait_kind)kinds[i]);
	assert_string_equal(text, letters);
	wait_bar_cache_free(cache);
}

static void test_a_pool_job_queues_works_and_is_ready(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);
	struct op *op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/", 100, 900);

	(void)state;
	sample_own_run(request, 0, 100);
	scene_pool(op, 100, 300, 400);
	sample_run(request, op, 900, 1000);
	assert_bar(request, "jpppwwwwqj");
	request_free(request);
}

static void test_a_job_of_which_little_was_seen_is_what_was_seen_last(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);
	struct op *op = sample_op(request, OP_PARENT_REQUEST, "crypto", "", 0, 0);

	(void)state;
	op->queued_ns = 200000;
	assert_bar(request, "wwpppppppp");
	op->started_ns = 500000;
	assert_bar(request, "wwpppwwwww");
	/* Times that cannot be leave no gap and no overlap. */
	op->started_ns = 100000;
	op->finished_ns = 50000;
	assert_bar(request, "wwqqqqqqqq");
	op->started_ns = UINT64_MAX;
	op->finished_ns = 0;
	assert_bar(request, "wwpppppppp");
	request_free(request);
}

/* One that is due while the loop waits may have been cleared; while a callback has the loop, it waits for that. */
static void test_a_timer_that_is_due_in_a_busy_turn_is_ready(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);
	struct op *op = sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 0);

	(void)state;
	request->flags |= REQUEST_OPEN;
	assert_bar(request, "tttttttttt");
	op->ready_ns = 400000;
	assert_bar(request, "tttttttttt");
	request->busy_since_ns = 600000;
	assert_bar(request, "ttttttqqqq");
	request->busy_since_ns = 200000;
	assert_bar(request, "ttttqqqqqq");
	op->ready_ns = 2000000;
	assert_bar(request, "tttttttttt");
	op->ready_ns = 400000;
	op->end_ns = 1000000;
	assert_bar(request, "tttttttttt");
	request_free(request);
}

static void test_the_deepest_operation_says_what_is_waited_for(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 1000);
	sample_op(request, 0, "net.connect", "", 200, 400);
	sample_op(request, OP_PARENT_REQUEST, "dns.lookup", "", 500, 600);
	assert_bar(request, "ttnntttttt");
	request_free(request);
}

static void test_of_two_the_one_that_ends_last_counts(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 600);
	sample_op(request, OP_PARENT_REQUEST, "net.connect", "", 200, 800);
	assert_bar(request, "ttnnnnnn??");
	request_free(request);
}

static void test_js_counts_whatever_is_open(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 1000);
	sample_op(request, 0, "worker", "", 0, 1000);
	sample_run(request, &request->ops[0], 300, 500);
	assert_bar(request, "ooojjooooo");
	request_free(request);
}

static void test_a_request_without_length_has_no_time(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 10, 10);
	struct timeline *timeline;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 1000);
	timeline = timeline_of(request);
	assert_int_equal(timeline->n_phases, 0);
	assert_int_equal(timeline_kind(timeline, 0, 1000000), WAIT_NONE);
	timeline_free(timeline);
	assert_bar(request, "????");
	request_free(request);
}

static void check_sums(const struct request *request)
{
	struct timeline *timeline = timeline_of(request);
	uint64_t sum = 0, ts = request->start_ns;
	size_t i;

	for (i = 0; i < timeline->n_phases; i++) {
		assert_int_equal(timeline->phases[i].start_ns, ts);
		assert_true(timeline->phases[i].end_ns > ts);
		assert_true(i == 0 || timeline->phases[i].kind != timeline->phases[i - 1].kind);
		ts = timeline->phases[i].end_ns;
	}
	assert_int_equal(ts, request->end_ns);
	for (i = 0; i < WAIT_KIND_COUNT; i++)
		sum += timeline->sums_ns[i];
	assert_int_equal(sum, request_duration_ns(request));
	timeline_free(timeline);
}

static void test_each_nanosecond_belongs_to_one_kind(void **state)
{
	static const char *const types[] = {"fs.stat", "timer", "net.connect", "worker"};
	uint64_t seed = 3;
	int round, i;

	(void)state;
	for (round = 0; round < 300; round++) {
		struct request *request = sample_request(1, "GET", "/", 1000, 2000);

		for (i = 0; i < 40; i++) {
			uint64_t start;
			struct op *op;

			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			start = 900 + (seed >> 40) % 1200;
			op = sample_op(request, i % 3 && i ? (uint32_t)i - 1 : OP_PARENT_REQUEST,
				       types[(seed >> 33) % 4], "", start,
				       (seed >> 20) % 5 ? start + (seed >> 50) % 300 : 0);
			if (i % 4 == 0)
				scene_pool(op, start, (seed >> 36) % 100, (seed >> 45) % 100);
			if (i % 5 == 0)
				sample_run(request, op, start + 20, start + 50);
		}
		check_sums(request);
		request_free(request);
	}
}

static void test_what_an_operation_did_at_a_moment(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);
	struct op *op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/", 100, 900);

	(void)state;
	scene_pool(op, 100, 300, 400);
	sample_run(request, op, 850, 870);
	sample_run(request, op, 880, 900);
	assert_int_equal(op_kind_at(request, op, 100000), WAIT_QUEUE);
	assert_int_equal(op_kind_at(request, op, 400000), WAIT_WORK);
	assert_int_equal(op_kind_at(request, op, 800000), WAIT_READY);
	assert_int_equal(op_kind_at(request, op, 860000), WAIT_JS);
	assert_int_equal(op_kind_at(request, op, 875000), WAIT_READY);
	assert_int_equal(op_kind_at(request, op, 880000), WAIT_JS);
	request_free(request);
}

static void test_a_drawing_makes_only_so_many_bars_and_the_next_one_the_others(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1000);
	struct wait_bar_cache *cache;
	const uint8_t *kinds, *again;

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 1000);
	assert_int_equal(wait_bar_cache_new(&cache), 0);
	wait_bar_cache_begin(cache, 1);
	assert_int_equal(wait_bar(cache, request, 1, 10, &kinds), 0);
	assert_int_equal(wait_bar(cache, request, 2, 10, &again), -EAGAIN);
	assert_int_equal(wait_bar(cache, request, 1, 10, &again), 0);
	assert_ptr_equal(again, kinds);
	/* Another width is another bar. */
	assert_int_equal(wait_bar(cache, request, 1, 11, &again), -EAGAIN);
	wait_bar_cache_begin(cache, 1);
	assert_int_equal(wait_bar(cache, request, 2, 10, &again), 0);
	wait_bar_cache_free(cache);
	request_free(request);
}

static void test_letters_of_kinds_differ(void **state)
{
	unsigned int i, j;

	(void)state;
	for (i = 0; i < WAIT_KIND_COUNT; i++) {
		for (j = i + 1; j < WAIT_KIND_COUNT; j++)
			assert_int_not_equal(wait_kind_letter((enum wait_kind)i),
					     wait_kind_letter((enum wait_kind)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pool_job_queues_works_and_is_ready),
		cmocka_unit_test(test_a_job_of_which_little_was_seen_is_what_was_seen_last),
		cmocka_unit_test(test_a_timer_that_is_due_in_a_busy_turn_is_ready),
		cmocka_unit_test(test_the_deepest_operation_says_what_is_waited_for),
		cmocka_unit_test(test_of_two_the_one_that_ends_last_counts),
		cmocka_unit_test(test_js_counts_whatever_is_open),
		cmocka_unit_test(test_a_request_without_length_has_no_time),
		cmocka_unit_test(test_each_nanosecond_belongs_to_one_kind),
		cmocka_unit_test(test_what_an_operation_did_at_a_moment),
		cmocka_unit_test(
			test_a_drawing_makes_only_so_many_bars_and_the_next_one_the_others),
		cmocka_unit_test(test_letters_of_kinds_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
