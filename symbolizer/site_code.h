/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Probe sites inside functions, found by the pattern of their code.
 *
 * Each finder looks for what the source makes the compiler write in every release; it returns
 * -ENOENT when the code is not of that pattern, and then the site stays off.
 */
#ifndef NT_SYMBOLIZER_SITE_CODE_H
#define NT_SYMBOLIZER_SITE_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "symbolizer/code.h"
#include "symbolizer/probe_point.h"

/*
 * InternalCallbackScope::Close(): the point behind the test of closed_, since destructors call it a
 * second time. *ret_closed is 0 then; else the point is the entry and *ret_closed the offset of
 * closed_.
 */
int site_code_close(const struct code *code, struct probe_point *ret_point, uint32_t *ret_closed);

/* Builtins_PromisePrototypeThen: where the result promise or capability is in rcx. */
int site_code_prototype_then(const struct code *code, struct probe_point *ret_point);

/* The first call of the function at `target`. */
int site_code_call(const struct code *code, uint64_t target, struct probe_point *ret_point);

/*
 * Builtins_RunMicrotasks: the block that runs a CallableTask, whose instance type is `type`, and
 * the register (x86 encoding) that holds the task there.
 */
int site_code_callable(const struct code *code, int32_t type, struct probe_point *ret_point,
		       uint32_t *ret_register);

/* True when the code calls or jumps to the function, perhaps through the linkage table of `elf`. */
bool site_code_reaches(const struct elf_file *elf, const struct code *code,
		       const struct elf_symbol *function);

#endif
