/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Intern tables for names and resolved stacks.
 *
 * A stack is resolved once, when BPF sends it for the first time, and then shared by every
 * operation that was started from it. Stacks and names live until the table is freed and never
 * change, so that requests on other threads may point at them without locks. Both tables are
 * bounded; what no longer fits is counted and shown as an unknown stack.
 *
 * Owner: the ingest thread. Only the returned pointers may be used elsewhere.
 */
#ifndef NT_SYMBOLIZER_STACKS_H
#define NT_SYMBOLIZER_STACKS_H

#include <stddef.h>
#include <stdint.h>

enum frame_kind {
	FRAME_UNKNOWN,
	FRAME_NATIVE,  /* C++ of node, V8 or libuv, or libc */
	FRAME_BUILTIN, /* V8 builtin */
	FRAME_JS,
};

struct frame {
	const char *function; /* interned, never NULL; "js" when only the address is known */
	const char *file;     /* interned, NULL unknown */
	uint64_t address;     /* pc in the target */
	uint32_t line;        /* 1-based, 0 unknown */
	uint32_t column;      /* 1-based, 0 unknown */
	enum frame_kind kind;
};

struct stack {
	uint64_t id; /* as BPF hashed it */
	uint32_t n_frames;
	struct frame frames[]; /* leaf first */
};

struct stacks;

/* Makes a table of at most max_stacks stacks and max_name_bytes bytes of names. Returns 0 or
 * -ENOMEM. The caller frees it with stacks_free(). */
int stacks_new(size_t max_stacks, size_t max_name_bytes, struct stacks **ret_stacks);
void stacks_free(struct stacks *stacks);

/* Interns len bytes, made printable and cut at 512. Returns the shared, NUL-terminated string, or
 * "?" when the table is full (counted). */
const char *stacks_name(struct stacks *stacks, const char *name, size_t len);

/* Returns the stack with this id, or NULL. */
const struct stack *stacks_find(const struct stacks *stacks, uint64_t id);

/* Keeps a copy of n frames (names already interned here; at most 256) as stack `id`, replacing
 * nothing: the first one stays. Returns it, or NULL when the table is full (counted). */
const struct stack *stacks_add(struct stacks *stacks, uint64_t id, const struct frame *frames,
			       size_t n);

size_t stacks_count(const struct stacks *stacks);
/* Stacks and names that found the table full. */
uint64_t stacks_dropped(const struct stacks *stacks);

#endif
