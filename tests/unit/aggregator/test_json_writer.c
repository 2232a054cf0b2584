/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	struct json_writer json;
	FILE *file;
	char *text;
	size_t len;
};

static void sink_open(struct sink *sink)
{
	sink->file = open_memstream(&sink->text, &sink->len);
	assert_non_null(sink->file);
	json_init(&sink->json, sink->file);
}

static void sink_close(struct sink *sink)
{
	assert_int_equal(fclose(sink->file), 0);
	free(sink->text);
}

static void expect_line(struct sink *sink, const char *wanted)
{
	assert_int_equal(json_line_end(&sink->json), 0);
	assert_int_equal(fflush(sink->file), 0);
	assert_string_equal(sink->text, wanted);
}

static void expect_text(const char *text, const char *wanted)
{
	struct sink sink;

	sink_open(&sink);
	json_string(&sink.json, text);
	expect_line(&sink, wanted);
	sink_close(&sink);
}

static void test_commas_stand_between_values_only(void **state)
{
	struct sink sink;

	(void)state;
	sink_open(&sink);
	json_object_begin(&sink.json);
	json_key(&sink.json, "a");
	json_array_begin(&sink.json);
	json_uint(&sink.json, 0);
	json_uint(&sink.json, UINT64_MAX);
	json_array_begin(&sink.json);
	json_array_end(&sink.json);
	json_object_begin(&sink.json);
	json_object_end(&sink.json);
	json_null(&sink.json);
	json_bool(&sink.json, true);
	json_bool(&sink.json, false);
	json_array_end(&sink.json);
	json_key(&sink.json, "b");
	json_string(&sink.json, NULL);
	json_key(&sink.json, "c");
	json_string(&sink.json, "x");
	json_object_end(&sink.json);
	expect_line(
		&sink,
		"{\"a\":[0,18446744073709551615,[],{},null,true,false],\"b\":null,\"c\":\"x\"}\n");
	sink_close(&sink);
}

static void test_lines_start_afresh(void **state)
{
	struct sink sink;

	(void)state;
	sink_open(&sink);
	json_uint(&sink.json, 1);
	assert_int_equal(json_line_end(&sink.json), 0);
	json_uint(&sink.json, 2);
	expect_line(&sink, "1\n2\n");
	sink_close(&sink);
}

static void test_strings_are_escaped(void **state)
{
	(void)state;
	expect_text("", "\"\"\n");
	expect_text("a\"b\\c/d", "\"a\\\"b\\\\c/d\"\n");
	expect_text("\x01\n\x1f\x7f", "\"\\u0001\\u000a\\u001f\\u007f\"\n");
	expect_text("\xc3\xbc\xf0\x9f\x98\x80", "\"\xc3\xbc\xf0\x9f\x98\x80\"\n");
}

static void test_line_separators_are_escaped(void **state)
{
	(void)state;
	expect_text("a\xe2\x80\xa8"
		    "b\xe2\x80\xa9",
		    "\"a\\u2028b\\u2029\"\n");
}

static void test_invalid_utf8_becomes_the_replacement_character(void **state)
{
	(void)state;
	expect_text("a\xff"
		    "b",
		    "\"a\\ufffdb\"\n");
	expect_text("\xe2\x82", "\"\\ufffd\\ufffd\"\n");
	expect_text("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n");
}

static void test_long_strings_pass_the_buffer(void **state)
{
	size_t n = 3 * JSON_BUFFER + 7;
	char *text = malloc(n + 1);
	struct sink sink;

	(void)state;
	memset(text, 'x', n);
	text[n] = '\0';
	sink_open(&sink);
	json_string(&sink.json, text);
	assert_int_equal(json_line_end(&sink.json), 0);
	assert_int_equal(fflush(sink.file), 0);
	assert_int_equal(sink.len, n + 3);
	assert_memory_equal(sink.text + 1, text, n);
	sink_close(&sink);
	free(text);
}

static void test_write_error_sticks(void **state)
{
	struct json_writer json;
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	json_init(&json, full);
	json_uint(&json, 1);
	assert_int_equal(json_line_end(&json), -ENOSPC);
	json_uint(&json, 1);
	assert_int_equal(json_line_end(&json), -ENOSPC);
	(void)fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commas_stand_between_values_only),
		cmocka_unit_test(test_lines_start_afresh),
		cmocka_unit_test(test_strings_are_escaped),
		cmocka_unit_test(test_line_separators_are_escaped),
		cmocka_unit_test(test_invalid_utf8_becomes_the_replacement_character),
		cmocka_unit_test(test_long_strings_pass_the_buffer),
		cmocka_unit_test(test_write_error_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
