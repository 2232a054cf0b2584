/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What every screen has: the title, the figures that say how far the rest can be trusted, and the
 * keys at the bottom.
 */
#ifndef NT_TUI_CHROME_H
#define NT_TUI_CHROME_H

#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/wait_kind.h"

struct app;
struct view_ops;

/* What is left for the view. */
struct area chrome_area(struct area screen);
/* What the hint does that stands in this column of the last row; ACTION_NONE: there is none. */
enum action chrome_hint_at(const struct view_ops *view, int cols, int col);
void chrome_draw(const struct app *app, struct canvas *canvas, const struct view_ops *view);

/* The letters of the kinds and what they mean, or with sums_ns (of each kind) how much there is of
 * those that there are. */
void chrome_legend(struct canvas *canvas, int row, int col, int cols, const uint64_t *sums_ns);

#endif
