/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The one table of keys: what they do, on which screens, and what the help says about them. The
 * bottom line of the screen and the help are made from it, so they cannot be wrong.
 */
#ifndef NT_TUI_KEYS_H
#define NT_TUI_KEYS_H

#include <stddef.h>

/* Keys without a character of their own; the others are Unicode. */
enum key {
	KEY_UNKNOWN = -1, /* one that we have no name for */
	KEY_NONE = 0,
	KEY_CTRL_A = 1,
	KEY_CTRL_D = 4,
	KEY_CTRL_E = 5,
	KEY_CTRL_G = 7,
	KEY_TAB = 9,
	KEY_CTRL_L = 12,
	KEY_RETURN = '\r',
	KEY_CTRL_U = 21,
	KEY_CTRL_W = 23,
	KEY_ESCAPE = 27,
	KEY_ARROW_UP = 0x110000,
	KEY_ARROW_DOWN,
	KEY_ARROW_LEFT,
	KEY_ARROW_RIGHT,
	KEY_TAB_BACK,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_TO_START,
	KEY_TO_END,
	KEY_ERASE,
	KEY_POINTED,  /* the mouse: screen_mouse() tells what and where */
	KEY_FUNCTION, /* KEY_FUNCTION + n is Fn */
};

/* The screens on which a key means something. */
enum screen_bit {
	ON_LIST = 1 << 0,
	ON_REQUEST = 1 << 1,
	ON_HELP = 1 << 2,
	ON_SETUP = 1 << 3,
	ON_ROUTES = 1 << 4,
	ON_LOOP = 1 << 5,
	ON_ALL = ON_LIST | ON_REQUEST | ON_HELP | ON_SETUP | ON_ROUTES | ON_LOOP,
};

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_OPEN,
	ACTION_OUT,
	ACTION_ZOOM_IN,
	ACTION_ZOOM_OUT,
	ACTION_ZOOM_RESET,
	ACTION_FLAME,
	ACTION_PANE,
	ACTION_METRIC,
	ACTION_WINDOW,
	ACTION_ROUTES,
	ACTION_LOOP,
	ACTION_COLLAPSE,
	ACTION_PREVIOUS_REQUEST,
	ACTION_NEXT_REQUEST,
	ACTION_SORT,
	ACTION_SORT_BACK,
	ACTION_INVERT,
	ACTION_SEARCH,
	ACTION_SEARCH_NEXT,
	ACTION_SEARCH_PREVIOUS,
	ACTION_FILTER,
	ACTION_TAG,
	ACTION_TAG_ROUTE,
	ACTION_FOLLOW,
	ACTION_FREEZE,
	ACTION_PAUSE,
	ACTION_EXPORT,
	ACTION_COPY,
	ACTION_SETUP,
	ACTION_HELP,
	ACTION_BACK,
	ACTION_QUIT,
	ACTION_REDRAW,
	ACTION_COUNT,
};

#define KEYS_PER_BINDING 4

struct key_binding {
	int keys[KEYS_PER_BINDING]; /* KEY_NONE: none */
	enum action action;
	unsigned int screens; /* enum screen_bit */
	const char *names; /* of the keys, for people; the first word stands in the bottom line */
	const char *hint;  /* in the bottom line; NULL not there */
	const char *help;
};

/* The table, in the order of the help. */
const struct key_binding *keys_table(size_t *ret_count);
/* What the key does on this screen; ACTION_NONE nothing. */
enum action keys_action(int key, unsigned int screen);

#endif
