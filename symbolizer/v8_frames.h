/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Raw JavaScript frames to functions with file, line and column, from V8's own heap, without any
 * flag of the target. The line is that of the call, not that of the function.
 *
 * Every object on the way is asked for its type, so that a frame is either named or not, and a line
 * that cannot be told is 0. Whether the layout is right at all shows on live frames: where none of
 * many is as expected, the heap is given up.
 *
 * Collections move what the frames point to. With a clock of them the heap is read only while all
 * stands where it stood when the frames were captured; later, what is known of the functions by
 * their numbers still names the frames. Without a clock the types have to do. Owner: the ingest
 * thread.
 */
#ifndef NT_SYMBOLIZER_V8_FRAMES_H
#define NT_SYMBOLIZER_V8_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "symbolizer/heap_clock.h"
#include "symbolizer/process.h"
#include "symbolizer/stacks.h"
#include "symbolizer/v8_layout.h"

#define V8_MAX_INLINED 32 /* functions that one frame may stand for */

enum v8_state {
	V8_UNKNOWN, /* no layout for this V8 */
	V8_UNTRIED, /* no frame was named yet */
	V8_PROVEN,  /* live frames were as expected */
	V8_REFUTED, /* they were not */
};

struct v8_counts {
	uint64_t named; /* frames of the stack, not functions inlined in them */
	uint64_t unnamed;
	uint64_t no_line; /* functions without a line, among those named */
	uint64_t no_code; /* compiled frames whose code was not found, among these */
	uint64_t reads;   /* of memory */
	uint64_t shed;    /* remembered things that had to go for others */
	uint64_t late;    /* stacks that were looked at after a collection */
	uint64_t again;   /* stacks that a collection came in between of, so they were read again */
};

struct source_maps;
struct v8_frames;

/* The memory and the stacks (for names) must outlive the frames; the layout is copied, and NULL for a
 * V8 that is not known: see the state. Returns 0 or -ENOMEM. */
int v8_frames_new(const struct v8_layout *layout, const struct memory *memory,
		  struct stacks *stacks, struct v8_frames **ret_frames);
void v8_frames_free(struct v8_frames *frames);

/* Shows all scripts of frames to the maps from now on; these must outlive the frames. */
void v8_frames_use_maps(struct v8_frames *frames, struct source_maps *maps);

/* Without it the heap is read at any time; a thread that it does not know has ended. */
void v8_frames_set_clock(struct v8_frames *frames, const struct heap_clock *clock);

/* To be called before the frames of each stack, with its thread and the number of moves when it was
 * captured. */
void v8_frames_begin(struct v8_frames *frames, uint32_t tid, uint64_t moves);
/* Afterwards. Returns false when a collection came in between: what was found is void, and the
 * stack is to be begun again. It happens a few times in a row at most. */
bool v8_frames_end(struct v8_frames *frames);

/* A frame that the interpreter runs. Returns 0 and fills all but the address, or a negative errno:
 * -ENOENT no JavaScript with a script, -EBADMSG not what it should be, or the read's error. */
int v8_frames_interpreted(struct v8_frames *frames, const struct nt_frame *raw,
			  struct frame *ret_frame);

/*
 * A frame of compiled code, in a mapping that starts at `lowest`. Returns 0 and fills up to max
 * frames, innermost first: the functions that were inlined, then the function itself. Same errors.
 */
int v8_frames_compiled(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
		       size_t max, struct frame *ret_frames, size_t *ret_n);

/* The words of a frame of compiled code that are not in use, as v8_spills_dead() has them, unless it is
 * too late to tell. Same errors. */
int v8_frames_dead_spills(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
			  uint64_t *ret_dead);

/* An async function or generator that is suspended. Same errors. */
int v8_frames_async(struct v8_frames *frames, const struct nt_frame *raw, struct frame *ret_frame);

/* Whether the layout is known and proven, and what came of the frames so far. */
enum v8_state v8_frames_state(const struct v8_frames *frames);
void v8_frames_counts(const struct v8_frames *frames, struct v8_counts *ret_counts);

#endif
