/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Scripts of the target: file names and the tables that turn an offset in a source into line and
 * column.
 *
 * A Script moves when the heap is compacted; what stays is its number, which counts per isolate, so
 * the key is (thread, number). Since threads and their numbers come back, a remembered script is
 * compared with what the heap shows whenever its words differ from those last seen. The cache is
 * bounded in scripts and in bytes of line tables, and what is shed is read again when asked for.
 */
#ifndef NT_SYMBOLIZER_V8_SCRIPT_H
#define NT_SYMBOLIZER_V8_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_heap.h"

struct stacks;
struct v8_scripts;

struct v8_script {
	const char *file; /* interned; NULL unknown, or source without a name, as of eval() */
	uint64_t serial;  /* of this program's memory of it: never the same for two scripts */
	uint64_t used;
	uint64_t learned;       /* attempt in which it was read … */
	uint64_t learned_lines; /* … and its lines */
	uint32_t tid;
	int32_t id;
	uint64_t name; /* words of the Script when last seen */
	uint64_t source;
	uint64_t line_ends;
	uint32_t length;    /* of the source */
	int32_t first_line; /* offsets of the source in its file */
	int32_t first_column;
	bool has_lines;
	uint8_t failures; /* to read the lines: what is just moving can be read later */
	uint32_t *ends;   /* offsets at which lines end */
	size_t n_ends;
};

/* Names go to `stacks`, which must outlive the scripts. Returns 0 or -ENOMEM. */
int v8_scripts_new(struct v8_heap *heap, struct stacks *stacks, struct v8_scripts **ret_scripts);
void v8_scripts_free(struct v8_scripts *scripts);

/* The script at this address. It is valid until the next get. Returns 0, -EBADMSG when it is none or
 * makes no sense just now, or the read's error. */
int v8_scripts_get(struct v8_scripts *scripts, uint32_t tid, uint64_t object,
		   struct v8_script **ret_script);

/* The same when it is known, without a look at the heap. Returns 0 or -ENOENT. */
int v8_scripts_recall(struct v8_scripts *scripts, uint32_t tid, int32_t id,
		      struct v8_script **ret_script);

/* Forgets what was learnt in the current attempt: a collection came in between. */
void v8_scripts_discard(struct v8_scripts *scripts);

/* Line and column, from 1, of an offset. Returns 0, -ENOENT when the source cannot be read (any
 * more) or is too long, -EBADMSG when the offset is behind its end. */
int v8_script_locate(struct v8_scripts *scripts, struct v8_script *script, uint32_t offset,
		     uint32_t *ret_line, uint32_t *ret_column);

/* How often remembered things had to go for others. */
uint64_t v8_scripts_shed(const struct v8_scripts *scripts);

#endif
