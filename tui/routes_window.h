/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The routes of the last minutes: a table for each minute, of which those of a window are put together. */
#ifndef NT_TUI_ROUTES_WINDOW_H
#define NT_TUI_ROUTES_WINDOW_H

#include <stdint.h>

struct request;
struct route_rules;
struct routes;

#define ROUTES_MINUTES 15 /* so many are kept */

struct routes_window {
	const struct route_rules *rules;
	struct {
		uint64_t number; /* minutes of CLOCK_MONOTONIC */
		struct routes *routes;
	} minutes[ROUTES_MINUTES];
};

/* Frees what it holds, not itself. */
void routes_window_done(struct routes_window *window);
/* Adds a finished request to the minute in which it ended. Returns 0 or -ENOMEM. */
int routes_window_add(struct routes_window *window, const struct request *request);
/* A new table of the minute of now_ns and the `minutes` - 1 before in *ret_routes, or -ENOMEM. */
int routes_window_sum(const struct routes_window *window, uint64_t now_ns, unsigned int minutes,
		      struct routes **ret_routes);

/* When the first of them began. */
uint64_t routes_window_start(uint64_t now_ns, unsigned int minutes);

#endif
