/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/probe_point.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"

enum {
	MAX_INSTRUCTIONS = 14, /* how far into a function a point is looked for */
	RSP = 4,
	RBP = 5,
};

#define REGISTERS 16

/* The kind of instruction after which the next one may not run, or not with the same registers. */
static const ZydisInstructionCategory exits[] = {
	ZYDIS_CATEGORY_CALL,   ZYDIS_CATEGORY_COND_BR,   ZYDIS_CATEGORY_INTERRUPT,
	ZYDIS_CATEGORY_RET,    ZYDIS_CATEGORY_SYSCALL,   ZYDIS_CATEGORY_SYSRET,
	ZYDIS_CATEGORY_SYSTEM, ZYDIS_CATEGORY_UNCOND_BR,
};

static bool is_exit(const struct code_insn *insn)
{
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		if (insn->raw.meta.category == exits[i])
			return true;
	return insn->raw.mnemonic == ZYDIS_MNEMONIC_UD2;
}

/*
 * What arch/x86/kernel/uprobes.c emulates in every release since 4.16: branch_setup_xol_ops() and
 * push_setup_xol_ops(). Longer nops and jumps with prefixes are taken by some releases only.
 */
static bool is_emulated(const struct code *code, const struct code_insn *insn)
{
	const uint8_t *bytes = code->bytes + insn->offset;
	uint8_t opcode = insn->raw.opcode;

	if (insn->raw.length == 2 && bytes[0] == 0x41 && (bytes[1] & 0xf8) == 0x50)
		return true; /* push r8 … r15 */
	if (insn->raw.raw.prefix_count)
		return false;
	if (insn->raw.opcode_map == ZYDIS_OPCODE_MAP_0F)
		return (opcode & 0xf0) == 0x80; /* jcc rel32 */
	if (insn->raw.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return false;
	if ((opcode & 0xf8) == 0x50 || (opcode & 0xf0) == 0x70)
		return true; /* push, jcc rel8 */
	return opcode == 0x90 || opcode == 0xe8 || opcode == 0xe9 || opcode == 0xeb;
}

static bool is_push_rbp(const struct code_insn *insn)
{
	return insn->raw.mnemonic == ZYDIS_MNEMONIC_PUSH && insn_register(insn, 0) == RBP;
}

static bool is_set_frame(const struct code_insn *insn)
{
	return insn->raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn->raw.operand_width == 64 &&
	       insn_register(insn, 0) == RBP && insn_register(insn, 1) == RSP;
}

static bool writes_any(const struct code_insn *insn, uint32_t registers)
{
	for (int number = 0; number < REGISTERS; number++)
		if ((registers & PROBE_REG((unsigned int)number)) && insn_writes(insn, number))
			return true;
	return false;
}

/* Smallest offset after the start to which a later instruction jumps back: from there on, an
 * instruction may run more than once per call. */
static uint32_t loop_start(const struct code *code)
{
	uint32_t start = UINT32_MAX;
	struct code_insn insn;

	code_for_each(code, &insn)
	{
		uint64_t target;

		if (!insn_target(code, &insn, &target) ||
		    insn.raw.meta.category == ZYDIS_CATEGORY_CALL)
			continue;
		target -= code->address;
		if (target > 0 && target <= insn.offset && target < start)
			start = (uint32_t)target;
	}
	return start;
}

/* Takes notice of one instruction that runs before the point. False when it ruins what we read. */
static bool step(const struct code_insn *insn, uint32_t keep, struct probe_point *point)
{
	if (is_push_rbp(insn) && !point->frame_pushed) {
		point->frame_pushed = true;
		return true;
	}
	if (is_set_frame(insn) && point->frame_pushed) {
		point->frame_set = true;
		return true;
	}
	/* The stack is walked from rsp and rbp. */
	if (!point->frame_set)
		keep |= PROBE_REG(RSP);
	return !is_exit(insn) && !writes_any(insn, keep | PROBE_REG(RBP));
}

static void code_set(struct code *code, const uint8_t *bytes, size_t len, uint64_t address)
{
	code->address = address;
	code->len = len < CODE_MAX ? len : CODE_MAX;
	memcpy(code->bytes, bytes, code->len);
}

int probe_point_find(const uint8_t *code, size_t len, uint64_t address, uint32_t keep,
		     struct probe_point *ret_point)
{
	struct probe_point point = {0};
	struct code_insn insn;
	struct code copy;
	uint32_t limit;

	code_set(&copy, code, len, address);
	if (code_decode(&copy, 0, &insn))
		return -EBADMSG;
	limit = loop_start(&copy);
	for (int i = 0; i < MAX_INSTRUCTIONS && insn.offset < limit; i++) {
		if (is_emulated(&copy, &insn)) {
			point.offset = insn.offset;
			point.emulated = true;
			*ret_point = point;
			return 0;
		}
		if (!step(&insn, keep, &point) || code_decode(&copy, insn.end, &insn))
			break;
	}
	*ret_point = (struct probe_point){0};
	return 0;
}

int probe_point_at(const uint8_t *code, size_t len, uint32_t offset, struct probe_point *ret_point)
{
	struct probe_point point = {.offset = offset};
	struct code_insn insn;
	struct code copy;

	code_set(&copy, code, len, 0);
	code_for_each(&copy, &insn)
	{
		if (insn.offset > offset)
			break;
		if (insn.offset == offset) {
			point.emulated = is_emulated(&copy, &insn);
			*ret_point = point;
			return 0;
		}
		(void)step(&insn, 0, &point);
	}
	return -EBADMSG;
}

bool probe_point_is_instruction(const uint8_t *code, size_t len, uint32_t offset)
{
	struct probe_point point;

	return probe_point_at(code, len, offset, &point) == 0;
}
