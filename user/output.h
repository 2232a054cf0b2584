/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where finished requests go when there is no terminal view: filter, count, exporter, file.
 * Owner: the main thread. Live captures and replays share it.
 */
#ifndef NT_USER_OUTPUT_H
#define NT_USER_OUTPUT_H

#include "aggregator/export/exporter.h"
#include "user/options.h"

struct output;

/* What the reader is told of the end. */
enum output_state {
	OUTPUT_GOING,
	OUTPUT_ENOUGH, /* -c requests were written */
	OUTPUT_GONE,   /* whoever read the pipe is gone: end quietly */
	OUTPUT_FAILED, /* a write failed; output_error() has the errno */
};

/* Opens file and exporter. Logs why when it fails, and returns a negative errno. */
int output_open(const struct options *options, uint64_t start_ns, uint64_t start_unix_ns,
		struct output **ret_output);

/* Writes the request if it is asked for; it stays the caller's. */
enum output_state output_request(struct output *output, const struct request *request);
enum output_state output_unowned(struct output *output, const struct op *op);
/* Pushes out what was written, so that readers of a pipe see it now. */
enum output_state output_flush(struct output *output);

/* The descriptor that is written to, to learn of its reader's end. */
int output_fd(const struct output *output);
/* Requests written. */
uint64_t output_count(const struct output *output);
/* True when the options let the request through. */
bool output_wants(const struct options *options, const struct request *request);
/* True when operations of no request are wanted. */
bool output_wants_unowned(const struct options *options);
/* Are labels of requests needed? */
bool output_wants_labels(const struct options *options);

/* Writes the end and frees the output. Returns the final state; failures are logged. */
enum output_state output_close(struct output *output, struct export_summary *summary);

#endif
