/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Suspended functions: where the bytecodes of a function are that has no frame, since it waits.
 */
#ifndef NT_SYMBOLIZER_V8_ASYNC_H
#define NT_SYMBOLIZER_V8_ASYNC_H

#include <stdint.h>

#include "symbolizer/v8_heap.h"

/*
 * Finds the BytecodeArray of a SharedFunctionInfo, whatever code it has been compiled to since.
 * Functions that can be suspended keep theirs. Returns 0, -EBADMSG when there is none, or the
 * read's error.
 */
int v8_shared_bytecodes(struct v8_heap *heap, uint64_t shared, uint64_t *ret_bytecodes);

/*
 * Offset of the bytecode at which a generator is suspended, from the Smi that it keeps. Returns 0
 * or -EBADMSG.
 */
int v8_suspended_at(const struct v8_layout *layout, uint64_t position, uint32_t *ret_offset);

/* "Promise.all" … of the builtin that handles an element of it, by the builtin's place in the
 * table; NULL when it is none of them. */
const char *v8_combinator_name(const struct nt_config *config, uint64_t builtin);

#endif
