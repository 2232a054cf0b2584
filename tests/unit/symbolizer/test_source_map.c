/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct source_map *map_of(const char *text)
{
	struct source_map *map;

	assert_int_equal(source_map_parse(text, strlen(text), &map), 0);
	return map;
}

static struct source_origin find(const struct source_map *map, uint32_t line, uint32_t column)
{
	struct source_origin origin;

	assert_int_equal(source_map_find(map, line, column, &origin), 0);
	return origin;
}

static int try_find(const struct source_map *map, uint32_t line, uint32_t column)
{
	struct source_origin origin;

	return source_map_find(map, line, column, &origin);
}

static void test_a_place_has_source_line_column_and_name(void **state)
{
	struct source_map *map = map_of("{\"version\":3,\"file\":\"a.js\",\"sourceRoot\":\"/r\","
					"\"sources\":[\"a.ts\",\"b.ts\"],\"names\":[\"total\"],"
					"\"sourcesContent\":[\"x\\u0000,[{\",null],"
					"\"mappings\":\"AAAA,ICSEA\"}");
	struct source_origin origin = find(map, 1, 5);

	(void)state;
	assert_string_equal(origin.root, "/r");
	assert_string_equal(origin.source, "b.ts");
	assert_string_equal(origin.name, "total");
	assert_int_equal(origin.line, 10);
	assert_int_equal(origin.column, 3);
	assert_null(find(map, 1, 4).name);
	assert_string_equal(source_map_file(map), "a.js");
	assert_int_equal(try_find(map, 2, 1), -ENOENT);
	assert_int_equal(try_find(map, 0, 1), -ENOENT);
	assert_int_equal(try_find(map, 1, 0), -ENOENT);
	source_map_free(map);
}

static void test_sections_count_from_where_they_begin(void **state)
{
	struct source_map *map =
		map_of("{\"version\":3,\"sections\":["
		       "{\"offset\":{\"line\":0,\"column\":10},\"map\":{\"version\":3,"
		       "\"sources\":[\"a.ts\"],\"mappings\":\"AAAA;AACA\"}},"
		       "{\"offset\":{\"line\":1,\"column\":20},\"map\":{\"version\":3,"
		       "\"sources\":[\"b.ts\"],\"names\":[],\"mappings\":\"AAQA;EACA\"}}]}");

	(void)state;
	assert_int_equal(try_find(map, 1, 10), -ENOENT);
	assert_string_equal(find(map, 1, 11).source, "a.ts");
	assert_int_equal(find(map, 2, 20).line, 2);
	assert_string_equal(find(map, 2, 21).source, "b.ts");
	assert_int_equal(find(map, 2, 21).line, 9);
	assert_int_equal(try_find(map, 3, 2), -ENOENT);
	assert_int_equal(find(map, 3, 3).line, 10);
	source_map_free(map);
}

static void test_a_line_against_inclusion_is_skipped(void **state)
{
	struct source_map *map =
		map_of(")]}'\n{\"version\":3,\"sources\":[\"a.ts\"],\"mappings\":\"AAAA\"}");

	(void)state;
	assert_string_equal(find(map, 1, 1).source, "a.ts");
	source_map_free(map);
}

/* They are most of a map, and leaving them out must not hurt what stands around them. */
static void test_sources_themselves_are_left_out(void **state)
{
	static const char *const contents[] = {
		"[]", "[null,\"a\\\"],b\",\"\\\\\"]", " [\"[\",[[1],\"]\"],{\"mappings\":\";\"}]",
		"3",  "\"sourcesContent\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char text[400];
		struct source_map *map;

		(void)snprintf(text, sizeof(text),
			       "{\"version\":3,\"sourcesContent\" :%s,\"sources\":[\"a\\\\\"],"
			       "\"names\":[\"sourcesContent\"],\"mappings\":\"AAAAA\"}",
			       contents[i]);
		map = map_of(text);
		assert_string_equal(find(map, 1, 1).source, "a\\");
		assert_string_equal(find(map, 1, 1).name, "sourcesContent");
		source_map_free(map);
	}
}

static void test_a_source_without_a_name_is_unknown(void **state)
{
	struct source_map *map =
		map_of("{\"version\":3,\"sources\":[null,5],\"mappings\":\"AAAA;ACAA\"}");

	(void)state;
	assert_int_equal(try_find(map, 1, 1), -ENOENT);
	assert_int_equal(try_find(map, 2, 1), -ENOENT);
	source_map_free(map);
}

static void test_what_is_no_map_is_refused(void **state)
{
	/* NOLINTBEGIN(bugprone-suspicious-missing-comma): long ones */
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"3",
		"{\"version\":2,\"sources\":[\"a\"],\"mappings\":\"AAAA\"}",
		"{\"version\":3,\"sources\":[\"a\"]}",
		"{\"version\":3,\"sources\":\"a\",\"mappings\":\"AAAA\"}",
		"{\"version\":3,\"sources\":[\"a\"],\"mappings\":[\"AAAA\"]}",
		"{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"ACAA\"}",
		"{\"version\":3,\"sources\":[\"a\"],\"mappings\":\"AAAA\"",
		"{\"version\":3,\"sources\":[],\"mappings\":\"\",\"sourcesContent\":[\"",
		"{\"version\":3,\"sources\":[],\"mappings\":\"\",\"sourcesContent\":[",
		"{\"version\":3,\"sections\":[]}",
		"{\"version\":3,\"sections\":{}}",
		"{\"version\":3,\"sections\":[{\"offset\":{\"line\":0},\"map\":{}}]}",
		"{\"version\":3,\"sections\":[{\"offset\":{\"line\":0,\"column\":-1},\"map\":"
		"{\"version\":3,\"sources\":[],\"mappings\":\"\"}}]}",
		"{\"version\":3,\"sections\":[{\"offset\":{\"line\":1,\"column\":0},\"map\":"
		"{\"version\":3,\"sources\":[],\"mappings\":\"\"}},{\"offset\":{\"line\":0,"
		"\"column\":0},"
		"\"map\":{\"version\":3,\"sources\":[],\"mappings\":\"\"}}]}",
	};
	/* NOLINTEND(bugprone-suspicious-missing-comma) */

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct source_map *map;

		if (source_map_parse(texts[i], strlen(texts[i]), &map) != -EBADMSG)
			fail_msg("'%s' was taken", texts[i]);
	}
}

static void test_too_many_values_are_refused_before_they_cost(void **state)
{
	size_t len = 4 << 20;
	struct source_map *map;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, ',', len);
	text[0] = '[';
	assert_int_equal(source_map_parse(text, len, &map), -EFBIG);
	text[0] = '"'; /* in a string they are none */
	assert_int_equal(source_map_parse(text, len, &map), -EBADMSG);
	memset(text, '[', len / 16);
	assert_int_equal(source_map_parse(text, len / 16, &map), -EBADMSG); /* too deep */
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_place_has_source_line_column_and_name),
		cmocka_unit_test(test_sections_count_from_where_they_begin),
		cmocka_unit_test(test_a_line_against_inclusion_is_skipped),
		cmocka_unit_test(test_sources_themselves_are_left_out),
		cmocka_unit_test(test_a_source_without_a_name_is_unknown),
		cmocka_unit_test(test_what_is_no_map_is_refused),
		cmocka_unit_test(test_too_many_values_are_refused_before_they_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
