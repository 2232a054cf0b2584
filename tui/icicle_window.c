/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The part of icicle_layout.h that turns time into columns. */
#include "tui/icicle_layout.h"

#include "symbolizer/base.h"

#define SHORTEST_NS 1000 /* window, unless everything is shorter */

/* Eighths of columns from the left edge; `ts` within the window. */
static uint64_t eighths_at(const struct icicle_window *window, uint64_t ts)
{
	return (uint64_t)((__uint128_t)(ts - window->start_ns) * (unsigned int)window->cols * 8 /
			  (window->end_ns - window->start_ns));
}

static bool outside(const struct icicle_window *window, const struct icicle_item *item)
{
	return item->start_ns > window->end_ns ||
	       (item->start_ns < window->start_ns && item->end_ns <= window->start_ns);
}

/* `item` is not outside. */
static struct icicle_box place(const struct icicle_window *window, const struct icicle_item *item,
			       int free_col)
{
	struct icicle_box box = {
		.cut_left =
			item->start_ns<window->start_ns, .cut_right = item->end_ns> window->end_ns,
	};
	uint64_t start;
	uint64_t end;
	int end_col;

	start = box.cut_left ? 0 : eighths_at(window, item->start_ns);
	end = eighths_at(window, box.cut_right ? window->end_ns : item->end_ns);
	box.col = (int)(start / 8) < window->cols ? (int)(start / 8) : window->cols - 1;
	end_col = (int)(end / 8);
	if (end_col > box.col && end_col < window->cols)
		box.eighths = (int)(end % 8);
	if (end_col <= box.col)
		end_col = box.col + 1;
	if (box.col < free_col)
		box.col = free_col;
	box.cols = end_col > box.col ? end_col - box.col : 0;
	if (box.cols == 0)
		box.eighths = 0;
	return box;
}

void icicle_place(const struct icicle_window *window, const struct icicle_item *items, size_t count,
		  struct icicle_box *ret_boxes)
{
	struct icicle_box *last = NULL;
	int free_col = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		ret_boxes[i] = (struct icicle_box){0};
		if (outside(window, &items[i]))
			continue;
		ret_boxes[i] = place(window, &items[i], free_col);
		if (ret_boxes[i].cols == 0 && last) {
			last->hidden++;
			continue;
		}
		if (last && ret_boxes[i].col == free_col)
			last->eighths = 0;
		last = &ret_boxes[i];
		free_col = last->col + last->cols;
	}
}

/* Moves the window into the extent. */
static struct icicle_window clamp(const struct icicle_window *extent, struct icicle_window window)
{
	uint64_t len = window.end_ns - window.start_ns;

	if (len >= extent->end_ns - extent->start_ns) {
		window.start_ns = extent->start_ns;
		window.end_ns = extent->end_ns;
	} else if (window.start_ns < extent->start_ns) {
		window.start_ns = extent->start_ns;
		window.end_ns = extent->start_ns + len;
	} else if (window.end_ns > extent->end_ns) {
		window.end_ns = extent->end_ns;
		window.start_ns = extent->end_ns - len;
	}
	return window;
}

struct icicle_window icicle_zoom(const struct icicle *icicle, struct icicle_window window,
				 uint64_t center_ns, unsigned int numerator,
				 unsigned int denominator)
{
	struct icicle_window extent = icicle_extent(icicle);
	uint64_t longest = extent.end_ns - extent.start_ns;
	uint64_t len = (uint64_t)((__uint128_t)(window.end_ns - window.start_ns) * numerator /
				  denominator);

	if (len < SHORTEST_NS)
		len = SHORTEST_NS;
	if (len > longest)
		len = longest;
	window.start_ns = center_ns > len / 2 ? center_ns - len / 2 : 0;
	window.end_ns = window.start_ns + len;
	return clamp(&extent, window);
}

struct icicle_window icicle_reveal(const struct icicle *icicle, struct icicle_window window,
				   const struct icicle_item *item)
{
	struct icicle_window extent = icicle_extent(icicle);
	uint64_t len = window.end_ns - window.start_ns;
	bool longer = item->end_ns - item->start_ns > len;

	if (longer && item->start_ns < window.end_ns && item->end_ns > window.start_ns)
		return window;
	if (item->start_ns < window.start_ns || longer)
		window.start_ns = item->start_ns;
	else if (item->end_ns > window.end_ns)
		window.start_ns = item->end_ns - len;
	window.end_ns = window.start_ns + len;
	return clamp(&extent, window);
}
