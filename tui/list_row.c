/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/list_row.h"

#include <inttypes.h>
#include <string.h>

#include "aggregator/route.h"
#include "aggregator/text.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"

#define CELL_LEN   32
#define ROUTE_COLS 28
#define FIRST_COL  2 /* behind the marks of selection and tag */
#define BAR_LEFT   "\u2595"
#define BAR_RIGHT  "\u258f"
#define WORRYING_FLAGS \
	(REQUEST_ABORTED | REQUEST_PARTIAL | REQUEST_OPEN | REQUEST_LOSSY | REQUEST_FOLDED)
#define UNSORTED SORT_COLUMN_COUNT

struct list_column {
	const char *title;                                     /* NULL: that of the sort column */
	enum sort_column sort;                                 /* or UNSORTED */
	int width;                                             /* 0: the bar */
	int from_cols;                                         /* narrower screens do without */
	bool right;                                            /* aligned */
	bool several;                                          /* only of several processes */
	void (*print)(const struct list_row *row, char *text); /* into text[CELL_LEN] */
};

static void print_age(const struct list_row *row, char *text)
{
	uint64_t now_ns = app_now_ns(row->app);
	uint64_t end_ns = row->request->end_ns;

	if (row->arrival >= OPEN_ARRIVAL && row->request->flags & REQUEST_OPEN)
		(void)snprintf(text, CELL_LEN, "runs");
	else
		(void)format_age(now_ns > end_ns ? now_ns - end_ns : 0, text);
}

static void print_duration(const struct list_row *row, char *text)
{
	(void)format_duration(request_duration_ns(row->request), text);
}

static void print_part(uint64_t ns, char *text)
{
	if (ns)
		(void)format_duration(ns, text);
	else
		(void)snprintf(text, CELL_LEN, "-");
}

static void print_cpu(const struct list_row *row, char *text)
{
	print_part(row->request->cpu_ns, text);
}

static void print_loop(const struct list_row *row, char *text)
{
	print_part(row->request->label_ns[LABEL_LOOP], text);
}

static void print_queue(const struct list_row *row, char *text)
{
	print_part(row->request->label_ns[LABEL_POOL_QUEUE], text);
}

static void print_ops(const struct list_row *row, char *text)
{
	(void)format_count(row->request->n_ops_total, text);
}

static void print_status(const struct list_row *row, char *text)
{
	const struct request *request = row->request;
	char mark = request->flags & WORRYING_FLAGS ? '!' : ' ';

	if (request->flags & REQUEST_OPEN && row->arrival >= OPEN_ARRIVAL)
		(void)snprintf(text, CELL_LEN, "... ");
	else if (request->status)
		(void)snprintf(text, CELL_LEN, "%3" PRIu32 "%c", request->status, mark);
	else
		(void)snprintf(text, CELL_LEN, "---%c", mark);
}

static void print_method(const struct list_row *row, char *text)
{
	(void)snprintf(text, CELL_LEN, "%s", row->request->method);
}

static void print_pid(const struct list_row *row, char *text)
{
	(void)snprintf(text, CELL_LEN, "%" PRIu32, row->request->pid);
}

/* Cut in the middle of a character it would be no text: the canvas cuts by columns. */
static void print_route(const struct list_row *row, char *text)
{
	char name[ROUTE_MAX];
	const char *path;
	size_t len;

	(void)route_name(row->app->options.rules, row->request, name);
	path = strchr(name, ' '); /* the method has a column of its own */
	path = path ? path + 1 : name;
	len = strlen(path);
	if (len >= CELL_LEN)
		len = text_boundary(path, CELL_LEN - 1);
	memcpy(text, path, len);
	text[len] = '\0';
}

static const struct list_column columns[] = {
	{NULL, SORT_AGE, FORMAT_AGE_WIDTH, 60, true, false, print_age},
	{NULL, SORT_DURATION, FORMAT_DURATION_WIDTH, 0, true, false, print_duration},
	{"WHERE IT WENT", UNSORTED, 0, 52, false, false, NULL},
	{NULL, SORT_CPU, FORMAT_DURATION_WIDTH, 72, true, false, print_cpu},
	{NULL, SORT_LOOPQ, FORMAT_DURATION_WIDTH, 112, true, false, print_loop},
	{NULL, SORT_POOLQ, FORMAT_DURATION_WIDTH, 112, true, false, print_queue},
	{NULL, SORT_OPS, FORMAT_COUNT_WIDTH, 66, true, false, print_ops},
	{NULL, SORT_STATUS, 4, 0, true, false, print_status},
	{"PID", UNSORTED, 7, 66, true, true, print_pid},
	{NULL, SORT_METHOD, 7, 46, false, false, print_method},
	{"ROUTE", UNSORTED, ROUTE_COLS, 150, false, false, print_route},
};

static int bar_width(int cols)
{
	int width = cols / 5 - (cols < 100 ? 1 : 0);

	return width < WAIT_BAR_MAX ? width : WAIT_BAR_MAX;
}

/* Without the gap behind it; 0 when the column is not shown. */
static int column_width(const struct app *app, const struct list_column *column, int cols)
{
	if (cols < column->from_cols || (column->several && app->status.n_pids < 2))
		return 0;
	return column->width ? column->width : bar_width(cols) + 2;
}

static void draw_cell(struct canvas *canvas, struct area cell, enum style style, const char *text,
		      bool right)
{
	int unused = cell.cols - canvas_width(canvas, text);

	if (right && unused > 0)
		cell.col += unused;
	(void)canvas_text(canvas, cell.row, cell.col,
			  cell.cols - (right && unused > 0 ? unused : 0), style, text);
}

void list_row_heads(const struct app *app, struct canvas *canvas, int row, int cols)
{
	const struct list_state *list = &app->list;
	char title[CELL_LEN];
	int col = FIRST_COL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct list_column *column = &columns[i];
		int width = column_width(app, column, cols);
		const char *mark = list->largest_first ? " v" : " ^";

		if (!width)
			continue;
		(void)snprintf(title, sizeof(title), "%s%s",
			       column->title ? column->title : sort_column_title(column->sort),
			       column->sort == list->column ? mark : "");
		draw_cell(canvas, (struct area){row, col, 1, width}, STYLE_HEAD, title,
			  column->right);
		col += width + 1;
	}
	(void)canvas_print(canvas, row, col, cols - col, STYLE_HEAD, "%s%s",
			   sort_column_title(SORT_PATH),
			   list->column != SORT_PATH ? ""
			   : list->largest_first     ? " v"
						     : " ^");
}

enum sort_column list_row_column_at(const struct app *app, int cols, int at)
{
	int col = FIRST_COL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		int width = column_width(app, &columns[i], cols);

		if (!width)
			continue;
		if (at < col + width)
			return columns[i].sort;
		col += width + 1;
	}
	return SORT_PATH;
}

static void draw_bar(const struct list_row *row, int col, int width)
{
	enum style edge = row->selected ? STYLE_SELECTED : STYLE_DIM;
	bool ascii = row->canvas->ascii;
	const uint8_t *kinds;
	int i, err;

	(void)canvas_text(row->canvas, row->row, col, 1, edge, ascii ? "[" : BAR_LEFT);
	(void)canvas_text(row->canvas, row->row, col + 1 + width, 1, edge, ascii ? "]" : BAR_RIGHT);
	err = wait_bar(row->app->list.bars, row->request, row->arrival, width, &kinds);
	if (err == -ENOMEM)
		row->app->short_of_memory = true;
	for (i = 0; !err && i < width; i++) {
		enum wait_kind kind = (enum wait_kind)kinds[i];

		(void)canvas_print(row->canvas, row->row, col + 1 + i, 1, wait_kind_style(kind),
				   "%c", wait_kind_letter(kind));
	}
}

static enum style cell_style(const struct list_row *row, const struct list_column *column)
{
	if (row->selected)
		return STYLE_SELECTED;
	if (column->sort != SORT_STATUS || row->request->status < 400)
		return STYLE_PLAIN;
	return row->request->status < 500 ? STYLE_WARN : STYLE_BAD;
}

/* The path, or why nobody knows it. */
static void draw_path(const struct list_row *row, int col, int cols)
{
	const char *unseen = request_unseen(row->request);
	enum style style = row->selected ? STYLE_SELECTED : STYLE_PLAIN;

	if (unseen)
		(void)canvas_text(row->canvas, row->row, col, cols,
				  row->selected ? style : STYLE_DIM, unseen);
	else
		(void)canvas_text(row->canvas, row->row, col, cols, style,
				  canvas_skip(row->canvas, row->request->url,
					      row->app->list.scroll));
}

static void draw_request(const struct list_row *row, int cols)
{
	char text[CELL_LEN];
	int col = FIRST_COL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct list_column *column = &columns[i];
		int width = column_width(row->app, column, cols);

		if (!width)
			continue;
		if (column->print) {
			column->print(row, text);
			draw_cell(row->canvas, (struct area){row->row, col, 1, width},
				  cell_style(row, column), text, column->right);
		} else {
			draw_bar(row, col, width - 2);
		}
		col += width + 1;
	}
	draw_path(row, col, cols - col);
}

void list_row_draw(const struct list_row *row, int cols)
{
	if (row->selected)
		canvas_field(row->canvas, row->row, 0, cols, STYLE_SELECTED, ">");
	if (row->tagged)
		(void)canvas_text(row->canvas, row->row, 1, 1,
				  row->selected ? STYLE_SELECTED : STYLE_WARN, "*");
	if (row->request)
		draw_request(row, cols);
	else
		(void)canvas_text(row->canvas, row->row, 2, cols - 2,
				  row->selected ? STYLE_SELECTED : STYLE_DIM, "(no longer kept)");
}
