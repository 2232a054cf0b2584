/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The tables in which V8 keeps which instruction belongs to which place in the source. Pure: bytes
 * in, numbers out. A table that ends in the middle of a number counts up to there.
 */
#ifndef NT_SYMBOLIZER_V8_POSITIONS_H
#define NT_SYMBOLIZER_V8_POSITIONS_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_layout.h"

/* A place in a script, as optimised code tells it: in the function or in one inlined into it. */
struct v8_position {
	uint32_t offset;  /* in the script's source */
	uint32_t inlined; /* number of the inlining, from 1; 0 none */
};

/*
 * The place of the last entry at or before code_offset. flag_bits as in struct v8_layout. Returns 0,
 * -ENOENT when there is no such entry or it tells no place in the script, -EBADMSG.
 */
int v8_positions_find(const uint8_t *table, size_t len, uint32_t flag_bits, uint32_t code_offset,
		      struct v8_position *ret_position);

/* The word that the tables and the inlining positions hold a place in. Returns 0 or -ENOENT. */
int v8_position_decode(uint64_t word, struct v8_position *ret_position);

struct v8_bytecodes {
	const uint8_t *code;
	size_t len;
};

/*
 * Which bytecode baseline code at code_offset was made from, by the table of code lengths. Returns
 * 0, or -EBADMSG when table and bytecodes do not fit.
 */
int v8_baseline_bytecode(const struct v8_layout *layout, const uint8_t *table, size_t len,
			 const struct v8_bytecodes *bytecodes, uint32_t code_offset,
			 uint32_t *ret_bytecode);

#endif
