/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The pane of one request that shows its critical path: what it waited for, and who was to blame. */
#ifndef NT_TUI_REQUEST_PATH_H
#define NT_TUI_REQUEST_PATH_H

#include "tui/canvas.h"
#include "tui/keys.h"

struct app;
struct request;
struct request_state;

/* Fills in the path of this request, and finds the requests that it waited for. */
void request_path_find(const struct app *app, const struct request *request,
		       struct request_state *state);
/* The head and as many lines as there is room for; an area without rows is left alone. */
void request_path_draw(const struct app *app, struct canvas *canvas, struct area area);
/* Returns false for an action that does not concern the pane. */
bool request_path_act(struct app *app, enum action action);
/* A row was clicked at, of the pane that stands here or outside. A second click goes there. */
void request_path_click(struct app *app, struct area area, int row);

#endif
