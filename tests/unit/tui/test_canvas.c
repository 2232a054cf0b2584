/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tui/memory_canvas.h"

#define ROWS 2
#define COLS 8

static void assert_dump(struct memory_canvas *memory, enum memory_dump what, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	memory_canvas_dump(memory, what, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
}

static struct memory_canvas *blank(bool ascii)
{
	struct memory_canvas *memory;

	assert_int_equal(memory_canvas_new(ROWS, COLS, ascii, &memory), 0);
	return memory;
}

/* What one text at this column becomes, as the first row. */
static void assert_text(bool ascii, int col, int max_cols, const char *text, int used,
			const char *expected)
{
	struct memory_canvas *memory = blank(ascii);
	struct canvas *canvas = memory_canvas_canvas(memory);

	assert_int_equal(canvas_text(canvas, 0, col, max_cols, STYLE_PLAIN, text), used);
	assert_dump(memory, MEMORY_DUMP_TEXT, expected);
	memory_canvas_free(memory);
}

static void test_text_is_cut_by_columns(void **state)
{
	(void)state;
	assert_text(false, 0, 100, "0123456789", 8, "01234567\n\n");
	assert_text(false, 2, 3, "0123456789", 3, "  012\n\n");
	assert_text(false, 6, 100, "0123", 2, "      01\n\n");
	assert_text(false, 0, 0, "0123", 0, "\n\n");
	assert_text(false, 0, -1, "0123", 0, "\n\n");
}

static void test_wide_and_combining_characters_are_never_split(void **state)
{
	(void)state;
	assert_text(false, 0, 100, "\u6771\u4eac", 4, "\u6771\u4eac\n\n");
	/* A wide character in the last column has no room. */
	assert_text(false, 0, 3, "\u6771\u4eac", 2, "\u6771\n\n");
	assert_text(false, 7, 100, "\u6771", 0, "\n\n");
	assert_text(false, 0, 2, "ae\u0301u", 2, "ae\u0301\n\n");
	/* A mark with nothing to combine with is left out. */
	assert_text(false, 0, 100, "\u0301a\x01\u0301b", 3, "a?b\n\n");
}

static void test_what_cannot_be_drawn_is_a_question_mark(void **state)
{
	(void)state;
	assert_text(false, 0, 100, "a\x1b[1mb", 6, "a?[1mb\n\n");
	assert_text(false, 0, 100, "a\xff\xc3z", 4, "a??z\n\n");
	assert_text(false, 0, 100, "a\xc2\x85z", 3, "a?z\n\n");
	assert_text(true, 0, 100, "a\u00e9\u6771b", 5, "a???b\n\n");
	assert_text(true, 0, 100, "ae\u0301b", 3, "aeb\n\n");
}

static void test_nothing_is_drawn_outside(void **state)
{
	struct memory_canvas *memory = blank(false);
	struct canvas *canvas = memory_canvas_canvas(memory);

	(void)state;
	assert_int_equal(canvas_text(canvas, -1, 0, 5, STYLE_PLAIN, "x"), 0);
	assert_int_equal(canvas_text(canvas, ROWS, 0, 5, STYLE_PLAIN, "x"), 0);
	assert_int_equal(canvas_text(canvas, 0, COLS, 5, STYLE_PLAIN, "x"), 0);
	assert_int_equal(canvas_text(canvas, 0, -1, 5, STYLE_PLAIN, "x"), 0);
	canvas_repeat(canvas, 1, 6, 5, STYLE_PLAIN, "-");
	canvas_repeat(canvas, 3, 0, 5, STYLE_PLAIN, "-");
	assert_dump(memory, MEMORY_DUMP_TEXT, "\n      --\n");
	memory_canvas_free(memory);
}

static void test_a_field_is_filled_up(void **state)
{
	struct memory_canvas *memory = blank(false);
	struct canvas *canvas = memory_canvas_canvas(memory);

	(void)state;
	canvas_field(canvas, 0, 1, 5, STYLE_SELECTED, "ab");
	assert_int_equal(canvas_print(canvas, 1, 0, COLS, STYLE_BAD, "%s%d", "n", 7), 2);
	assert_dump(memory, MEMORY_DUMP_TEXT, " ab\nn7\n");
	assert_dump(memory, MEMORY_DUMP_STYLES, ".#####..\nbb......\n");
	assert_dump(memory, MEMORY_DUMP_MONO, ".RRRRR..\nBB......\n");
	canvas_clear(canvas);
	assert_dump(memory, MEMORY_DUMP_STYLES, "........\n........\n");
	memory_canvas_free(memory);
}

static void test_skip_and_width_count_columns(void **state)
{
	struct memory_canvas *memory = blank(false);
	struct canvas *canvas = memory_canvas_canvas(memory);

	(void)state;
	assert_int_equal(canvas_width(canvas, "a\u6771e\u0301"), 4);
	assert_string_equal(canvas_skip(canvas, "a\u6771b", 0), "a\u6771b");
	assert_string_equal(canvas_skip(canvas, "a\u6771b", 1), "\u6771b");
	assert_string_equal(canvas_skip(canvas, "a\u6771b", 2), "b");
	assert_string_equal(canvas_skip(canvas, "ab", 9), "");
	memory_canvas_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_cut_by_columns),
		cmocka_unit_test(test_wide_and_combining_characters_are_never_split),
		cmocka_unit_test(test_what_cannot_be_drawn_is_a_question_mark),
		cmocka_unit_test(test_nothing_is_drawn_outside),
		cmocka_unit_test(test_a_field_is_filled_up),
		cmocka_unit_test(test_skip_and_width_count_columns),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
