/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the kernel says of a thread: does it wait in epoll? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/syscall.h>

#include "user/loop_waits.h"

static void test_only_epoll_is_a_wait_of_the_loop(void **state)
{
	char line[128];

	(void)state;
	(void)snprintf(line, sizeof(line), "%d 0xd 0x7ffc 0x400 0xffffffffffffffff 0x0 0x0\n",
		       SYS_epoll_pwait);
	assert_true(loop_waits_in(line));
	(void)snprintf(line, sizeof(line), "%d 0xd 0x7ffc\n", SYS_futex);
	assert_false(loop_waits_in(line));
	assert_false(loop_waits_in("running\n"));
	assert_false(loop_waits_in("-1 0x7ffc 0x7f00\n"));
	assert_false(loop_waits_in(""));
	assert_false(loop_waits_in(" "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_epoll_is_a_wait_of_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
