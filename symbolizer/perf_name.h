/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The names that V8 writes to perf maps: "JS:*'handler /app/index.js:12:3" and its spellings in
 * other releases.
 */
#ifndef NT_SYMBOLIZER_PERF_NAME_H
#define NT_SYMBOLIZER_PERF_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/stacks.h"

struct perf_name {
	const char *function; /* into the text or a constant; not ended with NUL */
	size_t function_len;  /* > 0 */
	const char *file;     /* likewise; NULL unknown */
	size_t file_len;
	uint32_t line; /* of the function; 0 unknown */
	uint32_t column;
	enum frame_kind kind;
};

/* Takes the name apart. What is none of the known spellings is a function as a whole. */
void perf_name_parse(const char *text, size_t len, struct perf_name *ret_name);

/* Does a frame that the map named stand for the function of this one? The map has the line at which the
 * function begins, the frame that of the call. The names are of one table. */
bool perf_name_agrees(const struct frame *perf, const struct frame *frame);

#endif
