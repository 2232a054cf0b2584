/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Draws what went on around a request (aggregator/around.h): rows below the icicle, on its time axis. */
#ifndef NT_TUI_AROUND_DRAW_H
#define NT_TUI_AROUND_DRAW_H

#include "tui/canvas.h"
#include "tui/icicle_layout.h"

#define AROUND_GUTTER 5 /* columns for the names of the rows, left of the axis */

/* X(LETTER, text): what stands in the rows, for the help. */
#define AROUND_LETTERS(X)                                                  \
	X("j", "loop: ran this request")                                   \
	X("#", "loop: ran other requests, or what belongs to none")        \
	X("-", "loop: node itself, between two callbacks")                 \
	X(".", "loop: waited, it had nothing to do")                       \
	X("g G", "gc: collected the young part of the heap, or all of it") \
	X("1-9 +", "pool: so many threads were at work")                   \
	X("p", "pool: jobs waited for a thread")

/* How many rows there are on a screen part of so many. */
int around_rows(const struct request *request, int rows);
/* Draws them. The window's columns begin behind the gutter. */
void around_draw(const struct request *request, const struct icicle_window *window,
		 struct canvas *canvas, struct area area);

#endif
