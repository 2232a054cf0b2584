/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What a call in optimised code stands for, the way V8 itself finds out: the translation that would
 * turn the frame back into interpreted ones.
 *
 * Maglev's position tables tell the place of the loop for all calls in a loop of which it compiled
 * the first round apart, and so do its inlining positions. The translations are exact. They are
 * found by safepoint: return address -> deoptimisation entry -> translation.
 */
#ifndef NT_SYMBOLIZER_V8_DEOPT_H
#define NT_SYMBOLIZER_V8_DEOPT_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_code.h"
#include "symbolizer/v8_heap.h"
#include "symbolizer/v8_vlq.h"

/* An interpreted frame that would be. */
struct v8_deopt_frame {
	uint64_t shared;    /* SharedFunctionInfo */
	uint64_t bytecodes; /* BytecodeArray */
	uint32_t offset;    /* of the bytecode in it */
};

/*
 * The functions that a return address in Maglev's code is in, innermost first. Returns 0, -ENOENT
 * when the data is not there (any more) or its layout not known, -EBADMSG when it makes no sense or
 * there are more than max frames, or the read's error.
 */
int v8_deopt_frames(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, size_t max,
		    struct v8_deopt_frame *ret_frames, size_t *ret_n);

/*
 * The words of a frame of Maglev's that hold what the interpreter's frames would: bit i is that of the
 * word at fp - 32 - 8 * i. Same errors; -ENOENT also for a call that cannot lead to interpreted frames.
 */
int v8_deopt_words(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
		   uint64_t *ret_words);

/* An interpreted frame as a translation has it. */
struct v8_translated {
	int32_t bytecode;   /* -1: before the first one */
	uint32_t literal;   /* number of the SharedFunctionInfo among the literals */
	uint32_t bytecodes; /* number of the BytecodeArray among the protected literals */
};

/* The interpreted frames of the translation that starts at `at`, outermost first. Pure. Returns 0,
 * -ENOENT when there are none, -EBADMSG when it makes no sense or there are more than max. */
int v8_translation_read(const struct v8_layout *layout, const struct v8_cursor *all, size_t at,
			size_t max, struct v8_translated *ret_frames, size_t *ret_n);

/* The words, as above, of the translation that starts at `at`. Pure. Returns 0 or -EBADMSG. */
int v8_translation_words(const struct v8_layout *layout, const struct v8_cursor *all, size_t at,
			 uint64_t *ret_words);

#endif
