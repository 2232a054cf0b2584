/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Records by a counter: what is dropped stays dropped, and the counter may go far meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/paged.h"

#define FAR (1ULL << 40)

static void put(struct paged *paged, uint64_t key, uint64_t value)
{
	uint64_t *record = paged_get(paged, key);

	assert_non_null(record);
	assert_int_equal(*record, 0);
	*record = value;
}

static void test_records_are_found_by_their_keys(void **state)
{
	struct paged paged;

	(void)state;
	paged_init(&paged, sizeof(uint64_t));
	put(&paged, 1000, 1);
	put(&paged, 1001, 2);
	put(&paged, 10 * PAGED_RECORDS, 3);
	assert_int_equal(*(uint64_t *)paged_peek(&paged, 1000), 1);
	assert_int_equal(*(uint64_t *)paged_peek(&paged, 1001), 2);
	assert_int_equal(*(uint64_t *)paged_peek(&paged, 10 * PAGED_RECORDS), 3);
	assert_null(paged_peek(&paged, 5 * PAGED_RECORDS));
	assert_null(paged_peek(&paged, FAR));
	assert_true(paged_bytes(&paged) >= 2 * PAGED_RECORDS * sizeof(uint64_t));
	paged_done(&paged);
}

static void test_key_far_ahead_is_refused_while_there_are_others(void **state)
{
	struct paged paged;

	(void)state;
	paged_init(&paged, sizeof(uint64_t));
	put(&paged, 1, 1);
	assert_null(paged_get(&paged, FAR));
	assert_int_equal(*(uint64_t *)paged_peek(&paged, 1), 1);
	paged_done(&paged);
}

static void test_what_was_dropped_does_not_come_back(void **state)
{
	struct paged paged;

	(void)state;
	paged_init(&paged, sizeof(uint64_t));
	put(&paged, PAGED_RECORDS, 1);
	put(&paged, 3 * PAGED_RECORDS, 2);
	paged_drop_below(&paged, 3 * PAGED_RECORDS);
	assert_null(paged_get(&paged, PAGED_RECORDS));
	assert_int_equal(*(uint64_t *)paged_peek(&paged, 3 * PAGED_RECORDS), 2);
	paged_drop_below(&paged, 4 * PAGED_RECORDS);
	assert_null(paged_get(&paged, 3 * PAGED_RECORDS));
	put(&paged, 4 * PAGED_RECORDS, 3);
	paged_done(&paged);
}

/* A thread that shows nothing of the kind for days. */
static void test_counter_that_went_far_while_nothing_was_kept_is_followed(void **state)
{
	struct paged paged;

	(void)state;
	paged_init(&paged, sizeof(uint64_t));
	put(&paged, 1, 1);
	paged_drop_below(&paged, PAGED_RECORDS);
	put(&paged, FAR, 2);
	assert_int_equal(*(uint64_t *)paged_peek(&paged, FAR), 2);
	assert_int_equal(paged_first(&paged), FAR);
	assert_null(paged_get(&paged, 2 * PAGED_RECORDS));
	paged_done(&paged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_are_found_by_their_keys),
		cmocka_unit_test(test_key_far_ahead_is_refused_while_there_are_others),
		cmocka_unit_test(test_what_was_dropped_does_not_come_back),
		cmocka_unit_test(test_counter_that_went_far_while_nothing_was_kept_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
