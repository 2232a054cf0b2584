/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/prompt.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tui/keys.h"

static void type(struct prompt *prompt, const int *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)prompt_key(prompt, keys[i]);
}

#define TYPE(prompt, ...) \
	type(prompt, (const int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))

static void test_characters_go_where_the_cursor_is(void **state)
{
	struct prompt prompt;

	(void)state;
	prompt_open(&prompt, PROMPT_FILTER, "ad");
	TYPE(&prompt, KEY_ARROW_LEFT, 'b', 0xe9, 'c', 0x6771);
	assert_string_equal(prompt.text, "ab\u00e9c\u6771d");
	TYPE(&prompt, KEY_ARROW_LEFT, KEY_ERASE, KEY_ERASE);
	assert_string_equal(prompt.text, "ab\u6771d");
	TYPE(&prompt, KEY_TO_START, 'x', KEY_TO_END, 'y', 0x1f600);
	assert_string_equal(prompt.text, "xab\u6771dy\U0001f600");
	TYPE(&prompt, KEY_ARROW_LEFT, KEY_ARROW_LEFT, KEY_ARROW_RIGHT, KEY_ARROW_RIGHT,
	     KEY_ARROW_RIGHT, KEY_ERASE);
	assert_string_equal(prompt.text, "xab\u6771dy");
}

static void test_words_and_lines_are_erased(void **state)
{
	struct prompt prompt;

	(void)state;
	prompt_open(&prompt, PROMPT_FILTER, "dur>5 && ops>2");
	TYPE(&prompt, KEY_CTRL_W);
	assert_string_equal(prompt.text, "dur>5 && ");
	TYPE(&prompt, KEY_CTRL_W);
	assert_string_equal(prompt.text, "dur>5 ");
	TYPE(&prompt, KEY_CTRL_A, KEY_ARROW_RIGHT, KEY_CTRL_U, KEY_CTRL_E, '0');
	assert_string_equal(prompt.text, "ur>5 0");
	TYPE(&prompt, KEY_CTRL_U);
	assert_int_equal(prompt.len, 0);
	assert_int_equal(prompt_key(&prompt, KEY_ERASE), PROMPT_CANCELLED);
	assert_int_equal(prompt_key(&prompt, KEY_ESCAPE), PROMPT_CANCELLED);
}

static void test_what_cannot_be_typed_changes_nothing(void **state)
{
	static const int keys[] = {KEY_UNKNOWN, KEY_NONE, KEY_CTRL_L,   0x9b,
				   0x202e,      0xd800,   KEY_TAB,      0x7f - 1,
				   KEY_PAGE_UP, 0x1b - 1, KEY_ARROW_UP, KEY_FUNCTION + 1};
	struct prompt prompt;
	size_t i;

	(void)state;
	prompt_open(&prompt, PROMPT_SEARCH, "");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)prompt_key(&prompt, keys[i]);
	assert_string_equal(prompt.text, "~");
}

static void test_full_line_takes_no_more(void **state)
{
	struct prompt prompt;
	char text[2 * PROMPT_TEXT_LEN];
	int i;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	prompt_open(&prompt, PROMPT_SEARCH, text);
	assert_int_equal(prompt.len, PROMPT_TEXT_LEN - 1);
	assert_int_equal(prompt_key(&prompt, 'b'), PROMPT_NOTHING);
	(void)prompt_key(&prompt, KEY_ERASE);
	/* No half characters. */
	assert_int_equal(prompt_key(&prompt, 0x6771), PROMPT_NOTHING);
	assert_int_equal(prompt_key(&prompt, 'b'), PROMPT_EDITED);
	for (i = 0; i < PROMPT_TEXT_LEN; i++)
		(void)prompt_key(&prompt, KEY_ERASE);
	assert_int_equal(prompt.len, 0);
	assert_string_equal(prompt.text, "");
}

static void test_mistakes_are_not_entered(void **state)
{
	struct prompt prompt;

	(void)state;
	prompt_open(&prompt, PROMPT_FILTER, "dur>");
	prompt.error[0] = 'x';
	assert_int_equal(prompt_key(&prompt, KEY_RETURN), PROMPT_NOTHING);
	prompt.error[0] = '\0';
	assert_int_equal(prompt_key(&prompt, KEY_RETURN), PROMPT_ENTERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters_go_where_the_cursor_is),
		cmocka_unit_test(test_words_and_lines_are_erased),
		cmocka_unit_test(test_what_cannot_be_typed_changes_nothing),
		cmocka_unit_test(test_full_line_takes_no_more),
		cmocka_unit_test(test_mistakes_are_not_entered),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
