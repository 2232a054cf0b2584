/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What views draw on: a grid of character cells, of a terminal or of memory.
 *
 * Text is UTF-8 without control characters and is cut by columns, never within a character. What
 * lies outside of the grid is not drawn. On an ASCII canvas every other character becomes '?'.
 */
#ifndef NT_TUI_CANVAS_H
#define NT_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/style.h"

struct canvas;

/* Text that fits into its row: `len` bytes on `width` columns. */
struct canvas_piece {
	int row;
	int col;
	int width;
	enum style style;
	size_t len;
	const char *text;
};

struct canvas_ops {
	void (*size)(const struct canvas *canvas, int *ret_rows, int *ret_cols);
	/* All cells blank and plain. */
	void (*clear)(struct canvas *canvas);
	void (*put)(struct canvas *canvas, const struct canvas_piece *piece);
};

struct canvas {
	const struct canvas_ops *ops;
	bool ascii;
};

/* A rectangle of a canvas. */
struct area {
	int row;
	int col;
	int rows;
	int cols;
};

/* All of it. */
struct area canvas_area(const struct canvas *canvas);
/* Makes every cell blank. */
void canvas_clear(struct canvas *canvas);

/* Draws as much of the text as fits into max_cols columns. Returns the columns used. */
int canvas_text(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		const char *text);
/* The same, and fills up to max_cols with blanks of that style. */
void canvas_field(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		  const char *text);
/* Formatted canvas_text(). */
int canvas_print(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		 const char *format, ...) __attribute__((format(printf, 6, 7)));
/* `count` times the same character of one column. */
void canvas_repeat(struct canvas *canvas, int row, int col, int count, enum style style,
		   const char *character);

/* Columns that the text would use. */
int canvas_width(const struct canvas *canvas, const char *text);
/* Start of the text behind its first `cols` columns. */
const char *canvas_skip(const struct canvas *canvas, const char *text, int cols);

#endif
