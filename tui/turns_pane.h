/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The turns of the event loop in which requests lost most: a part of the loop screen. */
#ifndef NT_TUI_TURNS_PANE_H
#define NT_TUI_TURNS_PANE_H

#include "aggregator/turns.h"
#include "tui/canvas.h"

/* How many lines it takes of so many that are left for it and another table; 0: there is no room. */
int turns_pane_lines(int rows);
void turns_pane_draw(struct turns *turns, struct canvas *canvas, struct area area);

#endif
