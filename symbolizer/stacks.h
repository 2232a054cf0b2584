/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Intern tables for names and resolved stacks.
 *
 * A stack is resolved once, when BPF sends it for the first time, and then shared by every
 * operation that was started from it. Stacks and names live until the table is freed and never
 * change, so that requests on other threads may point at them without locks. Both tables are
 * bounded; what no longer fits is counted and shown as an unknown stack.
 *
 * BPF gives a stack a new id after each collection that may have moved its functions. All ids of
 * the same frames lead to one stack, and ids that nobody asks for are forgotten for new ones, so
 * that the memory follows from the program's own stacks and not from how long it runs.
 *
 * Owner: the ingest thread. Only the returned pointers may be used elsewhere.
 */
#ifndef NT_SYMBOLIZER_STACKS_H
#define NT_SYMBOLIZER_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum frame_kind {
	FRAME_UNKNOWN,
	FRAME_NATIVE,  /* C++ of node, V8 or libuv, or libc */
	FRAME_BUILTIN, /* V8 builtin */
	FRAME_JS,
	FRAME_JS_ASYNC, /* the same, of an async function or generator */
	FRAME_ASYNC,    /* waits for the frames above: one that is suspended, or Promise.all() */
	FRAME_CUT,      /* none: here frames are missing, there were too many */
	FRAME_KINDS,
};

/* A frame of JavaScript code that runs. */
static inline bool frame_runs_js(enum frame_kind kind)
{
	return kind == FRAME_JS || kind == FRAME_JS_ASYNC;
}

struct frame {
	const char *function; /* interned, never NULL; "js" when only the address is known */
	const char *file;     /* interned, NULL unknown */
	uint64_t address;     /* pc in the target; of JavaScript, the first that was seen of it */
	uint32_t line;        /* 1-based, 0 unknown */
	uint32_t column;      /* 1-based, 0 unknown */
	enum frame_kind kind;
	bool of_function; /* line and column are where the function begins, not those of the call */
};

/* Is it JavaScript of node itself, node:fs and the like? */
static inline bool frame_is_of_node(const struct frame *frame)
{
	return frame->file && !strncmp(frame->file, "node:", strlen("node:"));
}

/* Stands where frames are missing. */
extern const struct frame frame_cut;

struct stack {
	uint64_t id; /* as BPF hashed it; the first of several */
	uint32_t n_frames;
	struct frame frames[]; /* leaf first */
};

struct stacks;

/* Makes a table of at most max_stacks stacks, as many ids, and max_name_bytes bytes of names. Returns
 * 0 or -ENOMEM. The caller frees it with stacks_free(). */
int stacks_new(size_t max_stacks, size_t max_name_bytes, struct stacks **ret_stacks);
void stacks_free(struct stacks *stacks);

/* Interns len bytes, made printable and cut at 512. Returns the shared, NUL-terminated string, or
 * "?" when the table is full (counted). */
const char *stacks_name(struct stacks *stacks, const char *name, size_t len);

/* Returns the stack with this id, or NULL. An id that is found is kept for longer. */
const struct stack *stacks_find(const struct stacks *stacks, uint64_t id);

/* Makes `id` stand for n frames (names already interned here; at most 256), which are copied unless
 * there is such a stack; replaces nothing: the first one stays. Returns the stack, or NULL when the
 * table is full (counted). */
const struct stack *stacks_add(struct stacks *stacks, uint64_t id, const struct frame *frames,
			       size_t n);

/* Stacks that differ. */
size_t stacks_count(const struct stacks *stacks);
/* Stacks and names that found the table full. */
uint64_t stacks_dropped(const struct stacks *stacks);
/* Ids that were forgotten. */
uint64_t stacks_evicted(const struct stacks *stacks);

#endif
