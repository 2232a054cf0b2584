/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Functions of the target: SharedFunctionInfo to name and script.
 *
 * A SharedFunctionInfo moves as well; what names a function for ever is its script and its number
 * in there. Names are remembered by that key, in a table of fixed size where a newer one takes the
 * place of an older one.
 */
#ifndef NT_SYMBOLIZER_V8_FUNCTION_H
#define NT_SYMBOLIZER_V8_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "symbolizer/v8_heap.h"
#include "symbolizer/v8_script.h"

struct stacks;
struct v8_functions;

struct v8_function {
	const char *name;         /* interned; "(anonymous)" when it has none */
	struct v8_script *script; /* valid until the next read */
	int32_t literal;          /* its number in the script */
	bool is_async;            /* an async function, arrow, method or generator */
};

/* All arguments must outlive the table. Returns 0 or -ENOMEM. */
int v8_functions_new(struct v8_heap *heap, struct v8_scripts *scripts, struct stacks *stacks,
		     struct v8_functions **ret_functions);
void v8_functions_free(struct v8_functions *functions);

/* Returns 0, -ENOENT for a function without a script (builtins, API), -EBADMSG when this is no
 * SharedFunctionInfo, or the read's error. */
int v8_function_read(struct v8_functions *functions, uint32_t tid, uint64_t shared,
		     struct v8_function *ret_function);

/* The same by its numbers when it is known, without a look at the heap. Returns 0 or -ENOENT. */
int v8_function_recall(struct v8_functions *functions, uint32_t tid, int32_t script,
		       int32_t literal, struct v8_function *ret_function);

/* Forgets what was learnt in the current attempt: a collection came in between. */
void v8_functions_discard(struct v8_functions *functions);

#endif
