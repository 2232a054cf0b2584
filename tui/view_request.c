/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One request: its operations as an icicle on a time axis, and the details of the selected one. */
#include <inttypes.h>
#include <string.h>

#include "aggregator/compress.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/around_draw.h"
#include "tui/chrome.h"
#include "tui/details.h"
#include "tui/format.h"
#include "tui/icicle_draw.h"
#include "tui/request_move.h"
#include "tui/request_path.h"
#include "tui/request_renew.h"
#include "tui/timeline.h"

#define ROWS_ABOVE       3 /* what it is, the sums, the axis */
#define DETAILS_MAX_ROWS 14
#define PATH_MIN_ROWS    18 /* smaller screens do without */
#define PATH_MAX_LINES   6
#define LABEL_LEN        512
#define FLAGS_LEN        160

/* How the area is shared out. */
struct parts {
	struct area icicle; /* without the names of the lanes, to the left */
	struct area around; /* lanes; no rows: they are not shown */
	struct area path;   /* its head included; no rows: it is not shown */
	int separator;      /* row */
	struct area details;
};

void request_done(struct request_state *state)
{
	icicle_free(state->icicle);
	timeline_free(state->timeline);
	request_free(state->compressed);
	free(state->boxes);
	memset(state, 0, sizeof(*state));
	state->arrival = NO_ARRIVAL;
}

int request_focus_on(struct request_state *state, const struct request *request, uint32_t root,
		     uint32_t selected)
{
	struct icicle *icicle;
	int err;

	err = icicle_new(request, root, &icicle);
	if (err)
		return err;
	icicle_free(state->icicle);
	state->icicle = icicle;
	state->window = icicle_home(icicle);
	state->focus = (struct focus){.root = root, .selected = selected};
	state->top = 0;
	state->details_top = 0;
	return 0;
}

int request_open(struct app *app, uint64_t arrival)
{
	const struct request *request = app_request(app, arrival);
	const uint32_t rules = app->each ? COMPRESS_NONE : app->options.collapse;
	struct request_state next = {.arrival = arrival};
	int err;

	if (!request)
		return -ENOENT;
	next.boxes = calloc((size_t)request->n_ops + 1, sizeof(*next.boxes));
	err = next.boxes ? timeline_new(request, &next.timeline) : -ENOMEM;
	if (!err && rules)
		err = compress_request(request, rules, &next.compressed);
	if (!err)
		err = request_focus_on(&next, next.compressed ? next.compressed : request,
				       ICICLE_REQUEST, ICICLE_REQUEST);
	if (err) {
		request_done(&next);
		return err;
	}
	request_path_find(app, request, &next);
	request_done(&app->request);
	app->request = next;
	return 0;
}

/* The first few lines: what is below them is short. */
static int path_rows(const struct request_state *state, int rows)
{
	int lines = (int)state->n_path;

	if (lines == 0 || rows < PATH_MIN_ROWS)
		return 0;
	if (lines > rows / 5)
		lines = rows / 5;
	return (lines < PATH_MAX_LINES ? lines : PATH_MAX_LINES) + 1;
}

/* Small screens have no details, large ones many. */
static struct parts divide(const struct app *app, struct area area)
{
	const struct request_state *state = &app->request;
	uint32_t icicle_height = icicle_rows(state->icicle);
	struct parts parts;
	int path = path_rows(state, area.rows);
	int around = around_rows(app_request(app, state->arrival), area.rows);
	int gutter = around ? AROUND_GUTTER : 0;
	int rest = area.rows - ROWS_ABOVE - 1 - path - around;
	int details = rest / (around && (uint32_t)rest < 2 * icicle_height ? 3 : 2);

	if (details > DETAILS_MAX_ROWS)
		details = DETAILS_MAX_ROWS;
	/* Rows that the icicle does not need. */
	if ((uint32_t)(rest - details) > icicle_height)
		details = rest - (int)icicle_height;
	parts.icicle =
		(struct area){area.row + ROWS_ABOVE, gutter, rest - details, area.cols - gutter};
	parts.around = (struct area){parts.icicle.row + parts.icicle.rows, 0, around, area.cols};
	parts.path = (struct area){parts.around.row + around, 0, path, area.cols};
	parts.separator = parts.path.row + path;
	parts.details = (struct area){parts.separator + 1, 0, details, area.cols};
	return parts;
}

/* What is shown, and of what it is a part. */
static void print_path(const struct request *request, uint32_t root, char *text, size_t len)
{
	char label[LABEL_LEN];

	icicle_label(request, ICICLE_REQUEST, label, sizeof(label));
	(void)snprintf(text, len, "requests > %s", label);
	if (root == ICICLE_REQUEST)
		return;
	icicle_label(request, root, label, sizeof(label));
	(void)snprintf(text + strlen(text), len - strlen(text), " > %s", label);
}

static void draw_head(struct canvas *canvas, struct area area, const struct app *app,
		      const struct request *request)
{
	char duration[FORMAT_LEN];
	char flags[FLAGS_LEN];
	char right[LABEL_LEN];
	char path[2 * LABEL_LEN + 32];
	char status[FORMAT_LEN] = "...";
	int width;

	if (request->status)
		(void)snprintf(status, sizeof(status), "%" PRIu32, request->status);
	(void)request_flags_print(request->flags, ",", flags, sizeof(flags));
	(void)snprintf(right, sizeof(right), "  %s  %s  %" PRIu32 " ops%s%s", status,
		       format_duration(request_duration_ns(request), duration),
		       request->n_ops_total, flags[0] ? "  " : "", flags);
	width = canvas_width(canvas, right);
	if (width > area.cols - 20)
		width = area.cols - 20;
	print_path(request, app->request.focus.root, path, sizeof(path));
	width = canvas_text(canvas, area.row, 1, area.cols - 1 - width, STYLE_STRONG, path);
	(void)canvas_text(canvas, area.row, 1 + width, area.cols - 1 - width,
			  request->status >= 500 ? STYLE_BAD : STYLE_PLAIN, right);
}

/* The title of the details, and which part of them is shown when there is more than that. */
static void draw_separator(struct canvas *canvas, int row, int cols, const struct request *request,
			   const struct request_state *state)
{
	char label[LABEL_LEN];
	char part[FLAGS_LEN] = "";
	int first = state->details_top + 1;
	int last = state->details_top + state->details_page;
	int width;

	if (last > state->details_lines)
		last = state->details_lines;
	if (last - first + 1 < state->details_lines && state->details_page > 0)
		(void)snprintf(part, sizeof(part), " %d-%d of %d, PgUp PgDn ", first, last,
			       state->details_lines);
	icicle_label(request, state->focus.selected, label, sizeof(label));
	canvas_repeat(canvas, row, 0, cols, STYLE_DIM, canvas->ascii ? "-" : "\u2500");
	width = (int)strlen(part);
	(void)canvas_text(canvas, row, cols - width - 2, width, STYLE_DIM, part);
	(void)canvas_text(canvas, row, 2, 1, STYLE_HEAD, " ");
	width = canvas_text(canvas, row, 3, cols - width - 7, STYLE_HEAD, label);
	(void)canvas_text(canvas, row, 3 + width, 1, STYLE_HEAD, " ");
}

static void draw_details(struct canvas *canvas, struct parts parts, const struct request *request,
			 struct request_state *state)
{
	state->details_page = parts.details.rows;
	state->details_lines = details_draw(canvas, parts.details, request, state->focus.selected,
					    state->details_top);
	draw_separator(canvas, parts.separator, parts.details.cols, request, state);
}

/* Keeps the row of the selection on the screen, and no empty rows below the last. */
static void settle(struct request_state *state, uint32_t page)
{
	uint32_t rows = icicle_rows(state->icicle);
	uint32_t row = request_selected(state)->row;

	if (row < state->top)
		state->top = row;
	if (row >= state->top + page)
		state->top = row - page + 1;
	if (state->top + page > rows)
		state->top = rows > page ? rows - page : 0;
}

static void draw_gone(struct canvas *canvas, struct area area)
{
	(void)canvas_text(canvas, area.row, 1, area.cols - 1, STYLE_STRONG, "requests > gone");
	(void)canvas_text(canvas, area.row + 2, 1, area.cols - 1, STYLE_PLAIN,
			  "This request made room for newer ones.");
}

static struct icicle_picture picture_of(const struct app *app, const struct request *request)
{
	const struct request_state *state = &app->request;

	return (struct icicle_picture){
		.request = request,
		.icicle = state->icicle,
		.timeline = state->timeline,
		.window = state->window,
		.selected = state->focus.selected,
		.boxes = state->boxes,
		.flame = app->flame,
	};
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	struct request_state *state = &app->request;
	const struct request *request = request_shown_now(app);
	struct icicle_picture picture;
	struct parts parts;

	if (!request) {
		draw_gone(canvas, area);
		return;
	}
	parts = divide(app, area);
	settle(state, (uint32_t)(parts.icicle.rows > 0 ? parts.icicle.rows : 1));
	state->window.cols = parts.icicle.cols;
	picture = picture_of(app, request);
	draw_head(canvas, area, app, request);
	chrome_legend(canvas, area.row + 1, 1, area.cols - 1, state->timeline->sums_ns);
	icicle_draw_axis(&picture, canvas, area.row + 2, parts.icicle.col);
	icicle_draw(&picture, canvas, parts.icicle, state->top);
	around_draw(app_request(app, state->arrival), &state->window, canvas, parts.around);
	request_path_draw(app, canvas, parts.path);
	draw_details(canvas, parts, request, state);
}

static void focus_selected(struct app *app, const struct request *request)
{
	struct request_state *state = &app->request;
	struct focus before = request_named_focus(state);

	if (before.selected == before.root)
		return;
	if (request_focus_on(state, request, before.selected, before.selected)) {
		app->short_of_memory = true;
		return;
	}
	if (state->n_outer == FOCUS_STACK_MAX) {
		/* Far in: the way out skips a step, but still ends at the request. */
		memmove(&state->outer[1], &state->outer[2],
			(FOCUS_STACK_MAX - 2) * sizeof(state->outer[0]));
		state->n_outer--;
	}
	state->outer[state->n_outer++] = before;
}

/* Returns false when nothing is in focus. */
static bool unfocus(struct app *app, const struct request *request)
{
	struct request_state *state = &app->request;
	const struct focus *outer;

	if (!request || state->n_outer == 0)
		return false;
	outer = &state->outer[state->n_outer - 1];
	if (request_focus_on(state, request, outer->root, outer->selected))
		app->short_of_memory = true;
	else
		state->n_outer--;
	return true;
}

static void open_neighbour(struct app *app, int step)
{
	uint64_t arrival = list_step(app, step);

	if (arrival == NO_ARRIVAL || arrival == app->request.arrival)
		return;
	if (request_open(app, arrival) == -ENOMEM)
		app->short_of_memory = true;
}

static void toggle_tag(struct app *app)
{
	struct tags *tags = &app->list.tags;
	uint64_t arrival = app->request.arrival;

	if (tags_has(tags, arrival)) {
		tags_remove(tags, arrival);
		app_notice(app, "the request is no longer tagged");
	} else if (tags_add(tags, arrival)) {
		app_notice(app, "no more than %d requests can be tagged", TAGS_MAX);
	} else {
		app_notice(app, "the request is tagged");
	}
}

/* Opens the request anew, the other way. */
static void toggle_collapse(struct app *app)
{
	app->each = !app->each;
	if (!request_open(app, app->request.arrival))
		return;
	app->each = !app->each;
	app->short_of_memory = true;
}

static bool act_on_request(struct app *app, const struct request *request, enum action action)
{
	struct request_state *state = &app->request;

	if ((state->on_path && request_path_act(app, action)) || request_move(app, action))
		return true;
	if (action == ACTION_ZOOM_IN)
		request_zoom(state, 1, 2);
	else if (action == ACTION_ZOOM_OUT)
		request_zoom(state, 2, 1);
	else if (action == ACTION_ZOOM_RESET)
		state->window = icicle_home(state->icicle);
	else if (action == ACTION_PANE)
		state->on_path = !state->on_path && state->n_path;
	else if (action == ACTION_OPEN)
		focus_selected(app, request);
	else if (action == ACTION_COLLAPSE)
		toggle_collapse(app);
	else if (action == ACTION_FLAME)
		app->flame = !app->flame;
	else if (action == ACTION_TAG)
		toggle_tag(app);
	else
		return false;
	return true;
}

static bool act(struct app *app, enum action action)
{
	const struct request *request = request_shown_now(app);

	if (action == ACTION_OUT)
		return unfocus(app, request);
	if (action == ACTION_PREVIOUS_REQUEST)
		open_neighbour(app, -1);
	else if (action == ACTION_NEXT_REQUEST)
		open_neighbour(app, 1);
	else if (request)
		return act_on_request(app, request, action);
	else
		return false;
	return true;
}

/* A second click goes into focus. */
static void click(struct app *app, struct area area, int row, int col)
{
	struct request_state *state = &app->request;
	const struct request *request = request_shown_now(app);
	struct icicle_picture picture;
	const struct icicle_item *item;
	struct parts parts;

	if (!request)
		return;
	parts = divide(app, area);
	picture = picture_of(app, request);
	request_path_click(app, parts.path, row);
	item = icicle_at(&picture, parts.icicle, state->top, row, col);
	if (item && item->op == state->focus.selected)
		focus_selected(app, request);
	else if (item)
		request_select(state, item);
}

const struct view_ops view_request = {
	.name = "request",
	.screen = ON_REQUEST,
	.draw = draw,
	.act = act,
	.search = request_search,
	.click = click,
};
