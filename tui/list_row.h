/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A row of the request list, and the heads above: one table of columns. */
#ifndef NT_TUI_LIST_ROW_H
#define NT_TUI_LIST_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/canvas.h"
#include "tui/request_index.h"

struct app;
struct request;

/* What a row is drawn from. */
struct list_row {
	struct app *app;
	struct canvas *canvas;
	const struct request *request; /* NULL: no longer kept */
	uint64_t arrival;
	int row;
	bool selected;
	bool tagged;
};

/* Draws the heads of the columns, with the one that sorts marked. */
void list_row_heads(const struct app *app, struct canvas *canvas, int row, int cols);
/* The column by which the head at this place sorts; SORT_COLUMN_COUNT: none. */
enum sort_column list_row_column_at(const struct app *app, int cols, int at);
void list_row_draw(const struct list_row *row, int cols);

#endif
