/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The routes: how long their requests take, what for, and who kept them waiting. */
#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"
#include "tui/routes_table.h"
#include "tui/search.h"

#define TEXT_LEN   512
#define BLAME_ROWS 5
#define MAX_BLAME  64

struct parts {
	struct area table;
	struct area tree;  /* its head included */
	struct area blame; /* the same */
};

static struct parts divide(const struct routes_state *state, struct area area)
{
	int blame = area.rows >= 18 ? BLAME_ROWS + 1 : 0;
	int rest = area.rows - blame;
	int table = rest / 2 > 3 ? rest / 2 : rest;
	struct parts parts;

	if (table > (int)state->n_order + 2)
		table = (int)state->n_order + 2;
	parts.table = (struct area){area.row, area.col, table, area.cols};
	parts.tree = (struct area){area.row + table, area.col, rest - table, area.cols};
	parts.blame = (struct area){area.row + rest, area.col, blame, area.cols};
	return parts;
}

static void draw_head(struct canvas *canvas, struct area area, const char *text)
{
	canvas_repeat(canvas, area.row, 0, area.cols, STYLE_DIM, canvas->ascii ? "-" : "\u2500");
	(void)canvas_text(canvas, area.row, 2, area.cols - 4, STYLE_HEAD, text);
}

static void draw_tree(struct app *app, struct canvas *canvas, struct area area)
{
	struct routes_state *state = &app->routes;
	char text[TEXT_LEN];

	if (area.rows < 2 || !state->tree)
		return;
	(void)snprintf(text, sizeof(text), " %s of the last %zu requests of %.200s%s ",
		       routes_state_metric(state), state->tree_requests, state->tree_of,
		       state->in_tree ? ", Enter: zoom" : "");
	draw_head(canvas, area, text);
	area.row++;
	area.rows--;
	route_tree_draw(state->tree, canvas, area, state->root,
			state->in_tree ? state->node : ROUTE_TREE_NONE);
}

/* The rows about this victim, the longest delay first. Returns their number. */
static size_t find_blame(const struct blame *blame, const char *victim,
			 const struct blame_row *rows[MAX_BLAME])
{
	size_t count = blame_count(blame), n = 0, i, at;

	for (i = 0; i < count; i++) {
		const struct blame_row *row = blame_at(blame, i);

		if (strcmp(row->victim, victim) != 0 ||
		    (row->label == LABEL_POOL_QUEUE && !row->job))
			continue;
		for (at = n < MAX_BLAME ? n : MAX_BLAME;
		     at && rows[at - 1]->delay_ns < row->delay_ns; at--) {
			if (at < MAX_BLAME)
				rows[at] = rows[at - 1];
		}
		if (at < MAX_BLAME)
			rows[at] = row;
		n += n < MAX_BLAME;
	}
	return n;
}

/* Where it was, and how that is known; "" it is not. */
static void print_code(const struct blame_row *row, char code[TEXT_LEN])
{
	const char *slash = row->file ? strrchr(row->file, '/') : NULL;
	const char *how = row->sampled_ns ? "sampled" : "last seen";

	code[0] = '\0';
	if (row->file)
		(void)snprintf(code, TEXT_LEN, "  %.80s %.80s:%" PRIu32 " (%s)",
			       row->function ? row->function : "?", slash ? slash + 1 : row->file,
			       row->line, row->job ? "submitted" : how);
}

static void draw_blame(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct routes_state *state = &app->routes;
	const struct blame_row *rows[MAX_BLAME];
	const struct route_stats *route;
	size_t place, n, i;

	route = routes_state_selected(state, &place);
	if (!route || area.rows < 2)
		return;
	draw_head(canvas, area, " kept waiting since the start, for the loop or the pool, by ");
	n = find_blame(state->blame, route->name, rows);
	for (i = 0; i < n && (int)i < area.rows - 1; i++) {
		char sum[FORMAT_LEN], max[FORMAT_LEN], code[TEXT_LEN];

		print_code(rows[i], code);
		(void)canvas_print(canvas, area.row + 1 + (int)i, 1, area.cols - 1, STYLE_PLAIN,
				   "%*s  worst %*s  %6" PRIu64 " times  %s%s%s%s",
				   FORMAT_DURATION_WIDTH, format_duration(rows[i]->delay_ns, sum),
				   FORMAT_DURATION_WIDTH, format_duration(rows[i]->max_ns, max),
				   rows[i]->delays, rows[i]->job ? rows[i]->job : "",
				   rows[i]->job ? " of " : "", rows[i]->culprit, code);
	}
	if (!n)
		(void)canvas_text(canvas, area.row + 1, 1, area.cols - 1, STYLE_DIM,
				  "nobody: it never waited for the event loop");
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	struct routes_state *state = &app->routes;
	struct parts parts;

	routes_state_sort(app);
	routes_state_grow(app);
	parts = divide(state, area);
	routes_table_draw(app, canvas, parts.table);
	if (!state->n_order)
		(void)canvas_text(canvas, area.row + 3, 2, area.cols - 2, STYLE_DIM,
				  "No request has finished in this time.");
	draw_tree(app, canvas, parts.tree);
	draw_blame(app, canvas, parts.blame);
}

static void go(struct app *app, int64_t place)
{
	struct routes_state *state = &app->routes;

	if (!state->n_order)
		return;
	if (place >= (int64_t)state->n_order)
		place = (int64_t)state->n_order - 1;
	if (place < 0)
		place = 0;
	routes_state_select(state, routes_at(routes_state_shown(state), state->order[place])->name);
}

static bool move_in_table(struct app *app, enum action action)
{
	struct routes_state *state = &app->routes;
	int64_t page = (int64_t)state->page;
	size_t place;

	(void)routes_state_selected(state, &place);
	if (action == ACTION_UP)
		go(app, (int64_t)place - 1);
	else if (action == ACTION_DOWN)
		go(app, (int64_t)place + 1);
	else if (action == ACTION_PAGE_UP)
		go(app, (int64_t)place - page);
	else if (action == ACTION_PAGE_DOWN)
		go(app, (int64_t)place + page);
	else if (action == ACTION_FIRST)
		go(app, 0);
	else if (action == ACTION_LAST)
		go(app, INT64_MAX);
	else
		return false;
	return true;
}

/* The child of the node's parent that stands before it; itself when it is the first. */
static uint32_t sibling_before(const struct route_tree *tree, uint32_t node)
{
	uint32_t at = route_tree_node(tree, route_tree_node(tree, node)->parent)->first;

	while (at != node && route_tree_node(tree, at)->next != node)
		at = route_tree_node(tree, at)->next;
	return at;
}

static bool move_in_tree(struct routes_state *state, enum action action)
{
	const struct route_node *node = route_tree_node(state->tree, state->node);
	uint32_t to = ROUTE_TREE_NONE;

	if (action == ACTION_DOWN)
		to = node->first;
	else if (action == ACTION_UP)
		to = state->node != state->root ? node->parent : ROUTE_TREE_NONE;
	else if (action == ACTION_RIGHT)
		to = state->node != state->root ? node->next : ROUTE_TREE_NONE;
	else if (action == ACTION_LEFT)
		to = state->node != state->root ? sibling_before(state->tree, state->node)
						: ROUTE_TREE_NONE;
	else if (action == ACTION_OPEN)
		state->root = state->node;
	else
		return false;
	if (to != ROUTE_TREE_NONE)
		state->node = to;
	return true;
}

static void open_slowest(struct app *app)
{
	uint64_t arrival = routes_state_slowest(app);

	if (arrival == NO_ARRIVAL) {
		app_notice(app, "none of its requests is kept any more");
		return;
	}
	if (!request_open(app, arrival))
		app_push(app, VIEW_REQUEST);
	else
		app->short_of_memory = true;
}

/* Out of the tree step by step, then out of the screen. */
static bool out(struct routes_state *state)
{
	if (!state->in_tree)
		return false;
	if (state->root)
		state->root = route_tree_node(state->tree, state->root)->parent;
	else
		state->in_tree = false;
	return true;
}

static bool act(struct app *app, enum action action)
{
	struct routes_state *state = &app->routes;

	if (state->in_tree && state->tree && move_in_tree(state, action))
		return true;
	if (move_in_table(app, action))
		return true;
	if (action == ACTION_OPEN)
		open_slowest(app);
	else if (action == ACTION_PANE)
		state->in_tree = !state->in_tree && state->tree;
	else if (action == ACTION_METRIC)
		routes_state_next_metric(state);
	else if (action == ACTION_WINDOW)
		routes_state_next_window(state);
	else if (action == ACTION_SORT)
		state->sort = (enum route_sort)((state->sort + 1) % ROUTE_SORT_COUNT_OF);
	else if (action == ACTION_OUT)
		return out(state);
	else
		return false;
	return true;
}

static void click(struct app *app, struct area area, int row, int col)
{
	struct routes_state *state = &app->routes;
	struct parts parts = divide(state, area);
	struct area tree = {parts.tree.row + 1, 0, parts.tree.rows - 1, area.cols};
	size_t place, clicked;
	uint32_t node;

	if (row >= parts.table.row + 2 && row < parts.table.row + parts.table.rows) {
		(void)routes_state_selected(state, &place);
		clicked = state->top + (size_t)(row - parts.table.row - 2);
		state->in_tree = false;
		if (clicked == place)
			open_slowest(app);
		go(app, (int64_t)clicked);
	} else if (state->tree && row >= tree.row && row < tree.row + tree.rows) {
		node = route_tree_at(state->tree, tree, state->root, row, col);
		if (node != ROUTE_TREE_NONE && state->in_tree && node == state->node)
			state->root = node;
		state->in_tree = true;
		if (node != ROUTE_TREE_NONE)
			state->node = node;
	}
}

static bool search(struct app *app, int step)
{
	struct routes_state *state = &app->routes;
	size_t place, i;

	(void)routes_state_selected(state, &place);
	for (i = 1; i <= state->n_order; i++) {
		size_t at = (place + (step > 0 ? i : state->n_order - i)) % state->n_order;
		const char *name = routes_at(routes_state_shown(state), state->order[at])->name;

		if (!search_match(app->search, name))
			continue;
		routes_state_select(state, name);
		return true;
	}
	return false;
}

const struct view_ops view_routes = {
	.name = "routes",
	.screen = ON_ROUTES,
	.draw = draw,
	.act = act,
	.search = search,
	.click = click,
};
