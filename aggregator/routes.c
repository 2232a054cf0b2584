/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "symbolizer/base.h"

#define OTHER "(other)"

struct route {
	struct route_stats stats;
	char name[ROUTE_MAX];
	UT_hash_handle hh;
};

struct routes {
	const struct route_rules *rules;
	size_t max;
	struct route **all; /* in the order they were met */
	size_t n, capacity;
	struct route *by_name;
};

int routes_new(size_t max, const struct route_rules *rules, struct routes **ret_routes)
{
	struct routes *routes = calloc(1, sizeof(*routes));

	if (!routes)
		return -ENOMEM;
	routes->max = max;
	routes->rules = rules;
	*ret_routes = routes;
	return 0;
}

void routes_free(struct routes *routes)
{
	if (!routes)
		return;
	HASH_CLEAR(hh, routes->by_name);
	for (size_t i = 0; i < routes->n; i++)
		free(routes->all[i]);
	free(routes->all);
	free(routes);
}

static struct route *find(const struct routes *routes, const char *name)
{
	struct route *route = NULL;

	HASH_FIND_STR(routes->by_name, name, route);
	return route;
}

static struct route *get(struct routes *routes, const char *name)
{
	struct route *route = find(routes, name);

	if (!route && routes->n + 1 >= routes->max) {
		name = OTHER;
		route = find(routes, name);
	}
	if (route ||
	    array_reserve(&routes->all, &routes->capacity, routes->n, sizeof(struct route *)))
		return route;
	route = calloc(1, sizeof(*route));
	if (!route)
		return NULL;
	memcpy(route->name, name, strlen(name) + 1);
	route->stats.name = route->name;
	routes->all[routes->n++] = route;
	HASH_ADD_STR(routes->by_name, name, route);
	return route;
}

int routes_add(struct routes *routes, const struct request *request)
{
	char name[ROUTE_MAX];
	struct route *route;

	if (request->flags & REQUEST_OPEN)
		return 0;
	(void)route_name(routes->rules, request, name);
	route = get(routes, name);
	if (!route)
		return -ENOMEM;
	histogram_add(&route->stats.durations, request_duration_ns(request));
	route->stats.errors += request->status >= 500 || request->flags & REQUEST_ABORTED;
	for (unsigned int i = 0; i < LABEL_COUNT; i++)
		route->stats.label_ns[i] += request->label_ns[i];
	return 0;
}

int routes_merge(struct routes *into, const struct routes *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct route_stats *more = &from->all[i]->stats;
		struct route *route = get(into, more->name);

		if (!route)
			return -ENOMEM;
		histogram_merge(&route->stats.durations, &more->durations);
		route->stats.errors += more->errors;
		for (unsigned int label = 0; label < LABEL_COUNT; label++)
			route->stats.label_ns[label] += more->label_ns[label];
	}
	return 0;
}

size_t routes_count(const struct routes *routes)
{
	return routes->n;
}

const struct route_stats *routes_at(const struct routes *routes, size_t i)
{
	return &routes->all[i]->stats;
}

static int by_time(const void *left, const void *right, void *user)
{
	const struct routes *routes = user;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	uint64_t x = routes->all[a]->stats.durations.sum_ns;
	uint64_t y = routes->all[b]->stats.durations.sum_ns;

	if (x != y)
		return x > y ? -1 : 1;
	return (a > b) - (a < b);
}

void routes_by_time(const struct routes *routes, size_t *ret_order)
{
	for (size_t i = 0; i < routes->n; i++)
		ret_order[i] = i;
	if (routes->n)
		qsort_r(ret_order, routes->n, sizeof(*ret_order), by_time, (void *)routes);
}
