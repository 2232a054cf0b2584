/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What keys do: one table, from which the bindings, the hints at the bottom and the help come. A key
 * has one meaning, wherever it works.
 */
#ifndef NT_TUI_KEYS_H
#define NT_TUI_KEYS_H

#include <stddef.h>

/* Keys beyond characters. Characters are their code. */
enum key {
	KEY_NONE = 0,
	KEY_CTRL_D = 4,
	KEY_TAB = 9,
	KEY_RETURN = 13,
	KEY_CTRL_L = 12,
	KEY_CTRL_U = 21,
	KEY_ESCAPE = 27,
	KEY_ARROW_UP = 0x110000,
	KEY_ARROW_DOWN,
	KEY_ARROW_LEFT,
	KEY_ARROW_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_FIRST,
	KEY_LAST,
	KEY_ERASE,
	KEY_F1,
	KEY_F10,
	KEY_RESIZED,
};

enum action {
	ACTION_NONE,
	ACTION_DOWN,
	ACTION_UP,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_DOWN,
	ACTION_PAGE_UP,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_ENTER,
	ACTION_OUT,
	ACTION_ZOOM_IN,
	ACTION_ZOOM_OUT,
	ACTION_ZOOM_RESET,
	ACTION_PREVIOUS,
	ACTION_NEXT,
	ACTION_SORT,
	ACTION_INVERT,
	ACTION_FOLLOW,
	ACTION_FREEZE,
	ACTION_HELP,
	ACTION_CLOSE,
	ACTION_QUIT,
	ACTION_REDRAW,
	ACTION_COUNT,
};

/* Where an action works. */
enum key_screen {
	ON_LIST = 1,
	ON_REQUEST = 2,
	ON_HELP = 4,
	ON_ALL = 7,
};

#define BINDING_KEYS 3

struct binding {
	enum action action;
	int keys[BINDING_KEYS]; /* KEY_NONE: unused */
	unsigned int screens;   /* enum key_screen */
	const char *hint;       /* one word for the bottom line, NULL: not there */
	const char *help;
};

extern const struct binding bindings[];
extern const size_t n_bindings;

/* What the key does on this screen, or ACTION_NONE. */
enum action keys_action(int key, enum key_screen screen);
/* "j", "Down", "Ctrl-L"; written to buf when it is a character. */
const char *key_name(int key, char buf[8]);

#endif
