/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

/* Takes all that is left of a stretch. Returns how long that is. */
static uint64_t take(struct slots *slots, uint64_t start_ns, uint64_t end_ns)
{
	size_t end = slots_at(slots, end_ns);
	size_t slot = slots_at(slots, start_ns);
	uint64_t sum_ns = 0;

	while ((slot = slots_left(slots, slot)) < end) {
		sum_ns += slots_ns(slots, slot);
		slots_take(slots, slot);
	}
	return sum_ns;
}

static void test_each_gets_only_what_is_left(void **state)
{
	struct slots slots;

	(void)state;
	assert_int_equal(slots_init(&slots, 4), 0);
	slots_cut(&slots, 100, 900);
	slots_cut(&slots, 200, 400);
	slots_cut(&slots, 300, 600);
	slots_cut(&slots, 400, 900);
	slots_settle(&slots);
	assert_int_equal(slots.n_cuts, 6);
	assert_int_equal(take(&slots, 300, 600), 300);
	assert_int_equal(take(&slots, 200, 400), 100);
	assert_int_equal(take(&slots, 200, 400), 0);
	assert_int_equal(take(&slots, 400, 900), 300);
	assert_int_equal(take(&slots, 100, 900), 100);
	assert_int_equal(slots_left(&slots, 0), slots_at(&slots, 900));
	slots_done(&slots);
}

static void test_a_stretch_without_length_has_no_slot(void **state)
{
	struct slots slots;

	(void)state;
	assert_int_equal(slots_init(&slots, 1), 0);
	slots_cut(&slots, 7, 7);
	slots_settle(&slots);
	assert_int_equal(slots.n_cuts, 1);
	assert_int_equal(take(&slots, 7, 7), 0);
	slots_done(&slots);
}

static uint64_t take_slowly(bool *taken, uint64_t start_ns, uint64_t end_ns)
{
	uint64_t sum_ns = 0;

	for (uint64_t ts = start_ns; ts < end_ns; ts++) {
		sum_ns += !taken[ts];
		taken[ts] = true;
	}
	return sum_ns;
}

/* Each nanosecond goes to the first who asks for it, as when each is looked at by itself. */
static void test_random_claims_equal_the_slow_way(void **state)
{
	enum {
		LENGTH = 60,
		CLAIMS = 12
	};

	(void)state;
	srand(7);
	for (int round = 0; round < 500; round++) {
		bool taken[LENGTH] = {false};
		uint64_t from[CLAIMS], until[CLAIMS];
		struct slots slots;

		assert_int_equal(slots_init(&slots, CLAIMS), 0);
		for (int i = 0; i < CLAIMS; i++) {
			from[i] = (uint64_t)rand() % LENGTH;
			until[i] = from[i] + (uint64_t)rand() % (LENGTH - from[i]);
			slots_cut(&slots, from[i], until[i]);
		}
		slots_settle(&slots);
		for (int i = 0; i < CLAIMS; i++)
			assert_int_equal(take(&slots, from[i], until[i]),
					 take_slowly(taken, from[i], until[i]));
		slots_done(&slots);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_gets_only_what_is_left),
		cmocka_unit_test(test_a_stretch_without_length_has_no_slot),
		cmocka_unit_test(test_random_claims_equal_the_slow_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
