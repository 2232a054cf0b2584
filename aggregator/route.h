/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which route a request is of: its method, and its path with what names a single thing replaced by
 * ":id". Nothing tells a tracer the routes of a router; segments that are numbers, uuids, long
 * hexadecimals or tokens are what differs from request to request. What looks like a secret is such a
 * segment, and never part of a route; nor is the query.
 */
#ifndef NT_AGGREGATOR_ROUTE_H
#define NT_AGGREGATOR_ROUTE_H

#include <stddef.h>

#include "aggregator/request.h"

#define ROUTE_MAX 256 /* bytes of a name, NUL included */

/* Rules of the user, tried in order before that: a path that fits one has its name. */
struct route_rules;

/* Returns an empty list in *ret_rules, or -ENOMEM. */
int route_rules_new(struct route_rules **ret_rules);
void route_rules_free(struct route_rules *rules);
/*
 * Adds "REGEX=NAME": a POSIX extended expression, looked for in the path (anchor it with ^ and $), and
 * what follows the last '='. Returns 0, -ENOMEM, -EINVAL when it is none, -E2BIG when there are many.
 */
int route_rules_add(struct route_rules *rules, const char *text);

/*
 * Writes the route of a request, "GET /users/:id", to buf of ROUTE_MAX bytes. Always NUL-terminated,
 * never cut within a character; returns its length. rules may be NULL. Where nobody knows method and path it is
 * "?" and why: "? (before the trace)".
 */
size_t route_name(const struct route_rules *rules, const struct request *request,
		  char buf[ROUTE_MAX]);

#endif
