/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The requests that have finished, one a row. */
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/chrome.h"
#include "tui/format.h"
#include "tui/list_row.h"

#define SCROLL_STEP    8
#define SCROLL_MAX     4096
#define ROWS_OF_LEGEND 10 /* fewer rows have no legend */
/* Bars of large requests appear one drawing later. */
#define BAR_OPS_PER_DRAW 10000

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
	size_t kept = request_index_count(list->index);
	char count[FORMAT_LEN];
	char shed[FORMAT_LEN];
	int col = area.col + 1;

	col += canvas_print(canvas, area.row, col, area.cols - col, STYLE_STRONG, "%s request%s",
			    format_count(kept, count), kept == 1 ? "" : "s");
	if (store_shed(app->store))
		col += canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN,
				    ", %s older ones gone",
				    format_count(store_shed(app->store), shed));
	if (app->options.filter)
		col += canvas_print(canvas, area.row, col, area.cols / 3, STYLE_PLAIN,
				    "  filter %s", app->options.filter);
	(void)canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN, "  %s%s",
			   sort_column_order(list->column, list->largest_first),
			   list->follow ? "  following the newest" : "");
}

static void draw_empty(const struct app *app, struct canvas *canvas, struct area area)
{
	const char *text = app->status.state == APP_LIVE
				   ? "No request has finished yet. Those that do appear here."
				   : "There is no request.";

	(void)canvas_text(canvas, area.row + 3, area.col + 2, area.cols - 2, STYLE_DIM, text);
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
	wait_bar_cache_begin(list->bars, BAR_OPS_PER_DRAW);
	count = request_index_count(list->index);
	draw_summary(app, canvas, area);
	list_row_heads(app, canvas, area.row + 1, area.cols);
	if (count == 0)
		draw_empty(app, canvas, area);
	for (i = 0; i < rows && list->top + (size_t)i < count; i++) {
		size_t place = list->top + (size_t)i;
		uint64_t arrival = request_index_at(list->index, place);
		struct list_row row = {
			.app = app,
			.canvas = canvas,
			.request = request_by_arrival(app->store, arrival),
			.arrival = arrival,
			.row = area.row + 2 + i,
			.selected = place == list->place,
		};

		list_row_draw(&row, area.cols);
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
	list->largest_first = true;
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
	if (list->scroll > SCROLL_MAX)
		list->scroll = SCROLL_MAX;
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
