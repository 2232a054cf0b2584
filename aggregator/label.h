/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a nanosecond of a request went into. Each has exactly one label. */
#ifndef NT_AGGREGATOR_LABEL_H
#define NT_AGGREGATOR_LABEL_H

#include <stdint.h>

#include "symbolizer/stacks.h"

/* X(NAME, name) */
#define LABELS(X)                                                                                  \
	X(JS, "js")                 /* its own JavaScript, on the event loop */                    \
	X(GC, "gc")                 /* garbage collection, while it ran or was ready to */         \
	X(LOOP, "loop")             /* ready, but the event loop ran something else */             \
	X(POOL_QUEUE, "pool-queue") /* waited for a thread of the pool */                          \
	X(POOL, "pool")             /* a thread of the pool worked for it */                       \
	X(IO, "io")                 /* network, other processes and threads */                     \
	X(TIMER, "timer")           /* a timer that was not due */                                 \
	X(CLIENT, "client") /* the client: its request not sent yet, its response not taken yet */ \
	X(UNKNOWN, "unknown") /* nothing says what it waited for */

enum label {
#define LABEL_ENUM(name, text) LABEL_##name,
	LABELS(LABEL_ENUM)
#undef LABEL_ENUM
	LABEL_COUNT,
};

#define LABEL_BUSY_SEVERAL 2          /* label_span.busy */
#define LABEL_OP_REQUEST   UINT32_MAX /* none of its operations: the request itself */

/* A stretch of a request with one label. Those of a request follow each other without a gap. While others
 * took turns on the event loop, or on a thread of the pool, each of them has one, for all its turns (labels_crowd.h). */
struct label_span {
	uint64_t start_ns;
	uint64_t end_ns;
	enum label label;
	/* The operation on the critical path: whose callback ran, or whose end was waited for; index
	   in request->ops, or LABEL_OP_REQUEST. */
	uint32_t op;
	/* LABEL_LOOP, LABEL_GC while it was ready, LABEL_POOL_QUEUE: who ran instead. A request's
	   serial, or 0: no request's, then `busy` tells a job that runs for nobody from node's own
	   work between two, and from several that are not told one by one. */
	uint64_t culprit;
	/* Of the culprit, and of LABEL_JS: where it was while it ran, NULL not known. */
	const struct stack *stack;
	uint32_t busy;
	uint32_t
		samples; /* how many looks found it there; 0: an operation was seen being started there */
	const char
		*job; /* LABEL_POOL_QUEUE: what of the culprit's had the thread, NULL not known */
};

/* "js", "pool-queue" …; never NULL. */
const char *label_name(enum label label);

#endif
