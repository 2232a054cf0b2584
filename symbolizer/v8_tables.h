/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What was read of functions and places, for when their objects have moved before they are looked at.
 *
 * Position tables are kept by function, whose bytecode is the same wherever it stands. Resolved
 * frames are kept by address and by the number of moves so far: between two moves no address comes
 * to mean anything else. Both are bounded; what is new takes the place of what was there.
 */
#ifndef NT_SYMBOLIZER_V8_TABLES_H
#define NT_SYMBOLIZER_V8_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/stacks.h"

#define V8_PLACE_FRAMES 4 /* of one place, with those inlined; places with more are not kept */

/* A function: serial number of its script, and its number there. */
struct v8_table_key {
	uint64_t script;
	int32_t literal;
};

/* A return address in compiled code (offset 0), or bytecodes and an offset in them. */
struct v8_place {
	uint64_t isolate;
	uint64_t moves;
	uint64_t address;
	uint64_t offset;
};

struct v8_tables;

/* Returns 0 or -ENOMEM. */
int v8_tables_new(struct v8_tables **ret_tables);
void v8_tables_free(struct v8_tables *tables);

/* Keeps a copy of a position table; `attempt` as in v8_tables_discard(). What is too long, and what
 * there is no memory for, is not kept. */
void v8_tables_put(struct v8_tables *tables, const struct v8_table_key *key, uint64_t attempt,
		   const uint8_t *bytes, size_t len);
/* The table, valid until the next put, or NULL. */
const uint8_t *v8_tables_find(const struct v8_tables *tables, const struct v8_table_key *key,
			      size_t *ret_len);

/* Keeps a copy of the frames of a place, instead of another one if need be; not of more than V8_PLACE_FRAMES. */
void v8_tables_put_place(struct v8_tables *tables, const struct v8_place *place, uint64_t attempt,
			 const struct frame *frames, size_t n);
/* Copies the frames of a place. Returns how many; 0 when it is not known or there are more than max. */
size_t v8_tables_find_place(const struct v8_tables *tables, const struct v8_place *place,
			    struct frame *ret_frames, size_t max);

/* Forgets what was put in this attempt. */
void v8_tables_discard(struct v8_tables *tables, uint64_t attempt);

#endif
