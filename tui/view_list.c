/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The requests that have finished, one a row. */
#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/chrome.h"
#include "tui/format.h"

#define CELL_LEN	32
#define SCROLL_STEP	8
#define ROWS_OF_LEGEND	10 /* fewer rows have no legend */
#define BAR_LEFT	"\u2595"
#define BAR_RIGHT	"\u258f"
#define WORRYING_FLAGS	(REQUEST_ABORTED | REQUEST_PARTIAL | REQUEST_OPEN | REQUEST_LOSSY | REQUEST_FOLDED)
#define UNSORTED	SORT_COLUMN_COUNT

/* What a row is drawn from. */
struct list_row {
	struct app *app;
	struct canvas *canvas;
	const struct request *request;
	uint64_t arrival;
	int row;
	bool selected;
};

struct list_column {
	const char *title;
	int width;		/* 0: the bar */
	int from_cols;		/* narrower screens do without */
	enum sort_column sort;	/* or UNSORTED */
	bool right;		/* aligned */
	void (*print)(const struct list_row *row, char *text); /* into text[CELL_LEN] */
};

static void print_age(const struct list_row *row, char *text)
{
	uint64_t now_ns = app_now_ns(row->app);
	uint64_t end_ns = row->request->end_ns;

	(void)format_age(now_ns > end_ns ? now_ns - end_ns : 0, text);
}

static void print_duration(const struct list_row *row, char *text)
{
	(void)format_duration(request_duration_ns(row->request), text);
}

static void print_cpu(const struct list_row *row, char *text)
{
	(void)format_duration(row->request->cpu_ns, text);
}

static void print_ops(const struct list_row *row, char *text)
{
	(void)format_count(row->request->n_ops_total, text);
}

static void print_status(const struct list_row *row, char *text)
{
	const struct request *request = row->request;
	char mark = request->flags & WORRYING_FLAGS ? '!' : ' ';

	if (request->status)
		(void)snprintf(text, CELL_LEN, "%3" PRIu32 "%c", request->status, mark);
	else
		(void)snprintf(text, CELL_LEN, "---%c", mark);
}

static void print_method(const struct list_row *row, char *text)
{
	(void)snprintf(text, CELL_LEN, "%s", row->request->method);
}

static const struct list_column columns[] = {
	{"AGO", FORMAT_AGE_WIDTH, 60, SORT_AGE, true, print_age},
	{"TIME", FORMAT_DURATION_WIDTH, 0, SORT_DURATION, true, print_duration},
	{"WHERE IT WENT", 0, 52, UNSORTED, false, NULL},
	{"CPU", FORMAT_DURATION_WIDTH, 72, SORT_CPU, true, print_cpu},
	{"OPS", FORMAT_COUNT_WIDTH, 66, SORT_OPS, true, print_ops},
	{"ST", 4, 0, SORT_STATUS, true, print_status},
	{"METHOD", 7, 46, UNSORTED, false, print_method},
};

static int bar_width(int cols)
{
	int width = cols >= 100 ? cols / 4 : cols / 5 - 1;

	return width < WAIT_BAR_MAX ? width : WAIT_BAR_MAX;
}

/* Without the gap behind it; 0 when the column is not shown. */
static int column_width(const struct list_column *column, int cols)
{
	if (cols < column->from_cols)
		return 0;
	return column->width ? column->width : bar_width(cols) + 2;
}

static void draw_cell(struct canvas *canvas, int row, int col, int width, enum style style,
		      const char *text, bool right)
{
	int used = canvas_width(canvas, text);

	if (right && used < width)
		col += width - used;
	(void)canvas_text(canvas, row, col, right && used < width ? used : width, style, text);
}

static void draw_heads(const struct app *app, struct canvas *canvas, int row, int cols)
{
	const struct list_state *list = &app->list;
	char title[CELL_LEN];
	int col = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct list_column *column = &columns[i];
		int width = column_width(column, cols);
		const char *mark = list->largest_first ? " v" : " ^";

		if (!width)
			continue;
		(void)snprintf(title, sizeof(title), "%s%s", column->title,
			       column->sort == list->column ? mark : "");
		draw_cell(canvas, row, col, width, STYLE_HEAD, title, column->right);
		col += width + 1;
	}
	(void)canvas_text(canvas, row, col, cols - col, STYLE_HEAD, "PATH");
}

static void draw_bar(const struct list_row *row, int col, int width)
{
	enum style edge = row->selected ? STYLE_SELECTED : STYLE_DIM;
	bool ascii = row->canvas->ascii;
	const uint8_t *kinds = wait_bar(row->app->list.bars, row->request, row->arrival, width);
	int i;

	(void)canvas_text(row->canvas, row->row, col, 1, edge, ascii ? "[" : BAR_LEFT);
	(void)canvas_text(row->canvas, row->row, col + 1 + width, 1, edge, ascii ? "]" : BAR_RIGHT);
	if (!kinds)
		row->app->short_of_memory = true;
	for (i = 0; kinds && i < width; i++) {
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

static void draw_request(const struct list_row *row, int cols)
{
	char text[CELL_LEN];
	int col = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct list_column *column = &columns[i];
		int width = column_width(column, cols);

		if (!width)
			continue;
		if (column->print) {
			column->print(row, text);
			draw_cell(row->canvas, row->row, col, width, cell_style(row, column), text,
				  column->right);
		} else {
			draw_bar(row, col, width - 2);
		}
		col += width + 1;
	}
	(void)canvas_text(row->canvas, row->row, col, cols - col,
			  row->selected ? STYLE_SELECTED : STYLE_PLAIN,
			  canvas_skip(row->canvas, row->request->url, row->app->list.scroll));
}

static void draw_row(struct list_row *row, int cols)
{
	row->request = request_by_arrival(row->app->store, row->arrival);
	if (row->selected)
		canvas_field(row->canvas, row->row, 0, cols, STYLE_SELECTED, ">");
	if (row->request)
		draw_request(row, cols);
	else
		(void)canvas_text(row->canvas, row->row, 2, cols - 2,
				  row->selected ? STYLE_SELECTED : STYLE_DIM, "(no longer kept)");
}

/* Place of the newest request, which the selection follows. */
static size_t newest_place(const struct app *app, size_t count)
{
	const struct list_state *list = &app->list;
	size_t place = 0;

	if (list->column == SORT_AGE)
		return list->largest_first ? 0 : count - 1;
	(void)request_index_find(list->index, store_added(app->store) - 1, &place);
	return place;
}

/* Where the selected request is now; what was shed leaves the selection where it was. */
static size_t selected_place(const struct app *app, size_t count)
{
	const struct list_state *list = &app->list;
	size_t place = list->place;

	if (list->follow && !app->frozen)
		return newest_place(app, count);
	(void)request_index_find(list->index, list->selected, &place);
	return place < count ? place : count - 1;
}

static void select_place(struct list_state *list, size_t place)
{
	list->place = place;
	list->selected = request_index_at(list->index, place);
}

/* Keeps the selection on the screen, and where it was on it unless the list stands at its start. */
static void settle(struct app *app, size_t page)
{
	struct list_state *list = &app->list;
	size_t count = request_index_count(list->index);
	size_t place;

	list->page = page;
	if (count == 0) {
		list->top = 0;
		list->place = 0;
		return;
	}
	place = selected_place(app, count);
	if (list->top && place + list->top >= list->place)
		list->top = place + list->top - list->place;
	select_place(list, place);
	if (list->top > place)
		list->top = place;
	if (place >= list->top + page)
		list->top = place - page + 1;
	if (list->top + page > count)
		list->top = count > page ? count - page : 0;
}

static void draw_summary(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct list_state *list = &app->list;
	char count[FORMAT_LEN];
	char shed[FORMAT_LEN];
	int col = area.col + 1;

	col += canvas_print(canvas, area.row, col, area.cols - col, STYLE_STRONG, "%s requests",
			    format_count(request_index_count(list->index), count));
	if (store_shed(app->store))
		col += canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN,
				    ", %s older ones gone", format_count(store_shed(app->store), shed));
	col += canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN, "  by %s %s%s",
			    sort_column_title(list->column), list->largest_first ? "v" : "^",
			    list->follow ? "  following the newest" : "");
	if (app->options.filter)
		(void)canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN,
				   "  filter: %s", app->options.filter);
}

static void draw_empty(const struct app *app, struct canvas *canvas, struct area area)
{
	const char *text = app->status.state == APP_LIVE ?
				   "No request has finished yet. Those that do appear here." :
				   "There is no request.";

	(void)canvas_text(canvas, area.row + 1, area.col + 2, area.cols - 2, STYLE_DIM, text);
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	struct list_state *list = &app->list;
	bool legend = area.rows >= ROWS_OF_LEGEND;
	int rows = area.rows - 2 - (legend ? 1 : 0);
	size_t count;
	int i;

	app_refresh_index(app);
	settle(app, (size_t)rows);
	count = request_index_count(list->index);
	draw_summary(app, canvas, area);
	draw_heads(app, canvas, area.row + 1, area.cols);
	if (count == 0)
		draw_empty(app, canvas, area);
	for (i = 0; i < rows && list->top + (size_t)i < count; i++) {
		size_t place = list->top + (size_t)i;
		struct list_row row = {
			.app = app,
			.canvas = canvas,
			.arrival = request_index_at(list->index, place),
			.row = area.row + 2 + i,
			.selected = place == list->place,
		};

		draw_row(&row, area.cols);
	}
	if (legend)
		chrome_legend(canvas, area.row + area.rows - 1, 1, area.cols - 1, NULL);
}

/* Moves the selection to this place, or as near as there is one. */
static void go(struct app *app, int64_t place)
{
	struct list_state *list = &app->list;
	int64_t count = (int64_t)request_index_count(list->index);

	list->follow = false;
	if (count == 0)
		return;
	if (place >= count)
		place = count - 1;
	if (place < 0)
		place = 0;
	select_place(list, (size_t)place);
}

uint64_t list_step(struct app *app, int step)
{
	struct list_state *list = &app->list;
	size_t count;

	app_refresh_index(app);
	count = request_index_count(list->index);
	if (count == 0)
		return NO_ARRIVAL;
	list->follow = false;
	go(app, (int64_t)selected_place(app, count) + step);
	return list->selected;
}

static void sort_by_next(struct app *app)
{
	struct list_state *list = &app->list;

	list->column = (enum sort_column)((list->column + 1) % SORT_COLUMN_COUNT);
	list->largest_first = sort_column_largest_first(list->column);
	list->follow = false;
	list->top = 0;
	request_index_sort(list->index, list->column, list->largest_first);
	if (request_index_count(list->index))
		select_place(list, 0);
}

static void invert(struct app *app)
{
	struct list_state *list = &app->list;

	list->largest_first = !list->largest_first;
	list->top = 0;
	request_index_sort(list->index, list->column, list->largest_first);
	if (request_index_count(list->index))
		select_place(list, 0);
}

static void open_selected(struct app *app)
{
	int err;

	if (request_index_count(app->list.index) == 0)
		return;
	err = request_open(app, app->list.selected);
	if (err == -ENOMEM)
		app->short_of_memory = true;
	if (!err)
		app_push(app, VIEW_REQUEST);
}

static void scroll(struct list_state *list, int cols)
{
	list->scroll += cols;
	if (list->scroll < 0)
		list->scroll = 0;
	if (list->scroll > 4096)
		list->scroll = 4096;
}

static bool move(struct app *app, enum action action)
{
	struct list_state *list = &app->list;
	int64_t place = (int64_t)list->place;
	int64_t page = list->page > 1 ? (int64_t)list->page - 1 : 1;

	if (action == ACTION_UP)
		go(app, place - 1);
	else if (action == ACTION_DOWN)
		go(app, place + 1);
	else if (action == ACTION_PAGE_UP)
		go(app, place - page);
	else if (action == ACTION_PAGE_DOWN)
		go(app, place + page);
	else if (action == ACTION_FIRST)
		go(app, 0);
	else if (action == ACTION_LAST)
		go(app, INT64_MAX);
	else
		return false;
	return true;
}

static bool act(struct app *app, enum action action)
{
	if (move(app, action))
		return true;
	if (action == ACTION_LEFT)
		scroll(&app->list, -SCROLL_STEP);
	else if (action == ACTION_RIGHT)
		scroll(&app->list, SCROLL_STEP);
	else if (action == ACTION_SORT)
		sort_by_next(app);
	else if (action == ACTION_INVERT)
		invert(app);
	else if (action == ACTION_FOLLOW)
		app->list.follow = !app->list.follow;
	else if (action == ACTION_OPEN)
		open_selected(app);
	else
		return false;
	return true;
}

const struct view_ops view_list = {
	.name = "requests",
	.screen = ON_LIST,
	.draw = draw,
	.act = act,
};
