/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What v8_frames.c shares with the files that read one kind of frame each. Private to them.
 */
#ifndef NT_SYMBOLIZER_V8_FRAMES_PARTS_H
#define NT_SYMBOLIZER_V8_FRAMES_PARTS_H

#include "symbolizer/v8_frames.h"
#include "symbolizer/v8_heap.h"

struct v8_codes;
struct v8_function;
struct v8_functions;
struct v8_scripts;
struct v8_tables;

struct v8_frames {
	struct v8_layout layout;
	struct v8_heap heap;
	struct v8_scripts *scripts;
	struct v8_functions *functions;
	struct v8_codes *codes;
	struct v8_tables *tables;
	struct source_maps *maps; /* NULL: not asked for */
	struct heap_clock clock;  /* read NULL: none */
	struct v8_counts counts;
	uint64_t good; /* frames that were as expected in all details */
	uint64_t bad;
	enum v8_state state;

	/* of the stack in hand */
	uint32_t tid;
	uint32_t isolate;        /* the thread, told apart from others that had its id */
	uint64_t moves;          /* when it was captured */
	struct heap_time before; /* when it was begun */
	struct v8_counts counts_before;
	bool has_time;
	bool is_late; /* the heap is not to be read */
	int attempts; /* that were void, in a row */
};

/* The function of a raw frame: from the heap, or late by its numbers. Errors of v8_function.h. */
int v8_read_function(struct v8_frames *frames, const struct nt_frame *raw,
		     struct v8_function *ret_function);

/* Where in its script a function's bytecode at this offset comes from: from the heap, or late from
 * the table that was kept. Returns 0, or a negative errno when that is not known. */
int v8_bytecode_position(struct v8_frames *frames, const struct v8_function *function,
			 uint64_t bytecodes, uint32_t at, uint32_t *ret_offset);

/* Fills a frame but for its address. offset: in the script, NULL unknown. */
void v8_set_frame(struct v8_frames *frames, const struct v8_function *function,
		  const uint32_t *offset, struct frame *frame);

/* v8_compiled.c: a frame of compiled code, as v8_frames_compiled(). */
int v8_compiled_read(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
		     size_t max, struct frame *ret_frames, size_t *ret_n);

#endif
