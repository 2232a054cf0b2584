/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/histogram.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void test_empty(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	assert_int_equal(histogram_quantile(&histogram, 500), 0);
	assert_int_equal(histogram_quantile(&histogram, 1000), 0);
}

static void test_one_value_is_every_quantile(void **state)
{
	static const uint64_t values[] = {0,     1,         999,           1000,          31999,
					  32000, 123456789, 3600000000000, UINT64_MAX / 2};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct histogram histogram = {0};

		histogram_add(&histogram, values[i]);
		assert_int_equal(histogram_quantile(&histogram, 0), values[i]);
		assert_int_equal(histogram_quantile(&histogram, 500), values[i]);
		assert_int_equal(histogram_quantile(&histogram, 1000), values[i]);
		assert_int_equal(histogram.sum_ns, values[i]);
		assert_int_equal(histogram.max_ns, values[i]);
	}
}

/* Against the same quantiles of the sorted values: never lower, and at most a step higher. */
static void test_quantiles_are_close(void **state)
{
	static const unsigned int permilles[] = {1, 10, 250, 500, 900, 990, 999, 1000};
	enum {
		N = 20000
	};
	uint64_t *values = calloc(N, sizeof(*values));
	struct histogram histogram = {0};
	uint64_t seed = 1;

	(void)state;
	assert_non_null(values);
	for (size_t i = 0; i < N; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		values[i] = seed >> 33 >> (seed >> 28 & 31) % 24; /* of all magnitudes */
		values[i] *= 1000;
		histogram_add(&histogram, values[i]);
	}
	qsort(values, N, sizeof(*values), compare);
	for (size_t i = 0; i < ARRAY_SIZE(permilles); i++) {
		uint64_t exact = values[((size_t)N * permilles[i] + 999) / 1000 - 1];
		uint64_t got = histogram_quantile(&histogram, permilles[i]);

		assert_true(got >= exact);
		assert_true(got <= exact + exact / HISTOGRAM_STEPS + 1000);
	}
	free(values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_one_value_is_every_quantile),
		cmocka_unit_test(test_quantiles_are_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
