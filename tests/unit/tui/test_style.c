/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Can it be read, on dark and on light terminals, and does colour tell nothing that is not told without? */
#include "tui/style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "tui/wait_kind.h"

#define TEXT_CONTRAST  4.0 /* of text on a background of ours */
#define ALONE_CONTRAST 3.0 /* of text on whatever the terminal has */
#define SEEN_CONTRAST  1.5 /* of a surface against the terminal */

static const int depths[] = {256, 16, 8};

/* xterm's own, XTerm-col.ad */
static const uint32_t basic[] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

static const uint32_t grounds[] = {0x000000, 0xffffff};

/* The colour cube and the ramp of greys of 256 colours. */
static uint32_t rgb_of(int colour)
{
	static const uint32_t levels[] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
	uint32_t n = (uint32_t)colour;

	if (n < 16)
		return basic[n];
	if (n >= 232)
		return (8 + 10 * (n - 232)) * 0x010101;
	n -= 16;
	return levels[n / 36] << 16 | levels[n / 6 % 6] << 8 | levels[n % 6];
}

/* sRGB to linear light, as a polynomial that is right to a hundredth. */
static double linear(uint32_t byte)
{
	double c = byte / 255.0;

	return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

static double luminance(uint32_t rgb)
{
	return 0.2126 * linear(rgb >> 16 & 0xff) + 0.7152 * linear(rgb >> 8 & 0xff) +
	       0.0722 * linear(rgb & 0xff);
}

/* As WCAG 2 has it, from 1 to 21. */
static double contrast(uint32_t a, uint32_t b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

static bool is_edge(unsigned int style)
{
	return style >= STYLE_EDGE_JS;
}

static void assert_contrast(unsigned int style, int depth, double is, double least)
{
	if (is < least)
		print_message("style %u of %d colours: contrast %.2f\n", style, depth, is);
	assert_true(is >= least);
}

static void check_text(unsigned int style, int depth)
{
	const struct style_colours *look = style_colours((enum style)style, depth);
	size_t i;

	if (look->foreground == STYLE_DEFAULT_COLOUR && look->background == STYLE_DEFAULT_COLOUR)
		return; /* the terminal's own */
	assert_true(look->foreground != STYLE_DEFAULT_COLOUR);
	if (look->background != STYLE_DEFAULT_COLOUR) {
		assert_contrast(style, depth,
				contrast(rgb_of(look->foreground), rgb_of(look->background)),
				TEXT_CONTRAST);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(grounds); i++)
		assert_contrast(style, depth, contrast(rgb_of(look->foreground), grounds[i]),
				ALONE_CONTRAST);
}

static void test_text_can_be_read_on_dark_and_light_terminals(void **state)
{
	unsigned int style;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		for (style = 0; style < STYLE_COUNT; style++) {
			if (!is_edge(style))
				check_text(style, depths[i]);
		}
	}
}

static void test_colours_exist_on_such_terminals(void **state)
{
	unsigned int style;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		for (style = 0; style < STYLE_COUNT; style++) {
			const struct style_colours *look =
				style_colours((enum style)style, depths[i]);

			assert_in_range(look->foreground + 1, 0, depths[i]);
			assert_in_range(look->background + 1, 0, depths[i]);
		}
	}
	/* A number between two palettes takes the smaller one. */
	assert_ptr_equal(style_colours(STYLE_JS, 88), &style_look(STYLE_JS)->bright);
	assert_ptr_equal(style_colours(STYLE_JS, 15), &style_look(STYLE_JS)->basic);
}

/* The end of a stretch goes on with its colour. */
static void test_edges_have_the_colour_of_their_kind(void **state)
{
	unsigned int kind;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		for (kind = 0; kind < WAIT_NONE; kind++) {
			const struct style_colours *cell =
				style_colours(wait_kind_style((enum wait_kind)kind), depths[i]);
			const struct style_colours *edge =
				style_colours(wait_kind_edge((enum wait_kind)kind), depths[i]);

			assert_int_equal(edge->foreground, cell->background);
		}
	}
}

static void test_selection_is_seen_everywhere(void **state)
{
	size_t i, g;

	(void)state;
	assert_true(style_look(STYLE_SELECTED)->mono & STYLE_REVERSE);
	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		const struct style_colours *look = style_colours(STYLE_SELECTED, depths[i]);

		if (look->attributes & STYLE_REVERSE)
			continue;
		for (g = 0; g < ARRAY_SIZE(grounds); g++)
			assert_contrast(STYLE_SELECTED, depths[i],
					contrast(rgb_of(look->background), grounds[g]),
					SEEN_CONTRAST);
	}
}

static void test_each_kind_has_a_letter_of_its_own(void **state)
{
	unsigned int a, b;

	(void)state;
	for (a = 0; a < WAIT_KIND_COUNT; a++) {
		for (b = 0; b < a; b++)
			assert_int_not_equal(wait_kind_letter((enum wait_kind)a),
					     wait_kind_letter((enum wait_kind)b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_can_be_read_on_dark_and_light_terminals),
		cmocka_unit_test(test_colours_exist_on_such_terminals),
		cmocka_unit_test(test_edges_have_the_colour_of_their_kind),
		cmocka_unit_test(test_selection_is_seen_everywhere),
		cmocka_unit_test(test_each_kind_has_a_letter_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
