/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The value in a source that comes in pieces of so many characters; NULL none. For free(). */
static char *value_in(const char *source, size_t piece)
{
	struct source_url url = {0};
	size_t len = strlen(source);
	const char *text;
	char *copy;

	for (size_t at = 0; at < len; at += piece) {
		struct v8_chars chars = {source + at, len - at < piece ? len - at : piece, false};

		assert_int_equal(source_url_feed(&url, &chars), 0);
	}
	text = source_url_text(&url);
	copy = text ? strdup(text) : NULL;
	source_url_done(&url);
	return copy;
}

static void check(const char *source, const char *expected)
{
	for (size_t piece = 1; piece < 50; piece += 7) {
		char *value = value_in(source, piece);

		if (!expected != !value || (expected && strcmp(value, expected) != 0))
			fail_msg("'%s' has '%s'", source, value ? value : "(none)");
		free(value);
	}
}

static void test_the_comment_is_found(void **state)
{
	(void)state;
	check("f();\n//# sourceMappingURL=a.js.map\n", "a.js.map");
	check("f();\n//# sourceMappingURL=a.js.map", "a.js.map");
	check("f();\n//@ sourceMappingURL=a.js.map", "a.js.map");
	check("f(); ///#  \t sourceMappingURL=a.js.map more", "a.js.map");
	check("//# sourceMappingURL=\n", NULL);
	check("//#sourceMappingURL=a", NULL);
	check("//# sourceURL=a", NULL);
	check("/# sourceMappingURL=a", NULL);
	check("//# source//# sourceMappingURL=a", "a");
	check("", NULL);
}

static void test_the_last_comment_counts(void **state)
{
	(void)state;
	check("//# sourceMappingURL=a\n//# sourceMappingURL=b\n", "b");
	check("//# sourceMappingURL=a\nf('//# sourceMappingURL=');\n//# sourceMappingURL=c", "c");
	check("f(\"//# sourceMappingURL=\" + name)", NULL);
}

static void test_wide_source_is_looked_through(void **state)
{
	static const uint16_t source[] = u"// 日本\n//# sourceMappingURL=a.map\x2028//";
	struct v8_chars chars = {source, sizeof(source) / sizeof(source[0]) - 1, true};
	struct source_url url = {0};

	(void)state;
	assert_int_equal(source_url_feed(&url, &chars), 0);
	assert_string_equal(source_url_text(&url), "a.map");
	source_url_done(&url);
}

static void check_data(const char *url, const char *expected)
{
	char *bytes;
	size_t len;
	int err = source_url_data(url, &bytes, &len);

	if (err || len != strlen(expected) || memcmp(bytes, expected, len) != 0)
		fail_msg("'%s': %d", url, err);
	free(bytes);
}

static void test_data_is_decoded(void **state)
{
	(void)state;
	check_data("data:application/json;base64,eyJhIjoxfQ==", "{\"a\":1}");
	check_data("data:application/json;charset=utf-8;base64,eyJhIjoxfQ", "{\"a\":1}");
	check_data("data:application/json,%7B%22a%22:1%7D", "{\"a\":1}");
	check_data("data:application/json;charset=utf-8,%7b}%", "{}%");
	check_data("data:application/json;base64,", "");
	check_data("data:application/json;base64,_-_-", "\xff\xef\xfe");
}

static void test_other_data_is_refused(void **state)
{
	char *bytes;
	size_t len;

	(void)state;
	assert_int_equal(source_url_data("a.map", &bytes, &len), -ENOENT);
	assert_int_equal(source_url_data("data:text/plain,a", &bytes, &len), -ENOENT);
	assert_int_equal(source_url_data("data:application/jsonp,a", &bytes, &len), -ENOENT);
	assert_int_equal(source_url_data("data:application/json", &bytes, &len), -ENOENT);
	assert_int_equal(source_url_data("data:application/json;base64,a*", &bytes, &len),
			 -EBADMSG);
	assert_int_equal(source_url_data("data:application/json;base64,aa=a", &bytes, &len),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_comment_is_found),
		cmocka_unit_test(test_the_last_comment_counts),
		cmocka_unit_test(test_wide_source_is_looked_through),
		cmocka_unit_test(test_data_is_decoded),
		cmocka_unit_test(test_other_data_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
