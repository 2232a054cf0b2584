/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The requests that have finished, one a row. */
#include <inttypes.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/chrome.h"
#include "tui/format.h"
#include "tui/list_choose.h"
#include "tui/list_row.h"

#define SCROLL_STEP    8
#define SCROLL_MAX     4096
#define ROWS_OF_LEGEND 10 /* fewer rows have no legend */
/* Bars of large requests appear one drawing later. */
#define BAR_OPS_PER_DRAW 10000

/* By time: behind those in flight, which have no end yet. */
static size_t newest_place(const struct list_state *list, size_t count)
{
	size_t n_open = request_index_open_count(list->index);

	if (n_open >= count)
		n_open = count - 1;
	return list->largest_first ? n_open : count - 1 - n_open;
}

/* Place of the request that the selection follows. */
static size_t followed_place(const struct app *app, size_t count)
{
	const struct list_state *list = &app->list;
	size_t place = 0;

	if (list->follow == FOLLOW_FIRST)
		return 0;
	if (list->column == SORT_AGE)
		return newest_place(list, count);
	(void)request_index_find(list->index, store_added(app->store) - 1, &place);
	return place;
}

/* Where the selected request is now; what was shed leaves the selection where it was. */
static size_t selected_place(const struct app *app, size_t count)
{
	const struct list_state *list = &app->list;
	size_t place = list->place;

	if (list->follow != FOLLOW_NOTHING && !app->frozen)
		return followed_place(app, count);
	(void)request_index_find(list->index, list->selected, &place);
	return place < count ? place : count - 1;
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
	list_select(list, place);
	if (list->top > place)
		list->top = place;
	if (place >= list->top + page)
		list->top = place - page + 1;
	if (list->top + page > count)
		list->top = count > page ? count - page : 0;
}

static const char *follow_text(const struct list_state *list)
{
	if (list->follow == FOLLOW_NOTHING)
		return "";
	return list->follow == FOLLOW_NEWEST ? "  following the newest" : "  following the first";
}

/* How many of how many are shown. */
static int draw_count(const struct app *app, struct canvas *canvas, int row, int cols)
{
	size_t n_open = request_index_open_count(app->list.index);
	size_t shown = request_index_count(app->list.index) - n_open;
	size_t kept = store_count(app->store) + open_set_answered(app->open);
	char a[FORMAT_LEN];
	char b[FORMAT_LEN];
	int col = 1;

	col += canvas_print(canvas, row, col, cols - col, STYLE_STRONG, "%s request%s",
			    format_count(shown, a), shown == 1 ? "" : "s");
	if (app->list.filter)
		col += canvas_print(canvas, row, col, cols - col, STYLE_PLAIN, " of %s",
				    format_count(kept, b));
	if (n_open)
		col += canvas_print(canvas, row, col, cols - col, STYLE_STRONG, " and %s in flight",
				    format_count(n_open, b));
	if (store_shed(app->store))
		col += canvas_print(canvas, row, col, cols - col, STYLE_PLAIN,
				    ", %s older ones gone",
				    format_count(store_shed(app->store), b));
	if (app->list.tags.count)
		col += canvas_print(canvas, row, col, cols - col, STYLE_WARN, "  %s tagged",
				    format_count(app->list.tags.count, a));
	return col;
}

static void draw_summary(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct list_state *list = &app->list;
	int col = draw_count(app, canvas, area.row, area.cols);

	if (app->options.filter)
		col += canvas_print(canvas, area.row, col, area.cols / 3, STYLE_PLAIN,
				    "  of those with %s", app->options.filter);
	if (list->filter)
		col += canvas_print(canvas, area.row, col, area.cols / 3, STYLE_WARN, "  filter %s",
				    list->filter_text);
	(void)canvas_print(canvas, area.row, col, area.cols - col, STYLE_PLAIN, "  %s%s",
			   sort_column_order(list->column, list->largest_first), follow_text(list));
}

static void draw_empty(const struct app *app, struct canvas *canvas, struct area area)
{
	const char *text = app->list.filter && store_count(app->store)
				   ? "No request passes the filter. Esc removes it."
			   : app->status.state == APP_LIVE
				   ? "No request has finished yet. Those that do appear here."
				   : "There is no request.";

	(void)canvas_text(canvas, area.row + 3, area.col + 2, area.cols - 2, STYLE_DIM, text);
	if (app->status.n_below && !store_added(app->store) && area.rows > 4)
		(void)canvas_print(canvas, area.row + 4, area.col + 2, area.cols - 2, STYLE_WARN,
				   "%" PRIu32 " Node.js below this one: --follow traces them too.",
				   app->status.n_below);
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
			.request = app_request(app, arrival),
			.arrival = arrival,
			.row = area.row + 2 + i,
			.selected = place == list->place,
			.tagged = tags_has(&list->tags, arrival),
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

	list->follow = FOLLOW_NOTHING;
	if (count == 0)
		return;
	if (place >= count)
		place = count - 1;
	if (place < 0)
		place = 0;
	list_select(list, (size_t)place);
}

uint64_t list_step(struct app *app, int step)
{
	struct list_state *list = &app->list;
	size_t count;

	app_refresh_index(app);
	count = request_index_count(list->index);
	if (count == 0)
		return NO_ARRIVAL;
	list->follow = FOLLOW_NOTHING;
	go(app, (int64_t)selected_place(app, count) + step);
	return list->selected;
}

void list_sort(struct app *app, enum sort_column column, bool largest_first)
{
	struct list_state *list = &app->list;

	list->column = column;
	list->largest_first = largest_first;
	list->top = 0;
	request_index_sort(list->index, list->column, list->largest_first);
	if (request_index_count(list->index))
		list_select(list, 0);
}

static void sort_by_other(struct app *app, int step)
{
	unsigned int count = SORT_COLUMN_COUNT;
	enum sort_column column =
		(enum sort_column)((app->list.column + count + (unsigned int)step) % count);

	app->list.follow = FOLLOW_NOTHING;
	list_sort(app, column, sort_column_largest_first(column));
}

static void invert(struct app *app)
{
	list_sort(app, app->list.column, !app->list.largest_first);
}

/* The newest, then the slowest, then nothing. */
static void follow_next(struct app *app)
{
	struct list_state *list = &app->list;

	if (list->follow == FOLLOW_NEWEST) {
		list_sort(app, SORT_DURATION, true);
		list->follow = FOLLOW_FIRST;
	} else {
		list->follow = list->follow == FOLLOW_NOTHING ? FOLLOW_NEWEST : FOLLOW_NOTHING;
	}
}

static void open_selected(struct app *app)
{
	int err;

	if (request_index_count(app->list.index) == 0)
		return;
	err = request_open(app, app->list.selected);
	if (err == -ENOENT)
		app_notice(app, "this request is gone");
	if (err == -ENOMEM)
		app->short_of_memory = true;
	if (!err)
		app_push(app, VIEW_REQUEST);
}

static void click_head(struct app *app, int cols, int col)
{
	enum sort_column column = list_row_column_at(app, cols, col);

	if (column == SORT_COLUMN_COUNT)
		return;
	app->list.follow = FOLLOW_NOTHING;
	if (column == app->list.column)
		invert(app);
	else
		list_sort(app, column, sort_column_largest_first(column));
}

/* A second click opens. */
static void click(struct app *app, struct area area, int row, int col)
{
	struct list_state *list = &app->list;
	size_t place = list->top + (size_t)(row - area.row - 2);

	if (row == area.row + 1)
		click_head(app, area.cols, col);
	if (row < area.row + 2 || row >= area.row + 2 + (int)list->page ||
	    place >= request_index_count(list->index))
		return;
	if (place == list->place)
		open_selected(app);
	list->follow = FOLLOW_NOTHING;
	list_select(list, place);
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

static bool change_order(struct app *app, enum action action)
{
	if (action == ACTION_SORT)
		sort_by_other(app, 1);
	else if (action == ACTION_SORT_BACK)
		sort_by_other(app, -1);
	else if (action == ACTION_INVERT)
		invert(app);
	else if (action == ACTION_FOLLOW)
		follow_next(app);
	else
		return false;
	return true;
}

static bool choose(struct app *app, enum action action)
{
	if (action == ACTION_OPEN)
		open_selected(app);
	else if (action == ACTION_TAG)
		list_tag(app);
	else if (action == ACTION_TAG_ROUTE)
		list_tag_route(app);
	else if (action == ACTION_OUT && app->list.filter)
		list_filter(app, NULL, "");
	else
		return action == ACTION_OUT;
	return true;
}

static bool act(struct app *app, enum action action)
{
	if (move(app, action) || change_order(app, action) || choose(app, action))
		return true;
	if (action == ACTION_LEFT)
		scroll(&app->list, -SCROLL_STEP);
	else if (action == ACTION_RIGHT)
		scroll(&app->list, SCROLL_STEP);
	else
		return false;
	return true;
}

const struct view_ops view_list = {
	.name = "requests",
	.screen = ON_LIST,
	.draw = draw,
	.act = act,
	.search = list_search,
	.click = click,
};
