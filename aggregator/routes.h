/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the requests of each route took: number, errors, quantiles, and what the time went into. */
#ifndef NT_AGGREGATOR_ROUTES_H
#define NT_AGGREGATOR_ROUTES_H

#include "aggregator/histogram.h"
#include "aggregator/route.h"

struct route_stats {
	const char *name; /* "GET /users/:id" */
	uint64_t errors;  /* status 500 and above, or aborted */
	uint64_t label_ns[LABEL_COUNT];
	struct histogram durations;
};

struct routes;

/* Returns an empty table of at most max routes in *ret_routes, or -ENOMEM. What comes beyond them is
 * of the route "(other)". rules may be NULL, and outlives it. */
int routes_new(size_t max, const struct route_rules *rules, struct routes **ret_routes);
void routes_free(struct routes *routes);
/* Adds a finished request; open ones are left out. Returns 0 or -ENOMEM. */
int routes_add(struct routes *routes, const struct request *request);
/* Adds all of another table. Returns 0 or -ENOMEM. */
int routes_merge(struct routes *into, const struct routes *from);
/* How many there are, and the i-th in the order they were met; valid until routes_free(). */
size_t routes_count(const struct routes *routes);
const struct route_stats *routes_at(const struct routes *routes, size_t i);
/* The same by the time that all its requests took together, the most first: indexes into ret_order of
 * routes_count() entries. */
void routes_by_time(const struct routes *routes, size_t *ret_order);

#endif
