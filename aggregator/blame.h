/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who kept others waiting: who had the event loop while they were ready to run, and the collections in that
 * time; whose jobs had the thread of the pool that theirs waited for. By the route of the culprit, its
 * job and the place in its code, and by the route of the victim.
 *
 * A culprit may be finished after its victims: their delay waits for its name until then.
 */
#ifndef NT_AGGREGATOR_BLAME_H
#define NT_AGGREGATOR_BLAME_H

#include "aggregator/route.h"

#define BLAME_BACKGROUND "(background)" /* ran for no request */
#define BLAME_NODE       "(node)"       /* between two callbacks: node, libuv, waking up */
#define BLAME_WAKING     "(waking up)"  /* an idle thread of the pool, until it has a CPU */
#define BLAME_OPEN       "(open)"       /* a request that was not handed out */
#define BLAME_OTHER      "(other)"      /* beyond a limit */

struct blame_row {
	enum label label;    /* LABEL_LOOP, LABEL_GC: the loop; LABEL_POOL_QUEUE: the pool */
	const char *job;     /* of the pool: "crypto pbkdf2", NULL not known */
	const char *culprit; /* its route, or one of the names above */
	const char *function; /* where it was when looked at, else when last seen, NULL unknown … */
	const char *file;     /* … not of node itself */
	uint32_t line;
	bool of_function;   /* frame.of_function */
	const char *victim; /* the route of those who waited */
	uint64_t delay_ns;  /* how long, together */
	uint64_t max_ns;    /* … and the longest that one request waited for one culprit */
	uint64_t
		sampled_ns; /* of the delay, where the place is that at which most looks found it */
	uint64_t delays;    /* how many pairs of a culprit and a victim */
};

struct blame;

/* Returns an empty table of at most max_rows rows in *ret_blame, or -ENOMEM. rules may be NULL, and
 * outlives it; so do the stacks of the requests. */
int blame_new(size_t max_rows, const struct route_rules *rules, struct blame **ret_blame);
void blame_free(struct blame *blame);
/* Adds a finished request, as a victim, and as a culprit that others may have waited for. Returns 0 or
 * -ENOMEM. */
int blame_add(struct blame *blame, const struct request *request);
/* Names culprits that have not come as BLAME_OPEN: at the end. */
void blame_settle(struct blame *blame);

/* How many rows there are, and the i-th; valid until the next blame_add(). */
size_t blame_count(const struct blame *blame);
const struct blame_row *blame_at(const struct blame *blame, size_t i);
/* Their indexes by delay, the longest first: into ret_order of blame_count() entries. */
void blame_by_delay(const struct blame *blame, size_t *ret_order);

/*
 * What a culprit is called that kept the request waiting for the loop, or the request itself: as label_span.culprit and busy.
 * NULL: it has not been handed out, or so long ago that its name is gone. As long as the blame.
 */
const char *blame_name(const struct blame *blame, const struct request *request, uint64_t serial,
		       uint32_t busy);

/*
 * The frame of a stack that says best where in the code it was: the first of the application's own, also
 * among those that wait for what runs; when there is none, the first in what it has installed
 * (node_modules). NULL: all of it is node's, or lines are not known.
 */
const struct frame *blame_frame(const struct stack *stack);

#endif
