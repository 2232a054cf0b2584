/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void expect(const char *src, size_t len, const char *wanted)
{
	char buf[256];
	int cut = -1;

	assert_int_equal(text_sanitize(buf, sizeof(buf), src, len, &cut), strlen(wanted));
	assert_string_equal(buf, wanted);
	assert_int_equal(cut, 0);
}

#define EXPECT(src, wanted) expect(src, sizeof(src) - 1, wanted)

static void test_plain_text_stays(void **state)
{
	(void)state;
	EXPECT("/users/42?a=b&c=%20", "/users/42?a=b&c=%20");
	EXPECT("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
	       "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
	EXPECT("", "");
}

static void test_controls_are_escaped(void **state)
{
	(void)state;
	EXPECT("a\x1b]0;x\x07", "a\\x1b]0;x\\x07");
	EXPECT("\0\n\t\x7f", "\\x00\\x0a\\x09\\x7f");
	EXPECT("\xc2\x9b"
	       "31m",
	       "\\xc2\\x9b31m");
}

static void test_bidi_controls_are_escaped(void **state)
{
	(void)state;
	EXPECT("\xe2\x80\xae"
	       "x",
	       "\\xe2\\x80\\xaex");
	EXPECT("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	EXPECT("\xd8\x9c", "\\xd8\\x9c");
	EXPECT("\xe2\x80\x8f", "\\xe2\\x80\\x8f");
}

static void test_invalid_utf8_is_escaped_byte_by_byte(void **state)
{
	(void)state;
	EXPECT("\x80\xff", "\\x80\\xff");
	EXPECT("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
	EXPECT("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong */
	EXPECT("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* surrogate */
	EXPECT("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	EXPECT("\xe2\x82", "\\xe2\\x82");                   /* cut off */
	EXPECT("\xe2\x82"
	       "a",
	       "\\xe2\\x82"
	       "a");
}

static void test_what_does_not_fit_is_cut_between_characters(void **state)
{
	char buf[8];
	int cut = 0;

	(void)state;
	assert_int_equal(text_sanitize(buf, 5, "abc\xe2\x82\xac", 6, &cut), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(cut, 1);
	assert_int_equal(text_sanitize(buf, 5, "ab\x01", 3, &cut), 2);
	assert_string_equal(buf, "ab");
	assert_int_equal(cut, 1);
	assert_int_equal(text_sanitize(buf, 4, "abc", 3, &cut), 3);
	assert_int_equal(cut, 0);
	assert_int_equal(text_sanitize(NULL, 0, "abc", 3, &cut), 0);
	assert_int_equal(cut, 1);
}

static void test_output_is_always_valid_and_a_fixed_point(void **state)
{
	char src[64];
	char once[512];
	char twice[512];
	int round;

	(void)state;
	srand(7);
	for (round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(src);
		size_t once_len;
		size_t at = 0;
		size_t i;

		for (i = 0; i < len; i++)
			src[i] = (char)(rand() % 3 ? rand() : 0xe2 - rand() % 3);
		once_len = text_sanitize(once, sizeof(once), src, len, NULL);
		while (at < once_len) {
			uint32_t code = 0;
			size_t n = text_char(once + at, once_len - at, &code);

			assert_true(n > 0 && code >= 0x20 && code != 0x7f);
			at += n;
		}
		assert_int_equal(text_sanitize(twice, sizeof(twice), once, once_len, NULL),
				 once_len);
		assert_string_equal(once, twice);
	}
}

static void test_boundary_never_splits_a_character(void **state)
{
	const char *text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80";
	static const size_t wanted[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(text_boundary(text, i), wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_text_stays),
		cmocka_unit_test(test_controls_are_escaped),
		cmocka_unit_test(test_bidi_controls_are_escaped),
		cmocka_unit_test(test_invalid_utf8_is_escaped_byte_by_byte),
		cmocka_unit_test(test_what_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(test_output_is_always_valid_and_a_fixed_point),
		cmocka_unit_test(test_boundary_never_splits_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
