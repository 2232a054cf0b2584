/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A recording run through the engine: what came out, held in memory. */
#ifndef NT_TESTS_REPLAY_CAPTURE_H
#define NT_TESTS_REPLAY_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "aggregator/engine.h"

struct capture_options {
	uint32_t max_ops;
	uint64_t drop; /* leave out this event, counted from 1; 0 none */
};

struct capture {
	struct request **requests; /* by id */
	size_t n_requests;
	size_t capacity;
	FILE *unowned; /* while it runs: a line for each operation of no request */
	char *unowned_text;
	size_t unowned_len;
	struct totals totals;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t rejected;     /* events that the engine did not take */
	uint32_t js_tid;       /* of the first event with async ids */
	bool one_js_thread;    /* no other thread had any */
	bool complete;         /* the footer was read */
	int err;               /* of replay_next() at the end: 0, or -EBADMSG at damage */
	struct replay *replay; /* owns the stacks */
	FILE *in;
};

/* Replays size bytes of a recording, which must stay until capture_done(). Returns 0, or a negative
 * errno when they are no recording or memory is short. */
int capture_run(const void *data, size_t size, const struct capture_options *options,
		struct capture *ret_capture);
void capture_done(struct capture *capture);

#endif
