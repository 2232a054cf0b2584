/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/keys.h"

#include "symbolizer/base.h"

/* clang-format off */
const struct binding bindings[] = {
	{ ACTION_DOWN, {'j', KEY_ARROW_DOWN}, ON_ALL, "down", "next row; in a request the operation below" },
	{ ACTION_UP, {'k', KEY_ARROW_UP}, ON_ALL, "up", "previous row; in a request the operation above" },
	{ ACTION_LEFT, {'h', KEY_ARROW_LEFT}, ON_REQUEST, "left", "previous operation of the row" },
	{ ACTION_RIGHT, {'l', KEY_ARROW_RIGHT}, ON_REQUEST, "right", "next operation of the row" },
	{ ACTION_ENTER, {KEY_RETURN}, ON_LIST | ON_REQUEST, "open", "open the request; in a request show only the operation and what it led to" },
	{ ACTION_OUT, {KEY_ESCAPE, KEY_ERASE}, ON_REQUEST | ON_HELP, "back", "out again: to the whole request, then to the list" },
	{ ACTION_ZOOM_IN, {'+', '='}, ON_REQUEST, "zoom", "zoom in on the selected operation" },
	{ ACTION_ZOOM_OUT, {'-'}, ON_REQUEST, NULL, "zoom out" },
	{ ACTION_ZOOM_RESET, {'0'}, ON_REQUEST, NULL, "show all of the time again" },
	{ ACTION_PREVIOUS, {'['}, ON_REQUEST, NULL, "previous request of the list" },
	{ ACTION_NEXT, {']'}, ON_REQUEST, "next", "next request of the list" },
	{ ACTION_PAGE_DOWN, {KEY_PAGE_DOWN, KEY_CTRL_D}, ON_ALL, NULL, "a page down; in a request scrolls the details" },
	{ ACTION_PAGE_UP, {KEY_PAGE_UP, KEY_CTRL_U}, ON_ALL, NULL, "a page up" },
	{ ACTION_FIRST, {'g', KEY_FIRST}, ON_ALL, NULL, "to the first row" },
	{ ACTION_LAST, {'G', KEY_LAST}, ON_ALL, NULL, "to the last row" },
	{ ACTION_SORT, {'s'}, ON_LIST, "sort", "sort by the next column" },
	{ ACTION_INVERT, {'I'}, ON_LIST, "invert", "sort the other way round" },
	{ ACTION_FOLLOW, {'f'}, ON_LIST, "follow", "stay on the first row: the newest, or by duration the slowest" },
	{ ACTION_FREEZE, {'z'}, ON_LIST | ON_REQUEST, "freeze", "freeze the display, or go on; tracing goes on all the time" },
	{ ACTION_HELP, {'?', KEY_F1}, ON_LIST | ON_REQUEST, "help", "this help" },
	{ ACTION_CLOSE, {'q'}, ON_ALL, "quit", "close this view; in the list end the program" },
	{ ACTION_QUIT, {'Q', KEY_F10}, ON_ALL, NULL, "end the program" },
	{ ACTION_REDRAW, {KEY_CTRL_L}, ON_ALL, NULL, "draw the screen anew" },
};
/* clang-format on */
const size_t n_bindings = ARRAY_SIZE(bindings);

static const struct {
	int key;
	const char *name;
} names[] = {
	{KEY_ARROW_UP, "Up"},       {KEY_ARROW_DOWN, "Down"},   {KEY_ARROW_LEFT, "Left"},
	{KEY_ARROW_RIGHT, "Right"}, {KEY_PAGE_UP, "PgUp"},      {KEY_PAGE_DOWN, "PgDn"},
	{KEY_FIRST, "Home"},        {KEY_LAST, "End"},          {KEY_ERASE, "Backspace"},
	{KEY_RETURN, "Enter"},      {KEY_ESCAPE, "Esc"},        {KEY_TAB, "Tab"},
	{KEY_CTRL_L, "Ctrl-L"},     {KEY_CTRL_D, "Ctrl-D"},     {KEY_CTRL_U, "Ctrl-U"},
	{KEY_F1, "F1"},             {KEY_F10, "F10"},
};

static bool has_key(const struct binding *binding, int key)
{
	size_t i;

	for (i = 0; i < BINDING_KEYS; i++)
		if (binding->keys[i] == key)
			return true;
	return false;
}

enum action keys_action(int key, enum key_screen screen)
{
	size_t i;

	if (key == KEY_NONE)
		return ACTION_NONE;
	for (i = 0; i < n_bindings; i++)
		if ((bindings[i].screens & screen) && has_key(&bindings[i], key))
			return bindings[i].action;
	return ACTION_NONE;
}

const char *key_name(int key, char buf[8])
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].key == key)
			return names[i].name;
	buf[0] = key > ' ' && key <= '~' ? (char)key : '?';
	buf[1] = '\0';
	return buf;
}
