/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/mouse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_click_and_wheel_are_read(void **state)
{
	struct mouse_event event;

	(void)state;
	assert_int_equal(mouse_parse("0;12;3M", &event), 0);
	assert_int_equal(event.button, MOUSE_CLICK);
	assert_int_equal(event.col, 11);
	assert_int_equal(event.row, 2);
	assert_int_equal(mouse_parse("64;500;1M", &event), 0);
	assert_int_equal(event.button, MOUSE_WHEEL_UP);
	assert_int_equal(event.col, 499);
	assert_int_equal(mouse_parse("65;1;1M", &event), 0);
	assert_int_equal(event.button, MOUSE_WHEEL_DOWN);
}

static void test_other_buttons_are_not_ours(void **state)
{
	struct mouse_event event = {.row = 77};

	(void)state;
	assert_int_equal(mouse_parse("0;12;3m", &event), -ENOENT);
	assert_int_equal(mouse_parse("2;12;3M", &event), -ENOENT);
	assert_int_equal(mouse_parse("32;12;3M", &event), -ENOENT);
	assert_int_equal(event.row, 77);
}

static void test_damaged_reports_are_refused(void **state)
{
	static const char *const reports[] = {
		"",
		"M",
		"0;1M",
		"0;1;M",
		"0;;1M",
		";1;1M",
		"0;1;1",
		"0;1;1X",
		"0;1;1MM",
		"-1;1;1M",
		"0;0;1M",
		"0;1;0M",
		"0;1;1;M",
		"0 ;1;1M",
		"a;b;cM",
		"0;99999;1M",
		"0;1;9999999999999999999M",
	};
	struct mouse_event event = {.row = 77};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		assert_int_equal(mouse_parse(reports[i], &event), -EBADMSG);
	assert_int_equal(event.row, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_click_and_wheel_are_read),
		cmocka_unit_test(test_other_buttons_are_not_ours),
		cmocka_unit_test(test_damaged_reports_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
