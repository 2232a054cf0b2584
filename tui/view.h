/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The screens of the terminal view. A new one is a file view_<name>.c, a row in views.c and an
 * enum here.
 */
#ifndef NT_TUI_VIEW_H
#define NT_TUI_VIEW_H

#include <stdbool.h>

#include "tui/canvas.h"
#include "tui/keys.h"

struct app;

enum view_id {
	VIEW_LIST, /* the bottom of the stack */
	VIEW_REQUEST,
	VIEW_HELP,
	VIEW_SETUP,
	VIEW_ROUTES,
	VIEW_LOOP,
	VIEW_COUNT,
};

struct view_ops {
	const char *name;
	unsigned int screen; /* enum screen_bit: which keys work */
	/* Draws into the area only; it may be as small as the smallest screen leaves. */
	void (*draw)(struct app *app, struct canvas *canvas, struct area area);
	/* Returns false for an action that does not concern it. */
	bool (*act)(struct app *app, enum action action);
	/* Goes to the next thing that app->search matches: step 1 or -1. Returns false when there is none. */
	bool (*search)(struct app *app, int step);
	/* A cell of the area was clicked at; NULL: that does nothing. */
	void (*click)(struct app *app, struct area area, int row, int col);
};

extern const struct view_ops view_list;
extern const struct view_ops view_request;
extern const struct view_ops view_help;
extern const struct view_ops view_setup;
extern const struct view_ops view_routes;
extern const struct view_ops view_loop;

/* Never NULL. */
const struct view_ops *view_find(enum view_id id);

#endif
