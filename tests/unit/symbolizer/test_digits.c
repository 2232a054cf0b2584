/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "symbolizer/digits.h"

static void test_each_digit_has_its_value_and_nothing_else_has_one(void **state)
{
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";

	(void)state;
	for (int c = CHAR_MIN; c <= CHAR_MAX; c++) {
		const char *found = c ? strchr(base64, c) : NULL;

		assert_int_equal(digits_base64((char)c), found ? found - base64 : -1);
		found = c ? strchr(hex, c) : NULL;
		assert_int_equal(digits_hex((char)c), found ? (found - hex) % 16 : -1);
	}
}

static void test_percent_needs_two_digits(void **state)
{
	(void)state;
	assert_int_equal(digits_percent("%00"), 0);
	assert_int_equal(digits_percent("%fF!"), 255);
	assert_int_equal(digits_percent("%4"), -1);
	assert_int_equal(digits_percent("%"), -1);
	assert_int_equal(digits_percent("41"), -1);
	assert_int_equal(digits_percent("%g1"), -1);
	assert_int_equal(digits_percent("%1g"), -1);
	assert_int_equal(digits_percent(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_digit_has_its_value_and_nothing_else_has_one),
		cmocka_unit_test(test_percent_needs_two_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
