/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A canvas without a terminal, for tests: what was drawn can be read back as text. */
#ifndef NT_TUI_MEMORY_CANVAS_H
#define NT_TUI_MEMORY_CANVAS_H

#include <stdio.h>

#include "tui/canvas.h"

struct memory_canvas;

/* What a dump tells beside the characters. */
enum memory_dump {
	MEMORY_DUMP_TEXT,
	MEMORY_DUMP_STYLES, /* a letter for the style of each cell */
	MEMORY_DUMP_MONO,   /* what a terminal without colours shows: R reverse, B bold, F faint */
};

/* Returns a blank canvas in *ret_memory, or -ENOMEM. */
int memory_canvas_new(int rows, int cols, bool ascii, struct memory_canvas **ret_memory);
void memory_canvas_free(struct memory_canvas *memory);

/* To draw on; lives as long as the memory. */
struct canvas *memory_canvas_canvas(struct memory_canvas *memory);
/* Writes one line for each row, without the blanks at its end. */
void memory_canvas_dump(const struct memory_canvas *memory, enum memory_dump what, FILE *out);

#endif
