/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Folded stacks: "frame;frame;frame value", values in integer microseconds.
 *
 * Metrics of this version:
 *   wall   each nanosecond between start and end of a request goes to exactly one path of its tree:
 *          the deepest operation that was open then (of several, the one that ends last). Sums to
 *          the durations of the requests.
 *   cpu    time on the event loop, per operation; as far as it was sampled below "[sampled]", by the
 *          application's functions and the lines in them.
 *   total  each operation's own elapsed time: what runs at once counts double.
 *   count  number of operations.
 *   critical  each nanosecond goes to the operation on the critical path and what it was spent on
 *          (label.h), as a last frame "[loop]". Sums to the durations of the requests.
 *   loopq  of that what was ready and waited for the event loop.
 *   poolq  of that what waited for a thread of the pool.
 *          (export/folded.c tells both by who had those.)
 * Frames: "METHOD /path" (query dropped), then "type detail" per operation. ';' becomes ':', runs
 * of spaces collapse, and no frame ends in a space and a number (flamegraph.pl would take that for
 * a second value): "HTTP 200" is written "HTTP [200]".
 */
#ifndef NT_AGGREGATOR_FOLDED_H
#define NT_AGGREGATOR_FOLDED_H

#include <stdio.h>

#include "aggregator/request.h"

#define FOLDED_METRICS(X)       \
	X(WALL, "wall")         \
	X(CPU, "cpu")           \
	X(TOTAL, "total")       \
	X(COUNT, "count")       \
	X(CRITICAL, "critical") \
	X(LOOPQ, "loopq")       \
	X(POOLQ, "poolq")

enum folded_metric {
#define FOLDED_METRIC_ENUM(name, text) FOLDED_##name,
	FOLDED_METRICS(FOLDED_METRIC_ENUM)
#undef FOLDED_METRIC_ENUM
	FOLDED_METRIC_COUNT,
};

struct folded;

/*
 * Async functions are frames ("await getUser()"), not operations: in wall they have the time in which
 * nothing that was started in them was open; in cpu, total and count nothing.
 */

/* Returns the metric of this name in *ret_metric, or -ENOENT. */
int folded_metric_find(const char *name, enum folded_metric *ret_metric);
const char *folded_metric_name(enum folded_metric metric);

/* Is it made of what the labels of requests say? */
bool folded_wants_labels(enum folded_metric metric);

/* Returns a new aggregate of at most max_paths different paths in *ret_folded, or -ENOMEM. */
int folded_new(enum folded_metric metric, size_t max_paths, struct folded **ret_folded);
void folded_free(struct folded *folded);

/*
 * Adds one request. No time is ever left out: operations too deep for a path count for the ancestor
 * that fits; new paths beyond three quarters of the limit go to "(other)" below their request, and
 * beyond the limit to one "(other)" for all. Returns 0 or -ENOMEM.
 */
int folded_add(struct folded *folded, const struct request *request);

/*
 * Adds a path of other frames than those of a request, outermost first; what is too long is cut. The same
 * limits. Returns 0 or -ENOMEM.
 */
int folded_add_frames(struct folded *folded, const char *const *frames, size_t n, uint64_t value);

/*
 * Writes all paths, sorted. Returns the sum of the written values in *ret_sum (microseconds, or a
 * count); 0 or a negative errno. The rounding rest of a path is carried to the next one, so that
 * the values sum to the rounded total.
 */
int folded_write(const struct folded *folded, FILE *out, uint64_t *ret_sum);

/*
 * The label of an operation as frames, icicle and text show it: "fs.stat /etc/hosts", "timer 20ms".
 * Writes into buf, always NUL-terminated and never cut within a character; returns the length.
 */
size_t op_label(const struct op *op, char *buf, size_t len);

#endif
