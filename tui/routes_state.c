/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/routes_state.h"

#include <string.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"

#define MAX_ROUTES      1000
#define MAX_BLAME_ROWS  2000
#define FEED_MAX        5000  /* requests for each drawing */
#define TREE_REQUESTS   1000  /* that one is made of … */
#define TREE_LOOK_BACK  20000 /* … of so many */
#define TREE_OPS        100000
#define TREE_FRESH_NS   (2 * NS_PER_SEC)
#define WINDOW_FRESH_NS NS_PER_SEC

static const struct {
	unsigned int minutes;
	const char *text;
} windows[] = {
#define ROUTE_WINDOW_ROW(name, minutes, text) [ROUTE_WINDOW_##name] = {(minutes), (text)},
	ROUTE_WINDOWS(ROUTE_WINDOW_ROW)
#undef ROUTE_WINDOW_ROW
};
_Static_assert(ARRAY_SIZE(windows) == ROUTE_WINDOW_COUNT, "a row for each window");

static const enum folded_metric metrics[] = {FOLDED_CRITICAL, FOLDED_CPU, FOLDED_LOOPQ,
					     FOLDED_POOLQ, FOLDED_COUNT};

int routes_state_init(struct routes_state *state, const struct route_rules *rules)
{
	int err = routes_new(MAX_ROUTES, rules, &state->routes);

	state->recent.rules = rules;
	if (!err)
		err = blame_new(MAX_BLAME_ROWS, rules, &state->blame);
	return err ? err : turns_new(state->blame, &state->turns);
}

void routes_state_done(struct routes_state *state)
{
	routes_free(state->routes);
	routes_free(state->of_window);
	routes_window_done(&state->recent);
	turns_free(state->turns);
	blame_free(state->blame);
	route_tree_free(state->tree);
	free(state->order);
}

void routes_state_feed(struct app *app)
{
	struct routes_state *state = &app->routes;
	uint64_t added = store_added(app->store);
	uint64_t first = added - store_count(app->store);
	int n = 0;

	if (app->frozen)
		return;
	if (state->next < first) {
		state->missed += first - state->next;
		state->next = first;
	}
	for (; state->next < added && n < FEED_MAX; n++, state->next++) {
		const struct request *request = request_by_arrival(app->store, state->next);

		if (routes_add(state->routes, request) || blame_add(state->blame, request) ||
		    routes_window_add(&state->recent, request))
			app->short_of_memory = true;
		turns_add(state->turns, request);
	}
}

/* Of all the time of its requests, in thousandths. */
static uint64_t share(const struct route_stats *route, enum label label)
{
	return route->label_ns[label] / (route->durations.sum_ns / 1000 + 1);
}

static uint64_t value_of(enum route_sort sort, const struct route_stats *route)
{
	const struct histogram *durations = &route->durations;

	switch (sort) {
	case ROUTE_SORT_COUNT:
		return durations->count;
	case ROUTE_SORT_P50:
		return histogram_quantile(durations, 500);
	case ROUTE_SORT_P99:
		return histogram_quantile(durations, 990);
	case ROUTE_SORT_MAX:
		return durations->max_ns;
	case ROUTE_SORT_JS:
		return share(route, LABEL_JS);
	case ROUTE_SORT_LOOP:
		return share(route, LABEL_LOOP);
	case ROUTE_SORT_QUEUE:
		return share(route, LABEL_POOL_QUEUE);
	case ROUTE_SORT_ERRORS:
		return route->errors * 1000000 / (durations->count + 1);
	case ROUTE_SORT_TIME:
	case ROUTE_SORT_COUNT_OF:
		break;
	}
	return durations->sum_ns;
}

static int compare(const void *left, const void *right, void *user)
{
	const struct routes_state *state = user;
	const struct routes *routes = routes_state_shown(state);
	const struct route_stats *a = routes_at(routes, *(const size_t *)left);
	const struct route_stats *b = routes_at(routes, *(const size_t *)right);
	uint64_t x = value_of(state->sort, a);
	uint64_t y = value_of(state->sort, b);

	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Brings the table of the window up to date. */
static void renew_window(struct app *app)
{
	struct routes_state *state = &app->routes;
	uint64_t now_ns = app_now_ns(app);
	struct routes *routes = NULL;

	if (!windows[state->window].minutes) {
		routes_free(state->of_window);
		state->of_window = NULL;
		return;
	}
	if (state->of_window && now_ns < state->window_ns + WINDOW_FRESH_NS)
		return;
	if (routes_window_sum(&state->recent, now_ns, windows[state->window].minutes, &routes)) {
		app->short_of_memory = true;
		return;
	}
	routes_free(state->of_window);
	state->of_window = routes;
	state->window_ns = now_ns;
	state->n_order = 0; /* indexes are of the table that is gone */
}

const struct routes *routes_state_shown(const struct routes_state *state)
{
	return state->of_window ? state->of_window : state->routes;
}

const char *routes_state_window(const struct routes_state *state)
{
	return windows[state->window].text;
}

void routes_state_next_window(struct routes_state *state)
{
	state->window = (enum route_window)((state->window + 1) % ROUTE_WINDOW_COUNT);
	routes_free(state->of_window);
	state->of_window = NULL;
	state->n_order = 0;
	route_tree_free(state->tree);
	state->tree = NULL;
	state->in_tree = false;
}

void routes_state_select(struct routes_state *state, const char *name)
{
	(void)snprintf(state->selected, sizeof(state->selected), "%s", name);
}

void routes_state_sort(struct app *app)
{
	struct routes_state *state = &app->routes;
	size_t count;

	renew_window(app);
	count = routes_count(routes_state_shown(state));
	if (state->n_order > count)
		state->n_order = 0; /* another window: indexes are of nothing that is left */
	while (state->n_order < count) {
		if (array_reserve(&state->order, &state->capacity, state->n_order,
				  sizeof(*state->order))) {
			app->short_of_memory = true;
			break;
		}
		state->order[state->n_order] = state->n_order;
		state->n_order++;
	}
	if (state->n_order > 1)
		qsort_r(state->order, state->n_order, sizeof(*state->order), compare, state);
}

const struct route_stats *routes_state_selected(const struct routes_state *state, size_t *ret_place)
{
	size_t i;

	for (i = 0; i < state->n_order; i++) {
		const struct route_stats *route =
			routes_at(routes_state_shown(state), state->order[i]);

		if (!state->selected[0] || !strcmp(route->name, state->selected)) {
			*ret_place = i;
			return route;
		}
	}
	*ret_place = 0;
	/* None of its requests came in this time: the first stands for it. */
	return state->n_order ? routes_at(routes_state_shown(state), state->order[0]) : NULL;
}

const char *routes_state_metric(const struct routes_state *state)
{
	return folded_metric_name(metrics[state->metric]);
}

void routes_state_next_metric(struct routes_state *state)
{
	state->metric = (state->metric + 1) % ARRAY_SIZE(metrics);
}

/* Requests that ended before are not meant. */
static uint64_t window_start(const struct app *app)
{
	unsigned int minutes = windows[app->routes.window].minutes;

	return minutes ? routes_window_start(app_now_ns(app), minutes) : 0;
}

/* Is it of this route, and of the window? */
static bool is_of(const struct app *app, const struct request *request, const char *route)
{
	char name[ROUTE_MAX];

	if (request->end_ns < window_start(app))
		return false;
	(void)route_name(app->options.rules, request, name);
	return !strcmp(name, route);
}

/* The newest requests of the route. Returns their number. */
static size_t collect(const struct app *app, const char *route, const struct request **requests)
{
	uint64_t added = app->routes.next; /* those that the table has */
	uint64_t ops = 0, i;
	size_t n = 0;

	for (i = 1; i <= added && i <= TREE_LOOK_BACK && n < TREE_REQUESTS && ops < TREE_OPS; i++) {
		const struct request *request = request_by_arrival(app->store, added - i);

		if (!request)
			break;
		if (!is_of(app, request, route))
			continue;
		ops += request->n_ops;
		requests[n++] = request;
	}
	return n;
}

static bool is_fresh(const struct app *app, const char *route)
{
	const struct routes_state *state = &app->routes;

	return state->tree && !strcmp(state->tree_of, route) &&
	       state->tree_metric == state->metric &&
	       (app->frozen || app_now_ns(app) < state->tree_ns + TREE_FRESH_NS || state->in_tree);
}

void routes_state_grow(struct app *app)
{
	struct routes_state *state = &app->routes;
	const struct route_stats *route;
	const struct request **requests;
	struct route_tree *tree = NULL;
	size_t place;
	int err;

	route = routes_state_selected(state, &place);
	if (!route || is_fresh(app, route->name))
		return;
	/* The tree goes on using this name: that of the table goes with the table. */
	(void)snprintf(state->tree_of, sizeof(state->tree_of), "%s", route->name);
	route_tree_free(state->tree);
	state->tree = NULL;
	requests = calloc(TREE_REQUESTS, sizeof(struct request *));
	err = requests ? 0 : -ENOMEM;
	if (!err) {
		state->tree_requests = collect(app, route->name, requests);
		err = route_tree_new(state->tree_of, metrics[state->metric], requests,
				     state->tree_requests, &tree);
	}
	free(requests);
	if (err) {
		app->short_of_memory = true;
		return;
	}
	state->tree = tree;
	state->tree_metric = state->metric;
	state->tree_ns = app_now_ns(app);
	state->root = 0;
	state->node = 0;
}

uint64_t routes_state_slowest(const struct app *app)
{
	uint64_t added = app->routes.next;
	uint64_t count = store_count(app->store);
	uint64_t slowest = NO_ARRIVAL, slowest_ns = 0, i;
	const struct route_stats *route;
	size_t place;

	route = routes_state_selected(&app->routes, &place);
	for (i = 1; route && i <= count && i <= added; i++) {
		const struct request *request = request_by_arrival(app->store, added - i);
		uint64_t duration_ns;

		if (!request)
			break;
		duration_ns = request_duration_ns(request);
		if (duration_ns >= slowest_ns && is_of(app, request, route->name)) {
			slowest = added - i;
			slowest_ns = duration_ns;
		}
	}
	return slowest;
}
