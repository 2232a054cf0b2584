/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the operations of a request stand in its icicle. Geometry only, nothing is drawn.
 *
 * A row holds operations of one depth of the tree; where operations of a depth overlap in time, the
 * depth has as many rows ("lanes") as needed, so that no two operations of a row overlap. Rows do
 * not depend on the zoom. Row 0 is the root: the request, or the operation in focus.
 */
#ifndef NT_TUI_ICICLE_LAYOUT_H
#define NT_TUI_ICICLE_LAYOUT_H

#include "aggregator/request.h"

#define ICICLE_REQUEST OP_PARENT_REQUEST /* the request itself, where an index of an op is asked */

struct icicle;

struct icicle_item {
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t id;     /* of the operation; 0 the request */
	uint32_t op;     /* index in request->ops, or ICICLE_REQUEST */
	uint32_t parent; /* the same; of the root: itself */
	uint32_t depth;  /* of the root: 0 */
	uint32_t row;
};

/* The part of time that is shown, on so many columns. */
struct icicle_window {
	uint64_t start_ns;
	uint64_t end_ns; /* > start_ns */
	int cols;
};

/* Columns of an item; cols is 0 when it is outside, or hidden behind the one before it. */
struct icicle_box {
	int col;
	int cols;
	int eighths;     /* of the column behind the last one; 0 when that is not free */
	uint32_t hidden; /* items that it hides */
	bool cut_left;
	bool cut_right;
};

/*
 * Lays out the tree below `root` (ICICLE_REQUEST: all). Returns 0 and *ret_icicle, which does not
 * point into the request, or -ENOMEM.
 */
int icicle_new(const struct request *request, uint32_t root, struct icicle **ret_icicle);
void icicle_free(struct icicle *icicle);

/* Number of rows. */
uint32_t icicle_rows(const struct icicle *icicle);
/* The items of a row by time. row < icicle_rows(). Never empty. */
const struct icicle_item *icicle_row(const struct icicle *icicle, uint32_t row, size_t *ret_count);
/* All items, by row and time. */
const struct icicle_item *icicle_items(const struct icicle *icicle, size_t *ret_count);
/* The item of an operation, or NULL when it is not below the root. */
const struct icicle_item *icicle_item(const struct icicle *icicle, uint32_t op);
/* From the first start to the last end; never empty. */
struct icicle_window icicle_extent(const struct icicle *icicle);
/* What to show first: the request from its start to its end, though operations may outlive it; of
 * an operation in focus all. Never empty. */
struct icicle_window icicle_home(const struct icicle *icicle);

/* Writes a box for each of the `count` items of a row: those of a row never share a column. */
void icicle_place(const struct icicle_window *window, const struct icicle_item *items, size_t count,
		  struct icicle_box *ret_boxes);

/* The item of the row to go to from `item`: a child, else its parent, else what is nearest in time to
 * its middle. row < icicle_rows(). */
const struct icicle_item *icicle_nearest(const struct icicle *icicle, uint32_t row,
					 const struct icicle_item *item);

/* Zooms by `numerator`/`denominator` of the window's length about `center_ns`, within the extent. */
struct icicle_window icicle_zoom(const struct icicle *icicle, struct icicle_window window,
				 uint64_t center_ns, unsigned int numerator,
				 unsigned int denominator);
/* Moves the window as little as needed to show the item, or its start when it is longer. */
struct icicle_window icicle_reveal(const struct icicle *icicle, struct icicle_window window,
				   const struct icicle_item *item);

#endif
