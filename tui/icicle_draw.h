/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Draws what icicle_layout.h has laid out. */
#ifndef NT_TUI_ICICLE_DRAW_H
#define NT_TUI_ICICLE_DRAW_H

#include "tui/canvas.h"
#include "tui/icicle_layout.h"

struct timeline;

struct icicle_picture {
	const struct request *request;
	const struct icicle *icicle;
	const struct timeline *timeline;
	struct icicle_window window;
	uint32_t selected;        /* op, or ICICLE_REQUEST */
	struct icicle_box *boxes; /* room for those of any row */
	bool flame;               /* the root at the bottom */
};

/* The time axis, as one row: marks and times since the start of the request. */
void icicle_draw_axis(const struct icicle_picture *picture, struct canvas *canvas, int row,
		      int col);
/* The rows from `top` on, as many as there is room for; area.cols is the window's. */
void icicle_draw(const struct icicle_picture *picture, struct canvas *canvas, struct area area,
		 uint32_t top);

/* The item whose box is at this place of the area, or NULL. */
const struct icicle_item *icicle_at(const struct icicle_picture *picture, struct area area,
				    uint32_t top, int row, int col);

/* The label of an operation, or of the request; as op_label(). */
void icicle_label(const struct request *request, uint32_t op, char *text, size_t len);

#endif
