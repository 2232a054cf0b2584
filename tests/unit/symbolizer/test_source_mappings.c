/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/source_mappings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct source_mappings *mappings_of(const char *text)
{
	struct source_mappings *mappings;

	assert_int_equal(source_mappings_new(text, strlen(text), 2, 1, &mappings), 0);
	return mappings;
}

static struct source_segment find(const struct source_mappings *mappings, uint32_t line,
				  uint32_t column)
{
	struct source_segment segment;

	assert_int_equal(source_mappings_find(mappings, line, column, &segment), 0);
	return segment;
}

static int try_find(const struct source_mappings *mappings, uint32_t line, uint32_t column)
{
	struct source_segment segment;

	return source_mappings_find(mappings, line, column, &segment);
}

static void test_segments_are_relative_to_those_before(void **state)
{
	(void)state;
	/* line 0: column 0 at 0:0:0; column 4 at 1:9:2 with name 0; line 2: column 8 at 1:8:0 */
	struct source_mappings *mappings = mappings_of("AAAA,ICSEA;;QADF");
	struct source_segment segment = find(mappings, 0, 4);

	assert_int_equal(source_mappings_count(mappings), 3);
	assert_int_equal(segment.source, 1);
	assert_int_equal(segment.source_line, 9);
	assert_int_equal(segment.source_column, 2);
	assert_int_equal(segment.name, 0);
	segment = find(mappings, 2, 100);
	assert_int_equal(segment.column, 8);
	assert_int_equal(segment.source, 1);
	assert_int_equal(segment.source_line, 8);
	assert_int_equal(segment.source_column, 0);
	assert_int_equal(segment.name, SOURCE_NONE);
	source_mappings_free(mappings);
}

static void test_a_segment_reaches_to_the_next_one_of_its_line(void **state)
{
	struct source_mappings *mappings = mappings_of("EAAA,IAAI;;EAAC");

	(void)state;
	assert_int_equal(try_find(mappings, 0, 1), -ENOENT);
	assert_int_equal(find(mappings, 0, 2).column, 2);
	assert_int_equal(find(mappings, 0, 5).column, 2);
	assert_int_equal(find(mappings, 0, 6).column, 6);
	assert_int_equal(find(mappings, 0, 1 << 30).column, 6);
	assert_int_equal(try_find(mappings, 1, 0), -ENOENT);
	assert_int_equal(try_find(mappings, 2, 0), -ENOENT);
	assert_int_equal(find(mappings, 2, 9).source_column, 5);
	assert_int_equal(try_find(mappings, 3, 0), -ENOENT);
	source_mappings_free(mappings);
}

static void test_generated_code_has_no_source(void **state)
{
	struct source_mappings *mappings = mappings_of("AAAA,I,IACA");

	(void)state;
	assert_int_equal(find(mappings, 0, 3).source, 0);
	assert_int_equal(find(mappings, 0, 4).source, SOURCE_NONE);
	assert_int_equal(find(mappings, 0, 8).source_line, 1);
	source_mappings_free(mappings);
}

static void test_of_several_segments_at_one_place_the_last_counts(void **state)
{
	struct source_mappings *mappings = mappings_of("AAAA,AACA,AACA,IACA");

	(void)state;
	assert_int_equal(find(mappings, 0, 0).source_line, 2);
	source_mappings_free(mappings);
}

/* More segments than the index has marks for, in one line and in many. */
static void check_many(const char *separator, bool same_line)
{
	enum {
		N = 1000
	};
	char *text = calloc(N, 8);
	struct source_mappings *mappings;
	size_t len = 0;

	assert_non_null(text);
	for (int i = 0; i < N; i++) {
		const char *segment = i ? "CACA" : "AAAA";

		if (i)
			text[len++] = separator[0];
		memcpy(text + len, segment, 4);
		len += 4;
	}
	mappings = mappings_of(text);
	assert_int_equal(source_mappings_count(mappings), N);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t line = same_line ? 0 : i;
		uint32_t column = same_line ? i : 1;

		assert_int_equal(find(mappings, line, column).source_line, i);
	}
	source_mappings_free(mappings);
	free(text);
}

static void test_every_segment_of_many_is_found(void **state)
{
	(void)state;
	check_many(",", true);
	check_many(";", false);
}

static void test_numbers_have_32_bits(void **state)
{
	struct source_mappings *mappings = mappings_of("+/////DAAA");

	(void)state;
	assert_int_equal(find(mappings, 0, INT32_MAX).column, INT32_MAX);
	source_mappings_free(mappings);
}

static void test_damaged_mappings_are_refused(void **state)
{
	static const char *const damaged[] = {
		"AA",              /* half a segment */
		"AAA",             /* three fields */
		"AAAAAA",          /* six */
		"AA*A",            /* no digit */
		"AAAg",            /* ends within a number */
		"g,AAAA",          /* likewise */
		"D",               /* a negative column */
		"B",               /* -2^31 */
		"AADA",            /* a negative line */
		"AEAA",            /* a third source of two */
		"AAAAC",           /* a second name of one */
		"IAAA,DAAA",       /* out of order */
		"gggggggB",        /* more than 32 bits */
		"+/////DAAA,CAAA", /* a column beyond 2^31 */
		"A AAA",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct source_mappings *mappings;
		int err = source_mappings_new(damaged[i], strlen(damaged[i]), 2, 1, &mappings);

		if (err != -EBADMSG)
			fail_msg("'%s' was taken", damaged[i]);
	}
}

static void test_no_mappings_map_nothing(void **state)
{
	struct source_mappings *mappings = mappings_of(";;;,,");

	(void)state;
	assert_int_equal(try_find(mappings, 0, 0), -ENOENT);
	assert_int_equal(source_mappings_count(mappings), 0);
	source_mappings_free(mappings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments_are_relative_to_those_before),
		cmocka_unit_test(test_a_segment_reaches_to_the_next_one_of_its_line),
		cmocka_unit_test(test_generated_code_has_no_source),
		cmocka_unit_test(test_of_several_segments_at_one_place_the_last_counts),
		cmocka_unit_test(test_every_segment_of_many_is_found),
		cmocka_unit_test(test_numbers_have_32_bits),
		cmocka_unit_test(test_damaged_mappings_are_refused),
		cmocka_unit_test(test_no_mappings_map_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
