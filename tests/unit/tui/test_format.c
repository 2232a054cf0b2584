/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "symbolizer/base.h"

#define US NS_PER_US
#define MS NS_PER_MS
#define S  NS_PER_SEC

typedef const char *format_fn(uint64_t value, char *buf);

struct example {
	uint64_t value;
	const char *text;
};

static void check(format_fn *format, const struct example *examples, size_t n)
{
	char buf[FORMAT_LEN];
	size_t i;

	for (i = 0; i < n; i++)
		assert_string_equal(format(examples[i].value, buf), examples[i].text);
}

static void test_durations_have_a_fitting_unit(void **state)
{
	static const struct example examples[] = {
		{0, "0.0us"},
		{49, "0.0us"},
		{50, "0.1us"},
		{31400, "31.4us"},
		{999949, "999.9us"},
		{999950, "1.0ms"},
		{412800 * US, "412.8ms"},
		{999949999, "999.9ms"},
		{999950000, "1.00s"},
		{12345 * MS, "12.35s"},
		{59994 * MS, "59.99s"},
		{59995 * MS, "1m00s"},
		{754 * S, "12m34s"},
		{3600 * S, "1h00m"},
		{359999 * S, "99h59m"},
		{360000 * S, "4d"},
		{UINT64_MAX, "213503d"},
	};

	(void)state;
	check(format_duration, examples, ARRAY_SIZE(examples));
}

static void test_ages_get_coarser(void **state)
{
	static const struct example examples[] = {
		{0, "0s"},         {999 * MS, "0s"},    {59999 * MS, "59s"},
		{60 * S, "1m00s"}, {725 * S, "12m05s"}, {14700 * S, "4h05m"},
	};

	(void)state;
	check(format_age, examples, ARRAY_SIZE(examples));
}

static void test_counts_and_bytes_are_scaled_down(void **state)
{
	static const struct example counts[] = {
		{0, "0"},          {99999, "99999"},    {100000, "100k"},      {999999, "999k"},
		{1000000, "1.0M"}, {12345678, "12.3M"}, {UINT64_MAX, "18.4E"},
	};
	static const struct example bytes[] = {
		{0, "0B"},
		{1023, "1023B"},
		{1024, "1.0KiB"},
		{39012, "38.0KiB"},
		{1048575, "1023KiB"},
		{1048576, "1.0MiB"},
		{UINT64_MAX, "15.9EiB"},
	};

	(void)state;
	check(format_count, counts, ARRAY_SIZE(counts));
	check(format_bytes, bytes, ARRAY_SIZE(bytes));
}

static void test_a_share_is_100_percent_only_when_nothing_is_missing(void **state)
{
	char buf[FORMAT_LEN];

	(void)state;
	assert_string_equal(format_share(0, 0, buf), "-");
	assert_string_equal(format_share(1, 1, buf), "100.00%");
	assert_string_equal(format_share(999999999, 1000000000, buf), "99.99%");
	assert_string_equal(format_share(0, 5, buf), "0.00%");
	assert_string_equal(format_share(UINT64_MAX - 1, UINT64_MAX, buf), "99.99%");
}

/* Each number of digits, and what lies next to it. */
static void test_nothing_is_wider_than_its_column(void **state)
{
	static const struct {
		format_fn *format;
		size_t width;
	} columns[] = {
		{format_duration, FORMAT_DURATION_WIDTH},
		{format_age, FORMAT_AGE_WIDTH},
		{format_count, FORMAT_COUNT_WIDTH},
		{format_bytes, FORMAT_BYTES_WIDTH},
	};
	char buf[FORMAT_LEN];
	uint64_t bit, c;

	(void)state;
	for (c = 0; c < ARRAY_SIZE(columns); c++) {
		/* Ages beyond 27 years do not occur. */
		for (bit = 1; bit < (c == 1 ? 1ULL << 59 : 1ULL << 63); bit = bit * 2 + bit / 3) {
			assert_true(strlen(columns[c].format(bit - 1, buf)) <= columns[c].width);
			assert_true(strlen(columns[c].format(bit, buf)) <= columns[c].width);
			assert_true(strlen(columns[c].format(bit + 1, buf)) <= columns[c].width);
			if (bit > 1ULL << 60)
				break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations_have_a_fitting_unit),
		cmocka_unit_test(test_ages_get_coarser),
		cmocka_unit_test(test_counts_and_bytes_are_scaled_down),
		cmocka_unit_test(test_a_share_is_100_percent_only_when_nothing_is_missing),
		cmocka_unit_test(test_nothing_is_wider_than_its_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
