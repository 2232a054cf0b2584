/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/app.h"

#include <assert.h>
#include <stdarg.h>

#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/chrome.h"
#include "tui/mouse.h"
#include "tui/request_renew.h"
#include "tui/search.h"

#define WHEEL_STEPS        3
#define FINISHED_LOOK_BACK 1000 /* requests that finished since the last copies were made */

int app_new(const struct app_options *options, const struct store *store, struct app **ret_app)
{
	struct app *app = calloc(1, sizeof(*app));
	int err;

	if (!app)
		return -ENOMEM;
	app->options = *options;
	app->store = store;
	app->status.request_rate = -1;
	app->status.event_rate = -1;
	app->status.own_cpu = -1;
	app->status.loop_busy = -1;
	app->status.gc = -1;
	app->list.column = SORT_AGE;
	app->list.largest_first = true;
	app->list.follow = FOLLOW_NEWEST;
	app->list.selected = NO_ARRIVAL;
	app->request.arrival = NO_ARRIVAL;
	app_push(app, VIEW_LIST);
	err = open_set_new(&app->open);
	if (!err)
		err = request_index_new(store, &app->list.index);
	if (!err)
		err = wait_bar_cache_new(&app->list.bars);
	if (!err)
		err = routes_state_init(&app->routes, options->rules);
	if (err) {
		app_free(app);
		return err;
	}
	request_index_open(app->list.index, app->open);
	*ret_app = app;
	return 0;
}

void app_free(struct app *app)
{
	if (!app)
		return;
	request_done(&app->request);
	request_index_free(app->list.index);
	open_set_free(app->open);
	routes_state_done(&app->routes);
	wait_bar_cache_free(app->list.bars);
	filter_free(app->list.filter);
	tags_done(&app->list.tags);
	search_free(app->search);
	free(app);
}

/* The figures of a second, once it is over. */
static void sample_loop(struct loop_state *loop, const struct app_status *status)
{
	if (status->loop_busy < 0 || status->now_ns < loop->last_ns + NS_PER_SEC)
		return;
	loop->last_ns = status->now_ns;
	loop->samples[loop->added++ % LOOP_SAMPLES] =
		(struct loop_sample){status->loop_busy, status->gc};
}

void app_set_status(struct app *app, const struct app_status *status)
{
	app->status = *status;
	sample_loop(&app->loop, status);
}

const struct request *app_request(const struct app *app, uint64_t arrival)
{
	return request_index_request(app->list.index, arrival);
}

/* The arrival of one that was in flight, now that it has finished; NO_ARRIVAL when it is not kept. */
static uint64_t finished_arrival(const struct app *app, const struct request *request)
{
	uint64_t added = store_added(app->store);
	uint64_t i;

	for (i = 1; i <= added && i <= FINISHED_LOOK_BACK; i++) {
		const struct request *finished = request_by_arrival(app->store, added - i);

		if (!finished)
			break;
		if (open_set_same(finished, request))
			return added - i;
	}
	return NO_ARRIVAL;
}

/* Those who have finished already, and were copied before they had. Returns how many are left. */
static size_t drop_finished(const struct app *app, struct request **requests, size_t n)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (finished_arrival(app, requests[i]) == NO_ARRIVAL)
			requests[kept++] = requests[i];
		else
			request_free(requests[i]);
	}
	return kept;
}

/* Of one that may be about to go. */
struct known {
	struct request key;
	uint64_t arrival;
};

static struct known know(const struct app *app, uint64_t arrival)
{
	const struct request *request = open_set_find(app->open, arrival);
	struct known known = {.arrival = request ? arrival : NO_ARRIVAL};

	if (request)
		known.key = *request;
	return known;
}

/* Where it is now: its key still holds when it is gone. */
static uint64_t arrival_now(const struct app *app, const struct known *known)
{
	if (open_set_find(app->open, known->arrival))
		return known->arrival;
	return finished_arrival(app, &known->key);
}

/* Tagged requests that are in flight, so that they stay tagged when they have finished. Returns their number;
 * when memory is short their tags are lost. */
static size_t know_tagged(struct app *app, struct known **ret_known)
{
	struct tags *tags = &app->list.tags;
	struct known *known;
	size_t first = 0, n;

	while (first < tags->count && tags->arrivals[first] < OPEN_ARRIVAL)
		first++;
	n = tags->count - first;
	known = n ? calloc(n, sizeof(*known)) : NULL;
	for (size_t i = 0; known && i < n; i++)
		known[i] = know(app, tags->arrivals[first + i]);
	tags->count = first;
	*ret_known = known;
	return known ? n : 0;
}

static void tag_anew(struct app *app, struct known *known, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t arrival =
			known[i].arrival == NO_ARRIVAL ? NO_ARRIVAL : arrival_now(app, &known[i]);

		if (arrival != NO_ARRIVAL && tags_add(&app->list.tags, arrival))
			app->short_of_memory = true;
	}
	free(known);
}

/* What is meant while those in flight change. */
struct meant {
	struct known selected;
	struct known shown;
	struct known *tagged;
	size_t n_tagged;
};

static struct meant meant_before(struct app *app)
{
	struct meant meant = {.selected = know(app, app->list.selected),
			      .shown = know(app, app->request.arrival)};

	meant.n_tagged = know_tagged(app, &meant.tagged);
	return meant;
}

static void mean_again(struct app *app, const struct meant *meant)
{
	app->n_known_finished = store_added(app->store);
	tag_anew(app, meant->tagged, meant->n_tagged);
	/* Keys may come before the next drawing: nothing in the list may be gone. */
	app_refresh_index(app);
	if (meant->selected.arrival != NO_ARRIVAL)
		app->list.selected = arrival_now(app, &meant->selected);
	if (meant->shown.arrival != NO_ARRIVAL)
		request_renew(app, arrival_now(app, &meant->shown));
}

void app_set_open(struct app *app, uint32_t pid, struct request **requests, size_t n)
{
	struct meant meant;

	if (app->frozen) {
		while (n)
			request_free(requests[--n]);
		return;
	}
	meant = meant_before(app);
	n = drop_finished(app, requests, n);
	if (open_set_replace(app->open, pid, requests, n))
		app->short_of_memory = true;
	mean_again(app, &meant);
}

static bool has_finished(const void *app, const struct request *request)
{
	return finished_arrival(app, request) != NO_ARRIVAL;
}

static bool is_in_flight(const struct app *app, const struct request *finished)
{
	size_t i;

	for (i = 0; i < open_set_count(app->open); i++)
		if (open_set_same(open_set_at(app->open, i), finished))
			return true;
	return false;
}

/* New copies come now and then; who has finished since the last ones is not in flight any more. */
static void drop_open_finished(struct app *app)
{
	struct meant meant;
	const struct request *finished;
	bool found = false;

	while (!found && app->n_known_finished < store_added(app->store)) {
		finished = request_by_arrival(app->store, app->n_known_finished++);
		found = finished && is_in_flight(app, finished);
	}
	if (!found)
		return;
	meant = meant_before(app);
	open_set_drop(app->open, has_finished, app);
	mean_again(app, &meant);
}

uint64_t app_now_ns(const struct app *app)
{
	return app->frozen ? app->frozen_ns : app->status.now_ns;
}

void app_push(struct app *app, enum view_id id)
{
	assert(app->depth < VIEW_STACK_MAX);
	app->stack[app->depth++] = id;
}

void app_refresh_index(struct app *app)
{
	if (!app->frozen && request_index_refresh(app->list.index))
		app->short_of_memory = true;
}

const struct view_ops *app_view(const struct app *app)
{
	return view_find(app->stack[app->depth - 1]);
}

void app_tell(struct app *app, const char *text)
{
	app_notice(app, "%s", text);
}

void app_notice(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(app->notice, sizeof(app->notice), format, args);
	va_end(args);
}

void app_draw(struct app *app, struct canvas *canvas)
{
	struct area area = canvas_area(canvas);

	canvas_clear(canvas);
	app->screen = area;
	if (area.rows < APP_MIN_ROWS || area.cols < APP_MIN_COLS) {
		(void)canvas_print(canvas, 0, 0, area.cols, STYLE_PLAIN, "needs %dx%d, is %dx%d",
				   APP_MIN_COLS, APP_MIN_ROWS, area.cols, area.rows);
		return;
	}
	app->short_of_memory = false;
	if (!app->frozen)
		drop_open_finished(app);
	routes_state_feed(app);
	tags_forget(&app->list.tags, store_added(app->store) - store_count(app->store));
	area = chrome_area(area);
	app_view(app)->draw(app, canvas, area);
	chrome_draw(app, canvas, app_view(app));
}

static enum app_verdict pop(struct app *app)
{
	if (app->depth == 1)
		return APP_QUIT;
	app->depth--;
	return APP_CONTINUE;
}

static void toggle_freeze(struct app *app)
{
	app->frozen = !app->frozen;
	app->frozen_ns = app->status.now_ns;
}

/* Opens the screen, or goes back to what is below it; one that is below already is not opened twice. */
static void toggle_view(struct app *app, enum view_id id)
{
	int i;

	for (i = 0; i < app->depth; i++) {
		if (app->stack[i] == id) {
			app->depth = i == app->depth - 1 ? i : i + 1;
			return;
		}
	}
	app_push(app, id);
}

static void want_pause(struct app *app)
{
	if (app->status.state == APP_REPLAY || app->status.state == APP_ENDED)
		app_notice(app, "nothing is being traced");
	else
		app->wish = APP_PAUSE;
}

/* What is the same on every screen. Returns false for what is not. */
static bool act_anywhere(struct app *app, enum action action)
{
	if (action == ACTION_FREEZE)
		toggle_freeze(app);
	else if (action == ACTION_HELP && app_view(app) != view_find(VIEW_HELP))
		app_push(app, VIEW_HELP);
	else if (action == ACTION_SETUP && app_view(app) != view_find(VIEW_SETUP))
		app_push(app, VIEW_SETUP);
	else if (action == ACTION_ROUTES)
		toggle_view(app, VIEW_ROUTES);
	else if (action == ACTION_LOOP)
		toggle_view(app, VIEW_LOOP);
	else if (action == ACTION_PAUSE)
		want_pause(app);
	else if (action == ACTION_EXPORT)
		app_prompt_open(app, PROMPT_EXPORT);
	else if (action == ACTION_COPY)
		app_copy(app);
	else if (action == ACTION_FILTER)
		app_prompt_open(app, PROMPT_FILTER);
	else if (action == ACTION_SEARCH)
		app_prompt_open(app, PROMPT_SEARCH);
	else if (action == ACTION_SEARCH_NEXT)
		app_search(app, 1);
	else if (action == ACTION_SEARCH_PREVIOUS)
		app_search(app, -1);
	else
		return false;
	return true;
}

static enum app_verdict act(struct app *app, enum action action)
{
	if (action == ACTION_QUIT)
		return APP_QUIT;
	if (action == ACTION_REDRAW)
		return APP_REDRAW;
	if (action == ACTION_BACK)
		return pop(app);
	if (!act_anywhere(app, action) && !app_view(app)->act(app, action) && action == ACTION_OUT)
		return pop(app);
	return APP_CONTINUE;
}

/* What the key wanted, beyond what the app can do itself. */
static enum app_verdict wished(struct app *app, enum app_verdict verdict)
{
	enum app_verdict wish = app->wish;

	app->wish = APP_CONTINUE;
	return verdict == APP_CONTINUE ? wish : verdict;
}

enum app_verdict app_key(struct app *app, int key)
{
	enum action action;

	app->notice[0] = '\0';
	if (app->prompt.kind != PROMPT_NONE) {
		app_prompt_key(app, key);
		return wished(app, APP_CONTINUE);
	}
	action = keys_action(key, app_view(app)->screen);
	return action == ACTION_NONE ? APP_CONTINUE : wished(app, act(app, action));
}

static enum app_verdict wheel(struct app *app, enum action action)
{
	int i;

	for (i = 0; i < WHEEL_STEPS; i++)
		(void)app_view(app)->act(app, action);
	return APP_CONTINUE;
}

enum app_verdict app_mouse(struct app *app, const struct mouse_event *event)
{
	const struct view_ops *view = app_view(app);
	struct area area = chrome_area(app->screen);
	enum action action;

	app->notice[0] = '\0';
	if (app->prompt.kind != PROMPT_NONE || app->screen.rows < APP_MIN_ROWS ||
	    app->screen.cols < APP_MIN_COLS)
		return APP_CONTINUE;
	if (event->button != MOUSE_CLICK)
		return wheel(app, event->button == MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
	if (event->row == app->screen.rows - 1) {
		action = chrome_hint_at(view, app->screen.cols, event->col);
		return action == ACTION_NONE ? APP_CONTINUE : wished(app, act(app, action));
	}
	if (view->click && event->row >= area.row && event->row < area.row + area.rows)
		view->click(app, area, event->row, event->col);
	return wished(app, APP_CONTINUE);
}
