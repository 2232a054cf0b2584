/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The handles of a libuv loop in the live process, whose list may change while it is walked. */
#ifndef NT_SYMBOLIZER_LOOP_HANDLES_H
#define NT_SYMBOLIZER_LOOP_HANDLES_H

#include <stdint.h>

#include "symbolizer/process.h"

struct loop_handle {
	uint64_t address; /* uv_handle_t */
	uint32_t type;    /* uv_handle_type */
};

/*
 * Calls visit for each handle of the uv_loop_t at `loop`, for a bounded number of them. visit
 * returns non-zero to stop; that value is returned. -EFAULT when the list cannot be read on.
 */
int loop_handles_visit(const struct memory *memory, uint64_t loop,
		       int (*visit)(void *user, const struct loop_handle *handle), void *user);

#endif
