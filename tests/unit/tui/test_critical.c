/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/critical.h"

#include "tui/scene.h"

static struct label_span span_of(uint64_t start_us, uint64_t end_us, uint32_t samples,
				 const struct stack *stack)
{
	return (struct label_span){.start_ns = start_us * 1000,
				   .end_ns = end_us * 1000,
				   .label = LABEL_JS,
				   .op = LABEL_OP_REQUEST,
				   .samples = samples,
				   .stack = stack};
}

/* One row for each place that is known, and one for the time of which none is. */
static void test_own_javascript_is_where_it_was_sampled(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct label_span spans[] = {
		span_of(0, 30, 4, &scene_stack),
		span_of(30, 80, 5, &scene_culprit),
		span_of(80, 90, 0, NULL),
		span_of(90, 100, 1, &scene_stack),
	};
	struct critical_line lines[CRITICAL_MAX];

	(void)state;
	request->labels = spans;
	request->n_labels = 4;
	assert_int_equal(critical_lines(request, lines), 3);
	assert_int_equal(lines[0].ns, 50000);
	assert_ptr_equal(lines[0].stack, &scene_culprit);
	assert_int_equal(lines[0].samples, 5);
	assert_int_equal(lines[1].ns, 40000);
	assert_ptr_equal(lines[1].stack, &scene_stack);
	assert_int_equal(lines[2].ns, 10000);
	assert_null(lines[2].stack);
	assert_int_equal(lines[2].samples, 0);
	request_free(request);
}

static void test_callbacks_that_compute_at_one_place_are_one_row(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct label_span spans[] = {
		span_of(0, 40, 4, &scene_stack),
		span_of(40, 90, 5, &scene_stack),
		span_of(90, 95, 0, NULL),
		span_of(95, 100, 0, NULL),
	};
	struct critical_line lines[CRITICAL_MAX];

	(void)state;
	spans[0].op = spans[2].op = 0;
	spans[1].op = spans[3].op = 1;
	request->labels = spans;
	request->n_labels = 4;
	assert_int_equal(critical_lines(request, lines), 3);
	assert_int_equal(lines[0].ns, 90000);
	assert_true(lines[0].several);
	assert_int_equal(lines[1].ns, 5000);
	assert_false(lines[1].several);
	assert_int_equal(lines[2].ns, 5000);
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_javascript_is_where_it_was_sampled),
		cmocka_unit_test(test_callbacks_that_compute_at_one_place_are_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
