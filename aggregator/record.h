/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Writes the engine's input to a file, so that every bug is a replayable case.
 *
 * File: magic, then blocks, each length-prefixed, CRC-checked and zlib-compressed: header (schema,
 * pid, node version, options), names, stacks, batches of at most 1,024 events as packed columns, a
 * footer (counts, loss, complete). Readable when truncated. See aggregator/record_block.h and
 * aggregator/record.proto.
 *
 * Stacks and names of the events must outlive the recorder: it knows them by address.
 */
#ifndef NT_AGGREGATOR_RECORD_H
#define NT_AGGREGATOR_RECORD_H

#include <stdio.h>

#include "aggregator/event.h"

struct recorder;

struct record_header {
	uint32_t pid;
	const char *node_version; /* "v20.20.2" */
	const char *program;      /* "ntrace-bpf 0.1.0" */
	bool keep_query;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t start_unix_ns;
};

/* Starts a recording on `out` (stays the caller's). Returns 0 or a negative errno. */
int recorder_new(FILE *out, const struct record_header *header, struct recorder **ret_recorder);
/* Adds one event, with its stack when that is new. */
int recorder_event(struct recorder *recorder, const struct event *event);
/* Writes what is buffered and the footer; `end_ns`: when the capture ended (CLOCK_MONOTONIC). The recorder can
 * only be freed afterwards. */
int recorder_finish(struct recorder *recorder, uint64_t lost, uint64_t end_ns);
void recorder_free(struct recorder *recorder);

#endif
