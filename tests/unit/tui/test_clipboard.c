/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/clipboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, const char *wanted)
{
	char buf[CLIPBOARD_LEN];

	assert_int_equal(clipboard_print(text, buf), strlen(wanted));
	assert_string_equal(buf, wanted);
}

static void test_text_is_sent_in_base64(void **state)
{
	(void)state;
	check("", "\033]52;c;\a");
	check("8", "\033]52;c;OA==\a");
	check("88", "\033]52;c;ODg=\a");
	check("883", "\033]52;c;ODgz\a");
	check("8831", "\033]52;c;ODgzMQ==\a");
	check("\xff\xfe", "\033]52;c;//4=\a");
}

static void test_long_text_is_cut(void **state)
{
	char text[2 * CLIPBOARD_TEXT_MAX], buf[CLIPBOARD_LEN];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_in_range(clipboard_print(text, buf), CLIPBOARD_TEXT_MAX, CLIPBOARD_LEN - 1);
	assert_int_equal(strlen(buf), clipboard_print(text, buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_sent_in_base64),
		cmocka_unit_test(test_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
