/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/keys.h"

#include "symbolizer/base.h"

#define F(n) (KEY_FUNCTION + (n))

static const struct key_binding table[] = {
	{{'?', F(1)}, ACTION_HELP, ON_ALL, "? F1", "help", "this help"},
	{{'q'}, ACTION_BACK, ON_LIST, "q", "quit", "quit"},
	{{'q'}, ACTION_BACK, ON_REQUEST | ON_HELP | ON_SETUP, "q", "back", "one screen up"},
	{{F(2)}, ACTION_SETUP, ON_ALL, "F2", NULL, "setup: what the view looks like"},
	{{KEY_RETURN}, ACTION_OPEN, ON_LIST, "Enter", "open", "open the request"},
	{{KEY_RETURN},
	 ACTION_OPEN,
	 ON_REQUEST,
	 "Enter",
	 "focus",
	 "show only this operation's tree"},
	{{KEY_RETURN}, ACTION_OPEN, ON_SETUP, "Enter", "change", "the next choice"},
	{{KEY_ESCAPE, KEY_ERASE},
	 ACTION_OUT,
	 ON_REQUEST | ON_HELP | ON_SETUP,
	 "Esc Backspace",
	 "out",
	 "out of the focus, else one screen up"},
	{{KEY_ESCAPE}, ACTION_OUT, ON_LIST, "Esc", NULL, "remove the filter that was typed"},
	{{'j', KEY_ARROW_DOWN}, ACTION_DOWN, ON_ALL, "j Down", NULL, "down"},
	{{'k', KEY_ARROW_UP}, ACTION_UP, ON_ALL, "k Up", NULL, "up"},
	{{'h', KEY_ARROW_LEFT}, ACTION_LEFT, ON_LIST, "h Left", NULL, "scroll the path left"},
	{{'l', KEY_ARROW_RIGHT}, ACTION_RIGHT, ON_LIST, "l Right", NULL, "scroll the path right"},
	{{'h', KEY_ARROW_LEFT}, ACTION_LEFT, ON_SETUP, "h Left", NULL, "the choice before"},
	{{'l', KEY_ARROW_RIGHT}, ACTION_RIGHT, ON_SETUP, "l Right", NULL, "the next choice"},
	{{'h', KEY_ARROW_LEFT},
	 ACTION_LEFT,
	 ON_REQUEST,
	 "h Left",
	 NULL,
	 "to the one before in time"},
	{{'l', KEY_ARROW_RIGHT},
	 ACTION_RIGHT,
	 ON_REQUEST,
	 "l Right",
	 NULL,
	 "to the one after in time"},
	{{KEY_PAGE_UP, KEY_CTRL_U},
	 ACTION_PAGE_UP,
	 ON_LIST | ON_HELP,
	 "PgUp Ctrl-U",
	 NULL,
	 "a page up"},
	{{KEY_PAGE_DOWN, KEY_CTRL_D},
	 ACTION_PAGE_DOWN,
	 ON_LIST | ON_HELP,
	 "PgDn Ctrl-D",
	 NULL,
	 "a page down"},
	{{KEY_PAGE_UP, KEY_CTRL_U},
	 ACTION_PAGE_UP,
	 ON_REQUEST,
	 "PgUp Ctrl-U",
	 NULL,
	 "the details a page up"},
	{{KEY_PAGE_DOWN, KEY_CTRL_D},
	 ACTION_PAGE_DOWN,
	 ON_REQUEST,
	 "PgDn Ctrl-D",
	 NULL,
	 "the details a page down"},
	{{'g', KEY_TO_START}, ACTION_FIRST, ON_ALL, "g Home", NULL, "to the first"},
	{{'G', KEY_TO_END}, ACTION_LAST, ON_ALL, "G End", NULL, "to the last"},
	{{'/', F(3)},
	 ACTION_SEARCH,
	 ON_ALL,
	 "/ F3",
	 "search",
	 "search: a regular expression, any case"},
	{{'n'}, ACTION_SEARCH_NEXT, ON_ALL, "n", NULL, "the next match"},
	{{'N'}, ACTION_SEARCH_PREVIOUS, ON_ALL, "N", NULL, "the match before"},
	{{':', F(4)},
	 ACTION_FILTER,
	 ON_LIST,
	 ": F4",
	 "filter",
	 "show only requests that match, as --filter"},
	{{'s', '>', F(6)}, ACTION_SORT, ON_LIST, "s > F6", "sort", "sort by the next column"},
	{{'<'}, ACTION_SORT_BACK, ON_LIST, "<", NULL, "sort by the column before"},
	{{'I'}, ACTION_INVERT, ON_LIST, "I", "invert", "invert the order"},
	{{'f'},
	 ACTION_FOLLOW,
	 ON_LIST,
	 "f",
	 "follow",
	 "follow the newest, then the slowest, then none"},
	{{' '}, ACTION_TAG, ON_LIST | ON_REQUEST, "Space", "tag", "tag the request, or no longer"},
	{{'*'}, ACTION_TAG_ROUTE, ON_LIST, "*", NULL, "tag all with the same method and path"},
	{{'x', F(8)},
	 ACTION_EXPORT,
	 ON_LIST,
	 "x F8",
	 "export",
	 "write those that are tagged, else all that are shown"},
	{{'x', F(8)}, ACTION_EXPORT, ON_REQUEST, "x F8", "export", "write this request to a file"},
	{{KEY_TAB, KEY_TAB_BACK},
	 ACTION_PANE,
	 ON_REQUEST,
	 "Tab",
	 "path",
	 "from the operations to the critical path, and back"},
	{{'+', '='}, ACTION_ZOOM_IN, ON_REQUEST, "+", "zoom", "zoom into time"},
	{{'-'}, ACTION_ZOOM_OUT, ON_REQUEST, "-", NULL, "zoom out of time"},
	{{'0'}, ACTION_ZOOM_RESET, ON_REQUEST, "0", "all", "show the time of the request"},
	{{'i'},
	 ACTION_FLAME,
	 ON_REQUEST,
	 "i",
	 "flip",
	 "icicle or flame: the request above or below"},
	{{'c'}, ACTION_COLLAPSE, ON_REQUEST, "c", NULL, "each operation, or alike ones as one"},
	{{'['}, ACTION_PREVIOUS_REQUEST, ON_REQUEST, "[", "prev", "the request above in the list"},
	{{']'}, ACTION_NEXT_REQUEST, ON_REQUEST, "]", "next", "the request below in the list"},
	{{'z'}, ACTION_FREEZE, ON_ALL, "z", "freeze", "freeze the display; tracing goes on"},
	{{'Z'},
	 ACTION_PAUSE,
	 ON_ALL,
	 "Z",
	 NULL,
	 "pause tracing: no probe is left in the process; again: go on"},
	{{'Q', F(10)}, ACTION_QUIT, ON_ALL, "Q F10", NULL, "quit"},
	{{KEY_CTRL_L}, ACTION_REDRAW, ON_ALL, "Ctrl-L", NULL, "draw the screen anew"},
};

const struct key_binding *keys_table(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(table);
	return table;
}

static bool bound(const struct key_binding *binding, int key)
{
	size_t i;

	for (i = 0; i < KEYS_PER_BINDING; i++) {
		if (binding->keys[i] == key)
			return true;
	}
	return false;
}

enum action keys_action(int key, unsigned int screen)
{
	size_t i;

	if (key == KEY_NONE)
		return ACTION_NONE;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if ((table[i].screens & screen) && bound(&table[i], key))
			return table[i].action;
	}
	return ACTION_NONE;
}
