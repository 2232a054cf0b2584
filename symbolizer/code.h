/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The machine code of one function, decoded instruction by instruction.
 *
 * What the compiler wrote tells offsets that no header tells: the first load of an argument's
 * member, the target of a test. Decoding is linear from the symbol's start; nothing here follows
 * branches.
 */
#ifndef NT_SYMBOLIZER_CODE_H
#define NT_SYMBOLIZER_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <Zydis/Zydis.h>

#include "symbolizer/elf_file.h"

#define CODE_MAX 8192 /* bytes of a function that are looked at; the largest one read has 3,744 */

struct code {
	uint64_t address; /* link-time address of bytes[0] */
	size_t len;
	uint8_t bytes[CODE_MAX];
};

struct code_insn {
	uint32_t offset; /* from the start of the code */
	uint32_t end;    /* offset of the next instruction */
	ZydisDecodedInstruction raw;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Reads a function's bytes. Returns 0 or -ENOENT when the file does not hold them. */
int code_load(const struct elf_file *elf, const struct elf_symbol *symbol, struct code *ret_code);

/* The same for the function of that name. -ENOENT also when there is none. */
int code_find(const struct elf_file *elf, const char *name, struct code *ret_code);

/* Decodes the instruction at `offset`. Returns 0, or -EBADMSG at the end and at what is no code. */
int code_decode(const struct code *code, uint32_t offset, struct code_insn *ret_insn);

/* Loops over all instructions from the start; ends at the first that cannot be decoded. */
#define code_for_each(code, insn) \
	for (uint32_t at_ = 0; code_decode(code, at_, insn) == 0; at_ = (insn)->end)

/* True when the instruction is the wanted one, with the displacement of its memory operand. */
typedef bool code_disp_fn(const struct code_insn *insn, int argument, int64_t *ret_disp);

/* The displacement of the first wanted instruction. Returns 0 or -ENOENT. */
int code_first_disp(const struct code *code, code_disp_fn *is_wanted, int argument,
		    int64_t *ret_disp);

/* Number (x86 encoding) of the general register of visible operand n at any width, or -1. */
int insn_register(const struct code_insn *insn, unsigned int n);

/* True when visible operand n is memory at a general register plus a displacement, no index. */
bool insn_memory(const struct code_insn *insn, unsigned int n, int *ret_base, int64_t *ret_disp);

/* True when the instruction writes this general register, implicitly too; calls clobber all that
 * the ABI lets them. */
bool insn_writes(const struct code_insn *insn, int number);

/* True for a jump that tests flags; those that count do not. */
bool insn_is_conditional(const struct code_insn *insn);

/* True for a relative call, jump or conditional jump; its target is a link-time address. */
bool insn_target(const struct code *code, const struct code_insn *insn, uint64_t *ret_target);

#endif
