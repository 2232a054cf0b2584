/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Compiled JavaScript: which Code object a pc is in, and which functions were inlined there.
 *
 * Code that runs is not always what its function points to (replaced on the stack, or marked for
 * deoptimisation), so it is looked for in front of the pc. Where it was found is remembered per pc
 * and checked again each time.
 */
#ifndef NT_SYMBOLIZER_V8_CODE_H
#define NT_SYMBOLIZER_V8_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_heap.h"
#include "symbolizer/v8_positions.h"

enum v8_code_kind {
	V8_CODE_OTHER, /* regular expressions, WebAssembly, … */
	V8_CODE_BASELINE,
	V8_CODE_MAGLEV,
	V8_CODE_TURBOFAN,
};

struct v8_code {
	enum v8_code_kind kind;
	uint64_t start; /* of the instructions */
	uint64_t size;
	uint64_t positions; /* position table, or the code lengths of baseline code */
	uint64_t deopt;     /* DeoptimizationData */
	uint32_t slots;     /* of its frames; 0: its safepoints tell */
};

/* A function that was inlined, and where it was when it called the next one. */
struct v8_inlined {
	uint64_t shared; /* SharedFunctionInfo; 0 the function that the code was made for */
	uint32_t offset; /* in its script */
};

struct v8_codes;

/* Returns 0 or -ENOMEM. */
int v8_codes_new(struct v8_heap *heap, struct v8_codes **ret_codes);
void v8_codes_free(struct v8_codes *codes);

/* The code that a return address is in, looking back to `lowest` at most. Returns 0 or -ENOENT. */
int v8_code_find(struct v8_codes *codes, uint64_t pc, uint64_t lowest, struct v8_code *ret_code);

/*
 * When V8 gives code up, it puts another return address into the frames that run it: that of an exit
 * behind the code, one for each call. Which one it is, -1 when the return address is still its own.
 * The number is that of the deoptimisation entry. Returns 0, or a negative errno when it cannot be
 * told.
 */
int v8_code_exit(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, int32_t *ret_exit);

/*
 * The functions that a return address in optimised code is in, innermost first; the last is that of
 * the code itself. Returns 0, -ENOENT when the place or the functions inlined there are not to be
 * had, -EBADMSG when the data makes no sense or there are more than max.
 */
int v8_code_inlined(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, size_t max,
		    struct v8_inlined *ret_inlined, size_t *ret_n);

/*
 * Elements of the DeoptimizationData of optimised code; its literals, where a SharedFunctionInfo may
 * be wrapped or weak; its protected literals. Return 0, -ENOENT when there is no such element (the
 * data is emptied when the code is given up), -EBADMSG, or the read's error.
 */
int v8_code_deopt(struct v8_heap *heap, const struct v8_code *code, uint32_t index,
		  uint64_t *ret_word);
int v8_code_literal(struct v8_heap *heap, const struct v8_code *code, uint32_t number,
		    uint64_t *ret_shared);
int v8_code_protected(struct v8_heap *heap, const struct v8_code *code, uint32_t number,
		      uint64_t *ret_object);

#endif
