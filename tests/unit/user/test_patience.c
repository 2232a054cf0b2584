/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "user/captured.h"
#include "user/patience.h"

#define HOUR (3600 * NS_PER_SEC)

static bool is_said(const struct capture *capture)
{
	char byte;

	return pread(capture->file, &byte, 1, 0) == 1;
}

/* While whoever began it is in one long step. */
static void test_what_takes_a_while_is_said_meanwhile(void **state)
{
	static const struct timespec pause = {.tv_nsec = 1000 * 1000};
	struct patience patience;
	struct capture capture;

	(void)state;
	begin(&capture);
	patience_begin(&patience, 4121, 1);
	while (!is_said(&capture))
		(void)nanosleep(&pause, NULL);
	patience_end(&patience);
	assert_string_equal(end(&capture), "ntrace-bpf: attaching to pid 4121 …\n");
}

static void test_nothing_is_said_of_what_is_over(void **state)
{
	struct patience patience;
	struct capture capture;

	(void)state;
	begin(&capture);
	patience_begin(&patience, 4121, HOUR);
	patience_end(&patience);
	assert_string_equal(end(&capture), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_takes_a_while_is_said_meanwhile),
		cmocka_unit_test(test_nothing_is_said_of_what_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
