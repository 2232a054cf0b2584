/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The requests by route, and who kept whom waiting: gathered as they come, for the screens that show it. */
#ifndef NT_TUI_ROUTES_STATE_H
#define NT_TUI_ROUTES_STATE_H

#include "aggregator/blame.h"
#include "aggregator/folded.h"
#include "aggregator/routes.h"
#include "aggregator/turns.h"
#include "tui/route_tree.h"
#include "tui/routes_window.h"

struct app;

/* X(NAME, title): what the table is sorted by, the most first. */
#define ROUTE_SORTS(X)      \
	X(TIME, "all time") \
	X(COUNT, "N")       \
	X(P50, "p50")       \
	X(P99, "p99")       \
	X(MAX, "MAX")       \
	X(JS, "JS%")        \
	X(LOOP, "LOOP%")    \
	X(QUEUE, "QUEUE%")  \
	X(ERRORS, "ERR%")

/* X(NAME, minutes, text): which requests the table is of. 0: all since the start. */
#define ROUTE_WINDOWS(X)             \
	X(ALL, 0, "since the start") \
	X(15, 15, "last 15 minutes") \
	X(5, 5, "last 5 minutes")    \
	X(1, 1, "this minute")

enum route_window {
#define ROUTE_WINDOW_ENUM(name, minutes, text) ROUTE_WINDOW_##name,
	ROUTE_WINDOWS(ROUTE_WINDOW_ENUM)
#undef ROUTE_WINDOW_ENUM
	ROUTE_WINDOW_COUNT,
};

enum route_sort {
#define ROUTE_SORT_ENUM(name, title) ROUTE_SORT_##name,
	ROUTE_SORTS(ROUTE_SORT_ENUM)
#undef ROUTE_SORT_ENUM
	ROUTE_SORT_COUNT_OF,
};

struct routes_state {
	struct routes *routes;
	struct blame *blame;
	struct turns *turns;
	struct routes_window recent;
	uint64_t next;   /* arrival of the first request that is not in them */
	uint64_t missed; /* requests that were gone before they could be added */
	/* the screen */
	enum route_window window;
	struct routes *of_window; /* NULL: it is of all */
	uint64_t window_ns;       /* when that was made */
	size_t *order;
	size_t n_order, capacity;
	enum route_sort sort;
	char selected[ROUTE_MAX]; /* name of the route, "" the first */
	size_t top, page;
	unsigned int metric; /* index of those that w goes through */
	struct route_tree *tree;
	char tree_of[ROUTE_MAX]; /* what it was made of: the route … */
	unsigned int tree_metric;
	uint64_t tree_ns; /* … and when */
	size_t tree_requests;
	uint32_t root;
	uint32_t node; /* selected */
	bool in_tree;  /* keys move in the tree */
};

/* Returns 0 or -ENOMEM. rules may be NULL, and outlives it. */
int routes_state_init(struct routes_state *state, const struct route_rules *rules);
void routes_state_done(struct routes_state *state);
/* Takes in what has come. */
void routes_state_feed(struct app *app);

/* Brings table and tree up to date. */
void routes_state_sort(struct app *app);
void routes_state_grow(struct app *app);
/* The table that is shown. */
const struct routes *routes_state_shown(const struct routes_state *state);
void routes_state_select(struct routes_state *state, const char *name);
/* Of which requests it is, in words; and to the next choice. */
const char *routes_state_window(const struct routes_state *state);
void routes_state_next_window(struct routes_state *state);
/* The route that is selected; NULL when there is none. */
const struct route_stats *routes_state_selected(const struct routes_state *state,
						size_t *ret_place);
/* What the tree is about. */
const char *routes_state_metric(const struct routes_state *state);
void routes_state_next_metric(struct routes_state *state);
/* Arrival of the slowest request of the selected route that is kept, or NO_ARRIVAL. */
uint64_t routes_state_slowest(const struct app *app);

#endif
