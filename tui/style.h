/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How things look, by what they mean. Colours are an addition: every meaning has a letter, a word
 * or a place as well, so that nothing is lost in monochrome.
 */
#ifndef NT_TUI_STYLE_H
#define NT_TUI_STYLE_H

enum style {
	STYLE_PLAIN,
	STYLE_TITLE, /* first line of the screen */
	STYLE_HEAD,  /* heads of columns, separators */
	STYLE_STRONG,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_KEY,      /* a key in a hint */
	STYLE_SELECTED, /* what the keys act on */
	/* What time went into; see wait_kind.h. */
	STYLE_JS,
	STYLE_READY,
	STYLE_QUEUE,
	STYLE_WORK,
	STYLE_NET,
	STYLE_TIMER,
	STYLE_GC,
	STYLE_CLIENT,
	STYLE_OTHER,
	STYLE_NONE,
	/* The same as colour of the character: where a stretch ends within a cell. */
	STYLE_EDGE_JS,
	STYLE_EDGE_READY,
	STYLE_EDGE_QUEUE,
	STYLE_EDGE_WORK,
	STYLE_EDGE_NET,
	STYLE_EDGE_TIMER,
	STYLE_EDGE_GC,
	STYLE_EDGE_CLIENT,
	STYLE_EDGE_OTHER,
	STYLE_EDGE_NONE,
	STYLE_COUNT,
};

enum style_attribute {
	STYLE_BOLD = 1 << 0,
	STYLE_REVERSE = 1 << 1,
	STYLE_FAINT = 1 << 2,
	STYLE_UNDERLINE = 1 << 3,
};

#define STYLE_DEFAULT_COLOUR (-1)

struct style_colours {
	short foreground;
	short background;
	unsigned int attributes; /* enum style_attribute */
};

struct style_look {
	struct style_colours full;   /* of 256 colours */
	struct style_colours bright; /* of 16 colours */
	struct style_colours basic;  /* of 8 colours */
	unsigned int mono;           /* enum style_attribute */
	char letter;                 /* in dumps of the memory canvas */
};

/* Those for a terminal of so many colours, at least 8. */
const struct style_colours *style_colours(enum style style, int colours);
/* Never NULL. */
const struct style_look *style_look(enum style style);

#endif
