/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What a small pure function of the target would return, worked out from its code without running
 * it: straight-line moves, address sums and loads of the target's memory up to its ret.
 */
#ifndef NT_SYMBOLIZER_CODE_CALL_H
#define NT_SYMBOLIZER_CODE_CALL_H

#include "symbolizer/code.h"
#include "symbolizer/process.h"

struct code_result {
	uint64_t value;  /* of rax */
	uint64_t loaded; /* run-time address that was read last, 0 none */
};

/*
 * `bias` is what the loader added to the addresses of `code`. Returns 0, -EOPNOTSUPP when the
 * function does anything else, or -EFAULT when memory it reads cannot be read.
 */
int code_call(const struct memory *memory, uint64_t bias, const struct code *code,
	      uint64_t argument, struct code_result *ret_result);

#endif
