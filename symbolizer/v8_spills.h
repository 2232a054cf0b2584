/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which words of an optimised frame are not in use during a call: what V8's own collector leaves alone.
 *
 * TurboFan's frames are not cleared and its slots are used again, so that a slot may hold what an
 * earlier call left there. Its table of safepoints has a bit for each slot that holds an object at a
 * call. Maglev's says only how many slots hold objects at all; which of them its functions need tells
 * the translation that would make interpreted frames of them.
 */
#ifndef NT_SYMBOLIZER_V8_SPILLS_H
#define NT_SYMBOLIZER_V8_SPILLS_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_code.h"
#include "symbolizer/v8_heap.h"

#define V8_SPILLS 64 /* words of a frame that are told about */

/*
 * The words that hold no object when the call returns to pc: bit i is that of the word at
 * fp - 32 - 8 * i. What is not told, as what lies below the frame's own slots (arguments of the call),
 * has no bit. Returns 0, -ENOENT for other code or when it is not known for this V8, -EBADMSG when the
 * table makes no sense, -ENOMEM, or the read's error.
 */
int v8_spills_dead(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
		   uint64_t *ret_dead);

/* A table of safepoints. */
struct v8_safepoints {
	const uint8_t *bytes;
	size_t len;
	uint32_t slots; /* of the frame with its fixed part; 0: the table tells */
	bool is_maglev;
	uint64_t words; /* of Maglev: those that a deoptimisation needs; all ones: not known */
};

/* The same from the table, for a return address at this offset in the code. Pure. Returns 0 or
 * -EBADMSG. */
int v8_spills_read(const struct v8_layout *layout, const struct v8_safepoints *table, uint32_t at,
		   uint64_t *ret_dead);

#endif
