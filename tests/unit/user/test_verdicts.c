/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "user/verdicts.h"

enum {
	NEITHER = 0,
	SLOTS = 4096, /* stacks whose ids differ by this share a slot */
	SURE = 16,    /* operations in a row */
	STACK = 77,
};

/* What was told last. */
struct fixture {
	struct verdicts *verdicts;
	unsigned int n_told;
	uint64_t stack; /* the last */
	uint8_t verdict;
};

static void hear(void *user, uint64_t stack, uint8_t verdict)
{
	struct fixture *fixture = user;

	fixture->n_told++;
	fixture->stack = stack;
	fixture->verdict = verdict;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->verdicts = verdicts_new(hear, fixture);
	assert_non_null(fixture->verdicts);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	free(fixture->verdicts);
	free(fixture);
	return 0;
}

static void note(struct fixture *fixture, uint64_t stack, int verdict, unsigned int times)
{
	while (times--)
		verdicts_note(fixture->verdicts, stack, (enum nt_stack_verdict)verdict);
}

static void assert_told(const struct fixture *fixture, unsigned int n, uint64_t stack,
			uint8_t verdict)
{
	assert_int_equal(fixture->n_told, n);
	assert_int_equal(fixture->stack, stack);
	assert_int_equal(fixture->verdict, verdict);
}

static void test_nobodys_operation_is_told_at_once_and_once(void **state)
{
	struct fixture *fixture = *state;

	note(fixture, STACK, NT_STACK_UNOWNED, 3);
	assert_told(fixture, 1, STACK, NT_STACK_UNOWNED);
	/* What is between the two changes nothing. */
	note(fixture, STACK, NEITHER, 100);
	assert_int_equal(fixture->n_told, 1);
}

static void test_plain_ones_are_believed_after_so_many_in_a_row(void **state)
{
	struct fixture *fixture = *state;

	note(fixture, STACK, NT_STACK_PLAIN, SURE - 1);
	note(fixture, STACK, NEITHER, 1);
	note(fixture, STACK, NT_STACK_PLAIN, SURE - 1);
	assert_int_equal(fixture->n_told, 0);
	note(fixture, STACK, NT_STACK_PLAIN, 1);
	assert_told(fixture, 1, STACK, NT_STACK_PLAIN);
	note(fixture, STACK, NT_STACK_PLAIN, 100);
	assert_int_equal(fixture->n_told, 1);
}

static void test_one_that_is_not_plain_takes_it_back(void **state)
{
	struct fixture *fixture = *state;

	note(fixture, STACK, NT_STACK_PLAIN, SURE);
	note(fixture, STACK, NEITHER, 1);
	assert_told(fixture, 2, STACK, NEITHER);
	note(fixture, STACK, NT_STACK_PLAIN, SURE);
	assert_told(fixture, 3, STACK, NT_STACK_PLAIN);
	note(fixture, STACK, NT_STACK_UNOWNED, 1);
	assert_told(fixture, 4, STACK, NT_STACK_UNOWNED);
	note(fixture, STACK, NT_STACK_PLAIN, SURE);
	assert_told(fixture, 5, STACK, NT_STACK_PLAIN);
}

static void test_stacks_learn_apart(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < SURE; i++) {
		note(fixture, STACK, NT_STACK_PLAIN, 1);
		note(fixture, STACK + 1, NEITHER, 1);
	}
	assert_told(fixture, 1, STACK, NT_STACK_PLAIN);
}

/* The kernel side must not keep what nobody looks after any more. */
static void test_a_stack_that_has_to_go_is_taken_back(void **state)
{
	struct fixture *fixture = *state;

	note(fixture, STACK, NT_STACK_PLAIN, SURE);
	note(fixture, STACK + SLOTS, NT_STACK_PLAIN, 1);
	assert_told(fixture, 2, STACK, NEITHER);
	note(fixture, STACK + SLOTS, NT_STACK_PLAIN, SURE - 1);
	assert_told(fixture, 3, STACK + SLOTS, NT_STACK_PLAIN);
	/* One of which nothing was told goes silently, and starts again when it comes back. */
	note(fixture, STACK + 2 * SLOTS, NEITHER, 1);
	assert_told(fixture, 4, STACK + SLOTS, NEITHER);
	note(fixture, STACK, NT_STACK_PLAIN, SURE - 1);
	assert_int_equal(fixture->n_told, 4);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobodys_operation_is_told_at_once_and_once),
		TEST(test_plain_ones_are_believed_after_so_many_in_a_row),
		TEST(test_one_that_is_not_plain_takes_it_back),
		TEST(test_stacks_learn_apart),
		TEST(test_a_stack_that_has_to_go_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
