/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/radix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum {
	N = 5000,
};

static void fill(uint64_t *keys, uint64_t mask)
{
	uint64_t state = 7;

	for (size_t i = 0; i < N; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		keys[i] = (state ^ state >> 33) & mask;
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void test_numbers_are_sorted(void **state)
{
	static const uint64_t masks[] = {UINT64_MAX, 0xff, 0xff00, 0xffff0000ff00ULL, 0};
	uint64_t expected[N];
	uint64_t keys[N];

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		fill(keys, masks[i]);
		memcpy(expected, keys, sizeof(keys));
		qsort(expected, N, sizeof(*expected), compare);
		assert_int_equal(radix_sort(keys, N, 0), 0);
		assert_memory_equal(keys, expected, sizeof(keys));
	}
}

static void test_lower_bytes_keep_their_order(void **state)
{
	uint64_t keys[N];

	(void)state;
	fill(keys, 0xf00000000ULL);
	for (size_t i = 0; i < N; i++)
		keys[i] |= N - i;
	assert_int_equal(radix_sort(keys, N, 4), 0);
	for (size_t i = 1; i < N; i++) {
		assert_true(keys[i - 1] >> 32 <= keys[i] >> 32);
		if (keys[i - 1] >> 32 == keys[i] >> 32)
			assert_true((uint32_t)keys[i - 1] > (uint32_t)keys[i]);
	}
}

static void test_nothing_and_one_are_sorted(void **state)
{
	uint64_t key = 3;

	(void)state;
	assert_int_equal(radix_sort(&key, 0, 0), 0);
	assert_int_equal(radix_sort(&key, 1, 0), 0);
	assert_int_equal(key, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_sorted),
		cmocka_unit_test(test_lower_bytes_keep_their_order),
		cmocka_unit_test(test_nothing_and_one_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
