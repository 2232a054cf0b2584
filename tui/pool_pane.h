/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The thread pool as it is now: how many threads work, what waits, for how long; and the jobs of requests in
 * flight. */
#ifndef NT_TUI_POOL_PANE_H
#define NT_TUI_POOL_PANE_H

#include "tui/canvas.h"

#define POOL_PANE_LINES 2 /* above the jobs */

struct app;

/* Draws POOL_PANE_LINES lines, and jobs in the rows below: those at work first, the longest first. */
void pool_pane_draw(const struct app *app, struct canvas *canvas, struct area area);

#endif
