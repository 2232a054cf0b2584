/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "symbolizer/base.h"
#include "user/starting.h"

static void test_a_node_that_is_not_set_up_is_waited_for_shortly(void **state)
{
	const uint64_t hour = 3600 * NS_PER_SEC;

	(void)state;
	assert_true(starting_is_waited_for(-EAGAIN, 0, 0));
	assert_true(starting_is_waited_for(-EAGAIN, hour, 0));
	assert_true(starting_is_waited_for(-EAGAIN, hour, 2900 * NS_PER_MS));
	assert_false(starting_is_waited_for(-EAGAIN, hour, 3 * NS_PER_SEC));
	assert_false(starting_is_waited_for(-EAGAIN, 0, hour));
}

/* A shell's child that is about to become node, or a node whose memory is half set up. */
static void test_another_program_is_waited_for_only_when_it_is_young(void **state)
{
	static const int mistakes[] = {-ENOENT, -ENOEXEC, -EOPNOTSUPP, -EBADMSG, -EFAULT};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		assert_true(starting_is_waited_for(mistakes[i], 0, 0));
		assert_true(starting_is_waited_for(mistakes[i], 900 * NS_PER_MS, 800 * NS_PER_MS));
		assert_false(starting_is_waited_for(mistakes[i], NS_PER_SEC, 0));
		assert_false(starting_is_waited_for(mistakes[i], 0, 3 * NS_PER_SEC));
	}
}

static void test_what_time_does_not_mend_is_told_at_once(void **state)
{
	static const int failures[] = {-ESRCH, -EPERM, -EACCES, -ENOMEM, -EMFILE, 0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(failures); i++)
		assert_false(starting_is_waited_for(failures[i], 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_node_that_is_not_set_up_is_waited_for_shortly),
		cmocka_unit_test(test_another_program_is_waited_for_only_when_it_is_young),
		cmocka_unit_test(test_what_time_does_not_mend_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
