/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The critical path of a request in a few lines: the stretches of its labels that are about the same thing,
 * together, the longest first.
 */
#ifndef NT_TUI_CRITICAL_H
#define NT_TUI_CRITICAL_H

#include "aggregator/request.h"

#define CRITICAL_MAX 32 /* lines; what is beyond is left out, and is the shortest */

struct critical_line {
	uint64_t ns;
	enum label label;
	uint32_t op;      /* index, or LABEL_OP_REQUEST */
	bool several;     /* … of the first of them: others computed at the same place */
	uint64_t culprit; /* LABEL_LOOP: id of the request that ran instead, 0 none */
	uint32_t busy;    /* LABEL_LOOP without a culprit: label_span.busy */
	const struct stack
		*stack;      /* of the culprit, or of the request itself, where it ran longest;
				      NULL unknown */
	uint32_t samples;    /* label_span.samples there */
	uint64_t stack_ns;   /* how long that was */
	uint64_t longest_ns; /* stretch */
	uint64_t longest_start_ns;
};

/* Writes the lines, the longest first. Returns their number. */
size_t critical_lines(const struct request *request, struct critical_line ret_lines[CRITICAL_MAX]);

#endif
