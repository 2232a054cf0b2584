/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Who had the loop: the turns of one are one span, the sum stays, the number is bounded. */
#include "aggregator/labels_crowd.h"

#include <stdlib.h>

#include "aggregator/sample.h"

static void add(struct span_list *list, uint64_t start_ns, uint64_t end_ns, uint64_t culprit)
{
	const struct label_span span = {.start_ns = start_ns,
					.end_ns = end_ns,
					.label = LABEL_LOOP,
					.op = 7,
					.culprit = culprit,
					.busy = culprit != 0};

	assert_int_equal(crowd_add(list, &span), 0);
}

static void expect(const struct span_list *list, size_t i, uint64_t start_ns, uint64_t end_ns,
		   uint64_t culprit)
{
	assert_int_equal(list->spans[i].start_ns, start_ns);
	assert_int_equal(list->spans[i].end_ns, end_ns);
	assert_int_equal(list->spans[i].culprit, culprit);
	assert_int_equal(list->spans[i].op, 7);
}

static void test_the_turns_of_one_are_one_span(void **state)
{
	struct span_list list = {.n = 0};

	(void)state;
	add(&list, 100, 110, 1);
	add(&list, 110, 115, 2);
	add(&list, 115, 145, 1);
	add(&list, 145, 146, 0);
	crowd_close(&list);
	assert_int_equal(list.n, 3);
	expect(&list, 0, 100, 140, 1);
	expect(&list, 1, 140, 145, 2);
	expect(&list, 2, 145, 146, 0);
	add(&list, 200, 210, 1); /* later: another crowd */
	crowd_close(&list);
	assert_int_equal(list.n, 4);
	expect(&list, 3, 200, 210, 1);
	free(list.spans);
}

static void test_the_stack_is_that_of_the_longest_turn(void **state)
{
	const struct stack stacks[2] = {{.n_frames = 0}, {.n_frames = 0}};
	struct label_span span = {.label = LABEL_LOOP, .culprit = 3, .busy = 1};
	struct span_list list = {.n = 0};

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		span.start_ns = 10 * i;
		span.end_ns = 10 * i + (i == 1 ? 10 : 4);
		span.stack = &stacks[i == 1];
		assert_int_equal(crowd_add(&list, &span), 0);
	}
	crowd_close(&list);
	assert_int_equal(list.n, 1);
	assert_ptr_equal(list.spans[0].stack, &stacks[1]);
	free(list.spans);
}

static void test_many_culprits_are_bounded_and_sum(void **state)
{
	struct span_list list = {.n = 0};
	uint64_t at = 50;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++, at += 3)
		add(&list, at, at + 3, 1 + i % 500);
	crowd_close(&list);
	assert_in_range(list.n, 2, CROWD_SLOTS + 1);
	assert_int_equal(list.spans[0].start_ns, 50);
	for (size_t i = 1; i < list.n; i++)
		assert_int_equal(list.spans[i].start_ns, list.spans[i - 1].end_ns);
	assert_int_equal(list.spans[list.n - 1].end_ns, at);
	free(list.spans);
}

/* Numbers that come in steps, as those of requests that take turns do, are told apart too. */
static void test_culprits_whose_numbers_meet_are_told_apart(void **state)
{
	struct span_list list = {.n = 0};
	uint64_t at = 0;

	(void)state;
	for (uint64_t i = 0; i < 2 * CROWD_SLOTS; i++, at += 3)
		add(&list, at, at + 3, 1 + i % CROWD_SLOTS * CROWD_SLOTS / 2);
	add(&list, at, at + 4, 7); /* there is no room for it */
	crowd_close(&list);
	assert_int_equal(list.n, CROWD_SLOTS + 1);
	for (size_t i = 0; i < CROWD_SLOTS; i++)
		expect(&list, i, 6 * i, 6 * i + 6, 1 + i * CROWD_SLOTS / 2);
	expect(&list, CROWD_SLOTS, at, at + 4, 0);
	assert_int_equal(list.spans[CROWD_SLOTS].busy, LABEL_BUSY_SEVERAL);
	free(list.spans);
}

static void test_thinned_crowds_keep_the_longest(void **state)
{
	struct span_list list = {.n = 0};

	(void)state;
	for (uint64_t i = 1; i <= 10; i++)
		add(&list, 100 * i, 100 * i + (i == 9 ? 100 : i), i);
	crowd_close(&list);
	crowds_thin(&list, 10);
	assert_int_equal(list.n, 10);
	crowds_thin(&list, 9);
	assert_int_equal(list.n, 4);
	expect(&list, 0, 100, 200, 9);
	expect(&list, 1, 200, 210, 10);
	expect(&list, 2, 210, 218, 8);
	expect(&list, 3, 218, 218 + 1 + 2 + 3 + 4 + 5 + 6 + 7, 0);
	assert_int_equal(list.spans[3].busy, LABEL_BUSY_SEVERAL);
	free(list.spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_turns_of_one_are_one_span),
		cmocka_unit_test(test_the_stack_is_that_of_the_longest_turn),
		cmocka_unit_test(test_many_culprits_are_bounded_and_sum),
		cmocka_unit_test(test_culprits_whose_numbers_meet_are_told_apart),
		cmocka_unit_test(test_thinned_crowds_keep_the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
