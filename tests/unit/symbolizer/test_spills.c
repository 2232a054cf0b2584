/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Room for the dead words of as many frames as a busy application has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/spills.h"

enum {
	STACKS = 5000, /* 300 requests of an application with web sockets had 3,300 */
	FRAMES = 5,    /* optimised ones of each */
	FIRST = 4,
};

static struct spills spills;

static uint64_t stack_of(uint32_t i)
{
	uint64_t id = (i + 1) * 0x9e3779b97f4a7c15ULL;

	id = (id ^ id >> 30) * 0xbf58476d1ce4e5b9ULL;
	return id ^ id >> 31;
}

static uint64_t dead_of(uint32_t stack, uint32_t frame)
{
	return (uint64_t)stack << 8 | frame; /* no frame is 0 */
}

static int forget_all(void **state)
{
	(void)state;
	spills = (struct spills){0};
	return 0;
}

static void test_what_a_busy_application_has_is_known(void **state)
{
	uint32_t known = 0;

	(void)state;
	for (uint32_t i = 0; i < STACKS; i++)
		for (uint32_t k = FIRST; k < FIRST + FRAMES; k++)
			spills_put(&spills, stack_of(i), k, dead_of(i, k));
	for (uint32_t i = 0; i < STACKS; i++)
		for (uint32_t k = FIRST; k < FIRST + FRAMES; k++)
			known += spills_find(&spills, stack_of(i), k) == dead_of(i, k);
	assert_in_range(known, STACKS * FRAMES / 100 * 98, STACKS * FRAMES);
}

static void test_stacks_that_share_a_place_forget_each_other(void **state)
{
	uint32_t known = 0, all = 4 * SPILLS_WAYS << SPILLS_BITS;
	uint64_t dead;

	(void)state;
	for (uint32_t i = 0; i < all; i++) {
		spills_put(&spills, stack_of(i), FIRST, dead_of(i, FIRST));
		assert_int_equal(spills_find(&spills, stack_of(i), FIRST), dead_of(i, FIRST));
	}
	for (uint32_t i = 0; i < all; i++) {
		dead = spills_find(&spills, stack_of(i), FIRST);
		assert_true(!dead || dead == dead_of(i, FIRST));
		known += dead != 0;
	}
	assert_in_range(known, all / 8, all / 4);
}

static void test_no_stack_has_no_words(void **state)
{
	(void)state;
	assert_int_equal(spills_find(&spills, 0, 0), 0);
	spills_put(&spills, 0, 1, 5);
	assert_int_equal(spills_find(&spills, 0, 1), 0);
	spills_put(&spills, stack_of(0), 1, 0);
	assert_int_equal(spills_find(&spills, stack_of(0), 1), 0);
}

static void test_the_last_word_on_a_frame_holds(void **state)
{
	(void)state;
	spills_put(&spills, stack_of(0), FIRST, 1);
	spills_put(&spills, stack_of(0), FIRST + 1, 2);
	spills_put(&spills, stack_of(0), FIRST, 4);
	assert_int_equal(spills_find(&spills, stack_of(0), FIRST), 4);
	assert_int_equal(spills_find(&spills, stack_of(0), FIRST + 1), 2);
	assert_int_equal(spills_find(&spills, stack_of(0), FIRST + 2), 0);
	assert_int_equal(spills_find(&spills, stack_of(1), FIRST), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_a_busy_application_has_is_known, forget_all),
		cmocka_unit_test_setup(test_stacks_that_share_a_place_forget_each_other,
				       forget_all),
		cmocka_unit_test_setup(test_no_stack_has_no_words, forget_all),
		cmocka_unit_test_setup(test_the_last_word_on_a_frame_holds, forget_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
