/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/style.h"

#include <assert.h>

#include "symbolizer/base.h"

#define DEFAULT STYLE_DEFAULT_COLOUR
#define BOLD    STYLE_BOLD
#define INVERSE STYLE_REVERSE

enum basic_colour {
	BLACK,
	RED,
	GREEN,
	YELLOW,
	BLUE,
	MAGENTA,
	CYAN,
	WHITE,
	GREY, /* from here on of 16 colours only, light */
	L_RED,
	L_GREEN,
	L_YELLOW,
	L_BLUE,
	L_MAGENTA,
	L_CYAN,
	L_WHITE,
};

/* Chosen so that text can be read on light and on dark terminals (tests/unit/tui/test_style.c): of 8 and
 * 16 colours only red, magenta and grey stand by themselves; others are backgrounds. */
/* clang-format off */
static const struct style_look looks[] = {
	[STYLE_PLAIN] = {{DEFAULT, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, 0, '.'},
	[STYLE_TITLE] = {{231, 24, BOLD}, {L_WHITE, BLUE, BOLD}, {WHITE, BLUE, BOLD}, INVERSE, 'T'},
	[STYLE_HEAD] = {{DEFAULT, DEFAULT, BOLD}, {DEFAULT, DEFAULT, BOLD}, {DEFAULT, DEFAULT, BOLD}, BOLD, 'H'},
	[STYLE_STRONG] = {{DEFAULT, DEFAULT, BOLD}, {DEFAULT, DEFAULT, BOLD}, {DEFAULT, DEFAULT, BOLD}, BOLD, 'S'},
	[STYLE_DIM] = {{244, DEFAULT, 0}, {GREY, DEFAULT, 0}, {DEFAULT, DEFAULT, STYLE_FAINT}, STYLE_FAINT, 'd'},
	[STYLE_GOOD] = {{28, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, 0, 'g'},
	[STYLE_WARN] = {{130, DEFAULT, BOLD}, {BLACK, YELLOW, 0}, {BLACK, YELLOW, 0}, BOLD, 'w'},
	[STYLE_BAD] = {{160, DEFAULT, BOLD}, {RED, DEFAULT, BOLD}, {RED, DEFAULT, BOLD}, BOLD, 'b'},
	[STYLE_KEY] = {{31, DEFAULT, BOLD}, {MAGENTA, DEFAULT, BOLD}, {MAGENTA, DEFAULT, BOLD}, BOLD, 'k'},
	[STYLE_SELECTED] = {{16, 250, BOLD}, {DEFAULT, DEFAULT, INVERSE}, {DEFAULT, DEFAULT, INVERSE}, INVERSE, '#'},
	[STYLE_JS] = {{16, 107, 0}, {BLACK, GREEN, 0}, {BLACK, GREEN, 0}, BOLD, 'J'},
	[STYLE_READY] = {{16, 173, 0}, {BLACK, L_RED, 0}, {WHITE, RED, BOLD}, 0, 'Q'},
	[STYLE_QUEUE] = {{16, 179, 0}, {BLACK, L_YELLOW, 0}, {BLACK, YELLOW, 0}, 0, 'P'},
	[STYLE_WORK] = {{16, 139, 0}, {BLACK, L_MAGENTA, 0}, {BLACK, MAGENTA, 0}, 0, 'W'},
	[STYLE_NET] = {{16, 110, 0}, {L_WHITE, BLUE, 0}, {WHITE, BLUE, 0}, 0, 'N'},
	[STYLE_TIMER] = {{16, 73, 0}, {BLACK, CYAN, 0}, {BLACK, CYAN, 0}, 0, 'I'},
	[STYLE_GC] = {{16, 174, BOLD}, {L_WHITE, RED, BOLD}, {WHITE, RED, BOLD}, BOLD, 'G'},
	[STYLE_CLIENT] = {{16, 187, 0}, {BLACK, WHITE, 0}, {BLACK, WHITE, 0}, 0, 'C'},
	[STYLE_OTHER] = {{16, 145, 0}, {BLACK, GREY, 0}, {BLACK, WHITE, 0}, 0, 'O'},
	[STYLE_NONE] = {{244, DEFAULT, 0}, {GREY, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, 0, 'U'},
	[STYLE_EDGE_JS] = {{107, DEFAULT, 0}, {GREEN, DEFAULT, 0}, {GREEN, DEFAULT, 0}, 0, 'j'},
	[STYLE_EDGE_READY] = {{173, DEFAULT, 0}, {L_RED, DEFAULT, 0}, {RED, DEFAULT, 0}, 0, 'q'},
	[STYLE_EDGE_QUEUE] = {{179, DEFAULT, 0}, {L_YELLOW, DEFAULT, 0}, {YELLOW, DEFAULT, 0}, 0, 'p'},
	[STYLE_EDGE_WORK] = {{139, DEFAULT, 0}, {L_MAGENTA, DEFAULT, 0}, {MAGENTA, DEFAULT, 0}, 0, 'v'},
	[STYLE_EDGE_NET] = {{110, DEFAULT, 0}, {BLUE, DEFAULT, 0}, {BLUE, DEFAULT, 0}, 0, 'n'},
	[STYLE_EDGE_TIMER] = {{73, DEFAULT, 0}, {CYAN, DEFAULT, 0}, {CYAN, DEFAULT, 0}, 0, 'i'},
	[STYLE_EDGE_GC] = {{174, DEFAULT, 0}, {RED, DEFAULT, 0}, {RED, DEFAULT, 0}, 0, 'y'},
	[STYLE_EDGE_CLIENT] = {{187, DEFAULT, 0}, {WHITE, DEFAULT, 0}, {WHITE, DEFAULT, 0}, 0, 'c'},
	[STYLE_EDGE_OTHER] = {{145, DEFAULT, 0}, {GREY, DEFAULT, 0}, {WHITE, DEFAULT, 0}, 0, 'o'},
	[STYLE_EDGE_NONE] = {{244, DEFAULT, 0}, {GREY, DEFAULT, 0}, {DEFAULT, DEFAULT, 0}, 0, 'u'},
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(looks) == STYLE_COUNT, "one look for each style");

const struct style_look *style_look(enum style style)
{
	assert((unsigned int)style < STYLE_COUNT);
	return &looks[style];
}

const struct style_colours *style_colours(enum style style, int colours)
{
	const struct style_look *look = style_look(style);

	if (colours >= 256)
		return &look->full;
	return colours >= 16 ? &look->bright : &look->basic;
}
