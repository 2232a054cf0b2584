/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* All that is known about one operation, or about the request itself. */
#ifndef NT_TUI_DETAILS_H
#define NT_TUI_DETAILS_H

#include <stdint.h>

#include "tui/canvas.h"

struct request;

/* Draws the lines from `top` on; op: index in request->ops, or ICICLE_REQUEST. Returns the number of
 * lines that there are. */
int details_draw(struct canvas *canvas, struct area area, const struct request *request,
		 uint32_t op, int top);

#endif
