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

/* The place of the longest stretch stands for the line, with how it is known. */
static void test_own_javascript_is_where_it_was_sampled(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct label_span spans[] = {
		span_of(0, 40, 4, &scene_stack),
		span_of(40, 90, 5, &scene_culprit),
		span_of(90, 100, 0, NULL),
	};
	struct critical_line lines[CRITICAL_MAX];

	(void)state;
	request->labels = spans;
	request->n_labels = 3;
	assert_int_equal(critical_lines(request, lines), 1);
	assert_int_equal(lines[0].ns, 100000);
	assert_ptr_equal(lines[0].stack, &scene_culprit);
	assert_int_equal(lines[0].samples, 5);
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_javascript_is_where_it_was_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
