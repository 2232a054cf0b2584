/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/icicle_draw.h"

#include <inttypes.h>

#include "aggregator/folded.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"
#include "tui/format.h"
#include "tui/label.h"
#include "tui/timeline.h"

#define LABEL_LEN      512
#define LABEL_MIN_COLS 3  /* narrower boxes have letters only */
#define TICK_MIN_COLS  11 /* between two marks of the axis */
#define LEFT_EDGE      "\u258f"
#define CUT_LEFT       "<"
#define CUT_RIGHT      ">"
#define HIDES          "+"
#define FUNCTION_FILL  '-'

/* One box on the canvas. */
struct drawn_box {
	const struct icicle_picture *picture;
	const struct icicle_item *item;
	struct canvas *canvas;
	struct icicle_box box;
	struct area area; /* of the icicle */
	int row;
	bool selected;
};

static const char *const eighth_blocks[] = {
	"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589",
};

void icicle_label(const struct request *request, uint32_t op, char *text, size_t len)
{
	int full;

	if (op != ICICLE_REQUEST) {
		(void)op_label(&request->ops[op], text, len);
		return;
	}
	full = snprintf(text, len, "%s %s", request->method, request->url);
	if (full >= 0 && (size_t)full >= len)
		text[text_boundary(text, len - 1)] = '\0';
}

static uint64_t time_at(const struct icicle_window *window, int col, int halves)
{
	uint64_t len = window->end_ns - window->start_ns;

	return window->start_ns + (uint64_t)((__uint128_t)len * (unsigned int)(2 * col + halves) /
					     (unsigned int)(2 * window->cols));
}

/* What a column of the item is filled with. */
static enum wait_kind kind_of_column(const struct drawn_box *box, int col)
{
	const struct icicle_picture *picture = box->picture;
	uint64_t middle;

	if (box->item->op == ICICLE_REQUEST)
		return timeline_kind(picture->timeline, time_at(&picture->window, col, 0),
				     time_at(&picture->window, col, 2));
	middle = time_at(&picture->window, col, 1);
	if (middle < box->item->start_ns)
		middle = box->item->start_ns;
	if (middle >= box->item->end_ns && box->item->end_ns > box->item->start_ns)
		middle = box->item->end_ns - 1;
	return op_kind_at(picture->request, &picture->request->ops[box->item->op], middle);
}

/* An async function is no operation: it waits for nothing itself, those below it tell for what. */
static bool is_function(const struct drawn_box *box)
{
	return box->item->op != ICICLE_REQUEST &&
	       box->picture->request->ops[box->item->op].flags & OP_FUNCTION;
}

static void fill(const struct drawn_box *box)
{
	bool function = is_function(box);
	int col;

	for (col = box->box.col; col < box->box.col + box->box.cols; col++) {
		enum wait_kind kind = kind_of_column(box, col);
		bool idle = function && kind != WAIT_JS;
		enum style style = idle ? STYLE_DIM : wait_kind_style(kind);

		(void)canvas_print(box->canvas, box->row, box->area.col + col, 1,
				   box->selected ? STYLE_SELECTED : style, "%c",
				   idle ? FUNCTION_FILL : wait_kind_letter(kind));
	}
}

static enum style label_style(const struct drawn_box *box)
{
	const struct request *request = box->picture->request;

	if (box->selected)
		return STYLE_SELECTED;
	if (box->item->op == ICICLE_REQUEST || is_function(box))
		return STYLE_STRONG;
	return wait_kind_style(wait_kind_of_type(request->ops[box->item->op].type));
}

/* The edges take a column each; a box without its right edge in ASCII would run into the next. */
static void draw_frame(const struct drawn_box *box)
{
	bool ascii = box->canvas->ascii;
	int left = box->area.col + box->box.col;
	int right = left + box->box.cols - 1;
	enum style style = label_style(box);

	if (box->box.cut_left)
		(void)canvas_text(box->canvas, box->row, left, 1, style, CUT_LEFT);
	else
		(void)canvas_text(box->canvas, box->row, left, 1, style, ascii ? "[" : LEFT_EDGE);
	if (box->box.cut_right)
		(void)canvas_text(box->canvas, box->row, right, 1, style, CUT_RIGHT);
	else if (ascii)
		(void)canvas_text(box->canvas, box->row, right, 1, style, "]");
}

static void draw_label(const struct drawn_box *box)
{
	char label[LABEL_LEN];
	char text[LABEL_LEN];
	bool right_edge = box->canvas->ascii || box->box.cut_right || box->box.hidden;
	int cols = box->box.cols - 1 - (right_edge ? 1 : 0);
	int col = box->area.col + box->box.col + 1;
	const struct request *request = box->picture->request;
	uint32_t op = box->item->op;
	size_t failed = op != ICICLE_REQUEST && (request->ops[op].flags & OP_FAILED) ? 1 : 0;
	int used;

	label[0] = '!';
	icicle_label(request, op, label + failed, sizeof(label) - failed);
	label_shorten(box->canvas, label, cols, text, sizeof(text));
	used = canvas_text(box->canvas, box->row, col, cols, label_style(box), text);
	if (used < cols)
		(void)canvas_text(box->canvas, box->row, col + used, 1, label_style(box), " ");
}

static void draw_eighths(const struct drawn_box *box)
{
	int col = box->box.col + box->box.cols;
	enum wait_kind kind;

	if (box->canvas->ascii || box->box.eighths == 0 || col >= box->area.cols)
		return;
	kind = kind_of_column(box, col);
	(void)canvas_text(box->canvas, box->row, box->area.col + col, 1,
			  is_function(box) && kind != WAIT_JS ? STYLE_DIM : wait_kind_edge(kind),
			  eighth_blocks[box->box.eighths]);
}

static void draw_box(const struct drawn_box *box)
{
	int last = box->box.col + box->box.cols - 1;

	fill(box);
	draw_eighths(box);
	if (box->box.cols >= LABEL_MIN_COLS) {
		draw_frame(box);
		draw_label(box);
	}
	if (box->box.hidden)
		(void)canvas_text(box->canvas, box->row, box->area.col + last, 1, label_style(box),
				  HIDES);
}

static void draw_row(const struct icicle_picture *picture, struct canvas *canvas, struct area area,
		     int row, uint32_t icicle_row_number)
{
	size_t count;
	const struct icicle_item *items = icicle_row(picture->icicle, icicle_row_number, &count);
	struct drawn_box box = {.picture = picture, .canvas = canvas, .area = area, .row = row};
	size_t i;

	icicle_place(&picture->window, items, count, picture->boxes);
	for (i = 0; i < count; i++) {
		box.item = &items[i];
		box.box = picture->boxes[i];
		box.selected = items[i].op == picture->selected;
		/* The selected one shows even where others hide it. */
		if (box.selected && !box.box.cols && box.box.col) {
			box.box.col--;
			box.box.cols = 1;
		}
		if (box.box.cols)
			draw_box(&box);
	}
}

void icicle_draw(const struct icicle_picture *picture, struct canvas *canvas, struct area area,
		 uint32_t top)
{
	int i;

	for (i = 0; i < area.rows && top + (uint32_t)i < icicle_rows(picture->icicle); i++)
		draw_row(picture, canvas, area, area.row + (picture->flame ? area.rows - 1 - i : i),
			 top + (uint32_t)i);
}

const struct icicle_item *icicle_at(const struct icicle_picture *picture, struct area area,
				    uint32_t top, int row, int col)
{
	int from_top = picture->flame ? area.row + area.rows - 1 - row : row - area.row;
	const struct icicle_item *items;
	size_t count, i;

	if (row < area.row || row >= area.row + area.rows ||
	    top + (uint32_t)from_top >= icicle_rows(picture->icicle))
		return NULL;
	items = icicle_row(picture->icicle, top + (uint32_t)from_top, &count);
	icicle_place(&picture->window, items, count, picture->boxes);
	for (i = 0; i < count; i++) {
		const struct icicle_box *box = &picture->boxes[i];

		if (box->cols && col >= area.col + box->col &&
		    col < area.col + box->col + box->cols + (box->eighths ? 1 : 0))
			return &items[i];
	}
	return NULL;
}

/* The smallest of 1, 2 and 5 times a power of ten that leaves room for the times. */
static uint64_t tick_step(const struct icicle_window *window)
{
	static const unsigned int factors[] = {2, 5, 10};
	uint64_t len = window->end_ns - window->start_ns;
	unsigned int ticks = (unsigned int)(window->cols / TICK_MIN_COLS);
	uint64_t decade = 1;
	uint64_t step = 1;
	unsigned int i = 0;

	if (ticks == 0)
		ticks = 1;
	while (step < len / ticks) {
		step = decade * factors[i];
		if (++i == ARRAY_SIZE(factors)) {
			i = 0;
			decade *= 10;
		}
	}
	return step;
}

/* A multiple of the step, in the largest unit that divides the step. */
static void print_tick(uint64_t ns, uint64_t step_ns, char *text)
{
	if (step_ns % NS_PER_SEC == 0)
		(void)snprintf(text, FORMAT_LEN, "%" PRIu64 "s", (uint64_t)(ns / NS_PER_SEC));
	else if (step_ns % NS_PER_MS == 0)
		(void)snprintf(text, FORMAT_LEN, "%" PRIu64 "ms", (uint64_t)(ns / NS_PER_MS));
	else if (step_ns % NS_PER_US == 0)
		(void)snprintf(text, FORMAT_LEN, "%" PRIu64 "us", (uint64_t)(ns / NS_PER_US));
	else
		(void)snprintf(text, FORMAT_LEN, "%" PRIu64 "ns", ns);
}

/* There is more to either side. */
static void draw_axis_ends(const struct icicle_picture *picture, struct canvas *canvas, int row,
			   int col)
{
	struct icicle_window extent = icicle_extent(picture->icicle);

	if (extent.start_ns < picture->window.start_ns)
		(void)canvas_text(canvas, row, col, 1, STYLE_STRONG, CUT_LEFT);
	if (extent.end_ns > picture->window.end_ns)
		(void)canvas_text(canvas, row, col + picture->window.cols - 1, 1, STYLE_STRONG,
				  CUT_RIGHT);
}

void icicle_draw_axis(const struct icicle_picture *picture, struct canvas *canvas, int row, int col)
{
	const struct icicle_window *window = &picture->window;
	uint64_t origin = picture->request->start_ns;
	uint64_t step = tick_step(window);
	uint64_t tick = window->start_ns > origin ? window->start_ns - origin : 0;
	char text[FORMAT_LEN];

	canvas_repeat(canvas, row, col, window->cols, STYLE_DIM, canvas->ascii ? "-" : "\u2500");
	tick = (tick + step - 1) / step * step;
	for (; origin + tick < window->end_ns; tick += step) {
		int at = (int)((__uint128_t)(origin + tick - window->start_ns) *
			       (unsigned int)window->cols / (window->end_ns - window->start_ns));

		print_tick(tick, step, text);
		(void)canvas_print(canvas, row, col + at, window->cols - at, STYLE_DIM, "%s%s",
				   canvas->ascii ? "|" : "\u252c", text);
	}
	draw_axis_ends(picture, canvas, row, col);
}
