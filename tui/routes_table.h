/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The table of routes: one table of columns. */
#ifndef NT_TUI_ROUTES_TABLE_H
#define NT_TUI_ROUTES_TABLE_H

#include "tui/canvas.h"

struct app;

/* Draws a line about the table, the heads, and as many routes as there is room for. */
void routes_table_draw(struct app *app, struct canvas *canvas, struct area area);

#endif
