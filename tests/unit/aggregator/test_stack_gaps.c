/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "aggregator/stack_gaps.h"

static void test_what_is_not_zero_is_told(void **state)
{
	const struct stack_gaps none = {0}, some = {.cut = 4, .late = 12, .maps_shed = 1};
	char buf[200] = "x";
	size_t len;

	(void)state;
	assert_int_equal(stack_gaps_print(&none, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	len = stack_gaps_print(&some, buf, sizeof(buf));
	assert_int_equal(len, strlen(buf));
	assert_string_equal(buf, "4 stacks cut at their outermost frames, "
				 "12 stacks looked at after a collection, "
				 "1 source maps dropped for lack of room");
}

static void test_what_does_not_fit_is_cut(void **state)
{
	const struct stack_gaps some = {.cut = 4, .late = 12, .maps_shed = 1};
	char buf[12] = "XXXXXXXXXXX";

	(void)state;
	assert_int_equal(stack_gaps_print(&some, buf, 11), 10);
	assert_memory_equal(buf, "4 stacks c\0", 12);
	assert_int_equal(stack_gaps_print(&some, buf, 0), 0);
	assert_memory_equal(buf, "4 stacks c\0", 12);
}

static void test_every_field_is_summed_and_has_its_name(void **state)
{
	struct stack_gaps sum = {0}, one;
	uint64_t value, *words = (uint64_t *)&one;
	const char *name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(one) / sizeof(*words); i++)
		words[i] = i + 1;
	stack_gaps_add(&sum, &one);
	stack_gaps_add(&sum, &one);
	for (i = 0; (name = stack_gaps_at(&sum, i, &value)); i++) {
		assert_true(*name);
		assert_int_equal(value, 2 * (i + 1));
	}
	assert_int_equal(i, sizeof(one) / sizeof(*words));
	assert_string_equal(stack_gaps_at(&sum, 0, &value), "cut");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_zero_is_told),
		cmocka_unit_test(test_what_does_not_fit_is_cut),
		cmocka_unit_test(test_every_field_is_summed_and_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
