/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/routes_table.h"

#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"

#define NAME_MIN 16

struct column {
	const char *title;
	int width;
	int from_cols;
	void (*print)(const struct route_stats *route, char *text); /* into text[FORMAT_LEN] */
};

static void print_count(const struct route_stats *route, char *text)
{
	(void)format_count(route->durations.count, text);
}

static void print_p50(const struct route_stats *route, char *text)
{
	(void)format_duration(histogram_quantile(&route->durations, 500), text);
}

static void print_p90(const struct route_stats *route, char *text)
{
	(void)format_duration(histogram_quantile(&route->durations, 900), text);
}

static void print_p99(const struct route_stats *route, char *text)
{
	(void)format_duration(histogram_quantile(&route->durations, 990), text);
}

static void print_max(const struct route_stats *route, char *text)
{
	(void)format_duration(route->durations.max_ns, text);
}

static void print_share(const struct route_stats *route, uint64_t part_ns, char *text)
{
	uint64_t whole = route->durations.sum_ns;

	if (whole)
		(void)snprintf(text, FORMAT_LEN, "%" PRIu64,
			       (uint64_t)((__uint128_t)part_ns * 100 / whole));
	else
		(void)snprintf(text, FORMAT_LEN, "-");
}

static void print_js(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_JS], text);
}

static void print_loop(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_LOOP], text);
}

static void print_pool_queue(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_POOL_QUEUE], text);
}

static void print_pool(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_POOL], text);
}

static void print_io(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_IO], text);
}

static void print_timer(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_TIMER], text);
}

static void print_gc(const struct route_stats *route, char *text)
{
	print_share(route, route->label_ns[LABEL_GC], text);
}

static void print_errors(const struct route_stats *route, char *text)
{
	uint64_t tenths =
		route->errors * 1000 / (route->durations.count ? route->durations.count : 1);

	(void)snprintf(text, FORMAT_LEN, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

static const struct column columns[] = {
	{"N", FORMAT_COUNT_WIDTH, 0, print_count},
	{"p50", FORMAT_DURATION_WIDTH, 50, print_p50},
	{"p90", FORMAT_DURATION_WIDTH, 100, print_p90},
	{"p99", FORMAT_DURATION_WIDTH, 0, print_p99},
	{"MAX", FORMAT_DURATION_WIDTH, 90, print_max},
	{"JS%", 4, 70, print_js},
	{"LOOP%", 5, 60, print_loop},
	{"QUEUE%", 6, 80, print_pool_queue},
	{"POOL%", 5, 100, print_pool},
	{"NET%", 4, 76, print_io},
	{"TIMER%", 6, 110, print_timer},
	{"GC%", 4, 80, print_gc},
	{"ERR%", 5, 70, print_errors},
};

static const char *sort_title(enum route_sort sort)
{
	static const char *const titles[] = {
#define ROUTE_SORT_TITLE(name, title) [ROUTE_SORT_##name] = (title),
		ROUTE_SORTS(ROUTE_SORT_TITLE)
#undef ROUTE_SORT_TITLE
	};

	return titles[sort];
}

/* Of the whole table without the name. */
static int columns_width(int cols)
{
	int width = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		if (cols >= columns[i].from_cols)
			width += columns[i].width + 1;
	}
	return width;
}

static int name_width(int cols)
{
	int width = cols - columns_width(cols) - 3;

	return width > NAME_MIN ? width : NAME_MIN;
}

static void draw_heads(const struct routes_state *state, struct canvas *canvas, struct area area)
{
	int col = 2 + name_width(area.cols);
	size_t i;

	(void)canvas_text(canvas, area.row, 2, col - 2, STYLE_HEAD, "ROUTE");
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		bool sorted = !strcmp(columns[i].title, sort_title(state->sort));

		if (area.cols < columns[i].from_cols)
			continue;
		col += 1;
		(void)canvas_print(canvas, area.row, col, columns[i].width,
				   sorted ? STYLE_TITLE : STYLE_HEAD, "%*s", columns[i].width,
				   columns[i].title);
		col += columns[i].width;
	}
}

static void draw_route(const struct route_stats *route, struct canvas *canvas, struct area row,
		       bool selected)
{
	enum style style = selected ? STYLE_SELECTED : STYLE_PLAIN;
	int col = 2 + name_width(row.cols);
	char text[FORMAT_LEN];
	size_t i;

	if (selected)
		canvas_field(canvas, row.row, 0, row.cols, style, ">");
	(void)canvas_text(canvas, row.row, 2, col - 2, style, route->name);
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		if (row.cols < columns[i].from_cols)
			continue;
		columns[i].print(route, text);
		col += 1;
		(void)canvas_print(canvas, row.row, col, columns[i].width, style, "%*s",
				   columns[i].width, text);
		col += columns[i].width;
	}
}

void routes_table_draw(struct app *app, struct canvas *canvas, struct area area)
{
	struct routes_state *state = &app->routes;
	size_t place, i;
	char count[FORMAT_LEN];

	(void)routes_state_selected(state, &place);
	state->page = area.rows > 2 ? (size_t)area.rows - 2 : 1;
	if (place < state->top)
		state->top = place;
	if (place >= state->top + state->page)
		state->top = place - state->page + 1;
	(void)canvas_print(canvas, area.row, 1, area.cols - 1, STYLE_STRONG,
			   "%s routes  by %s  window: %s%s", format_count(state->n_order, count),
			   sort_title(state->sort), routes_state_window(state),
			   state->missed ? ", some were gone before they were counted" : "");
	draw_heads(state, canvas, (struct area){area.row + 1, 0, 1, area.cols});
	for (i = 0; i < state->page && state->top + i < state->n_order; i++)
		draw_route(routes_at(routes_state_shown(state), state->order[state->top + i]),
			   canvas, (struct area){area.row + 2 + (int)i, 0, 1, area.cols},
			   state->top + i == place);
}
