/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "user/units.h"

static void test_durations_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{"10s", 10 * NS_PER_SEC},   {"500ms", 500 * NS_PER_MS},
		{"7us", 7 * NS_PER_US},     {"3ns", 3},
		{"5m", 300 * NS_PER_SEC},   {"1h", 3600 * NS_PER_SEC},
		{"1.5s", 1500 * NS_PER_MS}, {"0.25ms", 250 * NS_PER_US},
	};
	uint64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(units_duration(cases[i].text, 1, &ns), 0);
		assert_int_equal(ns, cases[i].ns);
	}
}

static void test_a_bare_number_takes_the_default_unit(void **state)
{
	uint64_t ns;

	(void)state;
	assert_int_equal(units_duration("3", NS_PER_SEC, &ns), 0);
	assert_int_equal(ns, 3 * NS_PER_SEC);
	assert_int_equal(units_duration("0.5", NS_PER_MS, &ns), 0);
	assert_int_equal(ns, 500 * NS_PER_US);
}

static void test_what_is_no_duration_is_refused_and_changes_nothing(void **state)
{
	static const char *const wrong[] = {"",    "s",   "-1s", "+1s", " 1s",  "1 s",   "1x",
					    "1.s", ".5s", "1e3", "1s ", "0x10", "1.5.5s"};
	uint64_t ns = 42;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(units_duration(wrong[i], NS_PER_SEC, &ns), -EINVAL);
	assert_int_equal(ns, 42);
}

static void test_overflow_is_told(void **state)
{
	uint64_t value = 42;

	(void)state;
	assert_int_equal(units_duration("99999999999999999999s", 1, &value), -ERANGE);
	assert_int_equal(units_duration("18446744073709551615h", 1, &value), -ERANGE);
	assert_int_equal(units_size("18446744073709551615G", &value), -ERANGE);
	assert_int_equal(units_number("18446744073709551616", 0, UINT64_MAX, &value), -ERANGE);
	assert_int_equal(value, 42);
}

static void test_sizes_are_powers_of_1024(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_int_equal(units_size("64M", &bytes), 0);
	assert_int_equal(bytes, 64ULL << 20);
	assert_int_equal(units_size("1GiB", &bytes), 0);
	assert_int_equal(bytes, 1ULL << 30);
	assert_int_equal(units_size("512k", &bytes), 0);
	assert_int_equal(bytes, 512ULL << 10);
	assert_int_equal(units_size("1.5K", &bytes), 0);
	assert_int_equal(bytes, 1536);
	assert_int_equal(units_size("12345", &bytes), 0);
	assert_int_equal(bytes, 12345);
	assert_int_equal(units_size("64T", &bytes), -EINVAL);
}

static void test_numbers_keep_their_bounds(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(units_number("5", 1, 5, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(units_number("6", 1, 5, &value), -ERANGE);
	assert_int_equal(units_number("0", 1, 5, &value), -ERANGE);
	assert_int_equal(units_number("4x", 1, 5, &value), -EINVAL);
	assert_int_equal(value, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations_have_units),
		cmocka_unit_test(test_a_bare_number_takes_the_default_unit),
		cmocka_unit_test(test_what_is_no_duration_is_refused_and_changes_nothing),
		cmocka_unit_test(test_overflow_is_told),
		cmocka_unit_test(test_sizes_are_powers_of_1024),
		cmocka_unit_test(test_numbers_keep_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
