/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/style.h"

#include <assert.h>

#include "symbolizer/base.h"

#define OWN     STYLE_DEFAULT_COLOUR /* of the terminal */
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

/* Chosen so that text can be read on light and on dark terminals (tests/unit/tui/test_style.c): of
 * 8 and 16 colours only red, magenta and grey stand by themselves; others are backgrounds. */
/* clang-format off */
static const struct style_look looks[] = {
	[STYLE_PLAIN] = {{OWN, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}, 0, '.'},
	[STYLE_TITLE] = {{231, 24, BOLD}, {L_WHITE, BLUE, BOLD}, {WHITE, BLUE, BOLD}, INVERSE, 'T'},
	[STYLE_HEAD] = {{OWN, OWN, BOLD}, {OWN, OWN, BOLD}, {OWN, OWN, BOLD}, BOLD, 'H'},
	[STYLE_STRONG] = {{OWN, OWN, BOLD}, {OWN, OWN, BOLD}, {OWN, OWN, BOLD}, BOLD, 'S'},
	[STYLE_DIM] = {{244, OWN, 0}, {GREY, OWN, 0}, {OWN, OWN, STYLE_FAINT}, STYLE_FAINT, 'd'},
	[STYLE_GOOD] = {{28, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}, 0, 'g'},
	[STYLE_WARN] = {{130, OWN, BOLD}, {BLACK, YELLOW, 0}, {BLACK, YELLOW, 0}, BOLD, 'w'},
	[STYLE_BAD] = {{160, OWN, BOLD}, {RED, OWN, BOLD}, {RED, OWN, BOLD}, BOLD, 'b'},
	[STYLE_KEY] = {{31, OWN, BOLD}, {MAGENTA, OWN, BOLD}, {MAGENTA, OWN, BOLD}, BOLD, 'k'},
	[STYLE_SELECTED] = {{16, 250, 0}, {OWN, OWN, INVERSE}, {OWN, OWN, INVERSE}, INVERSE, '#'},
	[STYLE_JS] = {{16, 107, 0}, {BLACK, GREEN, 0}, {BLACK, GREEN, 0}, BOLD, 'J'},
	[STYLE_READY] = {{16, 173, 0}, {BLACK, L_RED, 0}, {WHITE, RED, BOLD}, 0, 'Q'},
	[STYLE_QUEUE] = {{16, 179, 0}, {BLACK, L_YELLOW, 0}, {BLACK, YELLOW, 0}, 0, 'P'},
	[STYLE_WORK] = {{16, 139, 0}, {BLACK, L_MAGENTA, 0}, {BLACK, MAGENTA, 0}, 0, 'W'},
	[STYLE_NET] = {{16, 110, 0}, {L_WHITE, BLUE, 0}, {WHITE, BLUE, 0}, 0, 'N'},
	[STYLE_TIMER] = {{16, 73, 0}, {BLACK, CYAN, 0}, {BLACK, CYAN, 0}, 0, 'I'},
	[STYLE_GC] = {{16, 174, BOLD}, {L_WHITE, RED, BOLD}, {WHITE, RED, BOLD}, BOLD, 'G'},
	[STYLE_CLIENT] = {{16, 187, 0}, {BLACK, WHITE, 0}, {BLACK, WHITE, 0}, 0, 'C'},
	[STYLE_OTHER] = {{16, 145, 0}, {BLACK, GREY, 0}, {BLACK, WHITE, 0}, 0, 'O'},
	[STYLE_NONE] = {{244, OWN, 0}, {GREY, OWN, 0}, {OWN, OWN, 0}, 0, 'U'},
	[STYLE_EDGE_JS] = {{107, OWN, 0}, {GREEN, OWN, 0}, {GREEN, OWN, 0}, 0, 'j'},
	[STYLE_EDGE_READY] = {{173, OWN, 0}, {L_RED, OWN, 0}, {RED, OWN, 0}, 0, 'q'},
	[STYLE_EDGE_QUEUE] = {{179, OWN, 0}, {L_YELLOW, OWN, 0}, {YELLOW, OWN, 0}, 0, 'p'},
	[STYLE_EDGE_WORK] = {{139, OWN, 0}, {L_MAGENTA, OWN, 0}, {MAGENTA, OWN, 0}, 0, 'v'},
	[STYLE_EDGE_NET] = {{110, OWN, 0}, {BLUE, OWN, 0}, {BLUE, OWN, 0}, 0, 'n'},
	[STYLE_EDGE_TIMER] = {{73, OWN, 0}, {CYAN, OWN, 0}, {CYAN, OWN, 0}, 0, 'i'},
	[STYLE_EDGE_GC] = {{174, OWN, 0}, {RED, OWN, 0}, {RED, OWN, 0}, 0, 'y'},
	[STYLE_EDGE_CLIENT] = {{187, OWN, 0}, {WHITE, OWN, 0}, {WHITE, OWN, 0}, 0, 'c'},
	[STYLE_EDGE_OTHER] = {{145, OWN, 0}, {GREY, OWN, 0}, {WHITE, OWN, 0}, 0, 'o'},
	[STYLE_EDGE_NONE] = {{244, OWN, 0}, {GREY, OWN, 0}, {OWN, OWN, 0}, 0, 'u'},
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
