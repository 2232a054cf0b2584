/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/site_code.h"

#include "symbolizer/base.h"

enum {
	RCX = 1,
	RBP = 5,
	RDI = 7,
	MAX_CLOSE_PROLOGUE = 12, /* instructions before the test of closed_ */
	MAX_TYPE_CHAIN = 40,     /* instructions from the load of a task's type to its comparison */
	MAX_TYPE_JUMP = 3,       /* from the comparison to the jump */
	THEN_ARGUMENT = 0x18,    /* rbp + this = onFulfilled of PromisePrototypeThen */
	INSTANCE_TYPE = 0xb,     /* tagged map + this = instance type */
	NEVER = 1000,            /* instructions since something that did not happen */
};

/* The first emulated point from `start` on, with the registers of `keep` intact since there. */
static int point_behind(const struct code *code, uint32_t start, uint32_t keep,
			struct probe_point *ret_point)
{
	struct probe_point point;
	int err;

	if (start >= code->len || !probe_point_is_instruction(code->bytes, code->len, start))
		return -ENOENT;
	err = probe_point_find(code->bytes + start, code->len - start, code->address + start, keep,
			       &point);
	if (err)
		return err;
	if (!point.emulated)
		return -ENOENT;
	point.offset += start;
	*ret_point = point;
	return 0;
}

/* No branch of the function may enter behind `start` and up to `site`, or hits are doubled. */
static bool entered_between(const struct code *code, uint32_t start, uint32_t site)
{
	struct code_insn insn;
	uint64_t target;

	code_for_each(code, &insn)
	{
		if (insn.raw.meta.category == ZYDIS_CATEGORY_CALL ||
		    !insn_target(code, &insn, &target))
			continue;
		if (target > code->address + start && target <= code->address + site)
			return true;
	}
	return false;
}

/* cmp byte [rdi + closed], 0 */
static bool tests_closed(const struct code_insn *insn, uint32_t *ret_closed)
{
	int64_t disp;
	int base;

	if (insn->raw.mnemonic != ZYDIS_MNEMONIC_CMP || insn->operands[0].size != 8 ||
	    !insn_memory(insn, 0, &base, &disp) || base != RDI ||
	    insn->operands[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
	    insn->operands[1].imm.value.u != 0 || disp <= 0 || disp > UINT8_MAX)
		return false;
	*ret_closed = (uint32_t)disp;
	return true;
}

/* Where the code goes on when closed_ is zero: the target of je, or what follows jne. */
static bool open_branch(const struct code *code, const struct code_insn *jump, uint32_t *ret_body)
{
	uint64_t target;

	if (jump->raw.mnemonic == ZYDIS_MNEMONIC_JNZ) {
		*ret_body = jump->end;
		return true;
	}
	if (jump->raw.mnemonic != ZYDIS_MNEMONIC_JZ || !insn_target(code, jump, &target) ||
	    target < code->address || target - code->address >= code->len)
		return false;
	*ret_body = (uint32_t)(target - code->address);
	return true;
}

int site_code_close(const struct code *code, struct probe_point *ret_point, uint32_t *ret_closed)
{
	struct probe_point point;
	struct code_insn insn;
	uint32_t closed = 0;
	uint32_t at = 0;
	uint32_t body;
	bool pushed = false;
	bool framed = false;

	for (int i = 0; i < MAX_CLOSE_PROLOGUE && !closed; i++, at = insn.end) {
		if (code_decode(code, at, &insn) || insn_writes(&insn, RDI))
			return -ENOENT;
		(void)tests_closed(&insn, &closed);
		pushed |=
			insn.raw.mnemonic == ZYDIS_MNEMONIC_PUSH && insn_register(&insn, 0) == RBP;
		framed |= insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn_register(&insn, 0) == RBP;
	}
	if (!closed)
		return -ENOENT;
	if (!code_decode(code, at, &insn) && open_branch(code, &insn, &body) &&
	    !point_behind(code, body, PROBE_RDI, &point) &&
	    !entered_between(code, body, point.offset)) {
		point.frame_pushed |= pushed;
		point.frame_set |= framed;
		*ret_point = point;
		*ret_closed = 0;
		return 0;
	}
	if (probe_point_find(code->bytes, code->len, code->address, PROBE_RDI, &point))
		return -ENOENT;
	*ret_point = point;
	*ret_closed = closed;
	return 0;
}

int site_code_prototype_then(const struct code *code, struct probe_point *ret_point)
{
	struct code_insn insn;
	bool loaded = false;
	int since_rcx = NEVER; /* instructions since rcx was set by a mov */
	int64_t disp;
	int base;

	code_for_each(code, &insn)
	{
		if (loaded && insn_is_conditional(&insn)) {
			*ret_point = (struct probe_point){.offset = insn.offset,
							  .emulated = true,
							  .frame_pushed = true,
							  .frame_set = true};
			return 0;
		}
		if (insn_writes(&insn, RCX)) {
			if (loaded)
				return -ENOENT;
			since_rcx = insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV ? 0 : NEVER;
			continue;
		}
		since_rcx += since_rcx < NEVER;
		if (loaded || insn.raw.mnemonic != ZYDIS_MNEMONIC_MOV ||
		    insn_register(&insn, 0) < 0 || !insn_memory(&insn, 1, &base, &disp) ||
		    base != RBP || disp != THEN_ARGUMENT)
			continue;
		if (since_rcx > 2)
			return -ENOENT;
		loaded = true;
	}
	return -ENOENT;
}

int site_code_call(const struct code *code, uint64_t target, struct probe_point *ret_point)
{
	struct code_insn insn;
	uint64_t callee;

	code_for_each(code, &insn)
	{
		if (insn.raw.mnemonic != ZYDIS_MNEMONIC_CALL ||
		    !insn_target(code, &insn, &callee) || callee != target)
			continue;
		*ret_point = (struct probe_point){.offset = insn.offset,
						  .emulated = true,
						  .frame_pushed = true,
						  .frame_set = true};
		return 0;
	}
	return -ENOENT;
}

/* By the address, since a constructor has two names, C1 and C2. */
static bool is_linked(const struct elf_file *elf, uint64_t callee, uint64_t target)
{
	const char *name = elf_file_linked_name(elf, callee);
	struct elf_symbol symbol;

	return name && !elf_file_find(elf, name, &symbol) && symbol.address == target;
}

bool site_code_reaches(const struct elf_file *elf, const struct code *code,
		       const struct elf_symbol *function)
{
	struct code_insn insn;
	uint64_t callee;

	code_for_each(code, &insn)
	{
		if (!insn_target(code, &insn, &callee))
			continue;
		if (callee == function->address ||
		    ((callee < code->address || callee - code->address >= code->len) &&
		     is_linked(elf, callee, function->address)))
			return true;
	}
	return false;
}

/* From the load of a task's instance type at `at`: the block to which a type of `type` jumps. */
static int callable_block(const struct code *code, uint32_t at, int32_t type, uint32_t *ret_block)
{
	struct code_insn insn;
	uint64_t target;
	int since = NEVER; /* instructions since the comparison */

	for (int i = 0; i < MAX_TYPE_CHAIN && !code_decode(code, at, &insn); i++, at = insn.end) {
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_CMP) {
			bool ours = insn.operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
				    insn.operands[1].imm.value.s == type;

			since = ours ? 0 : NEVER;
			continue;
		}
		since += since < NEVER;
		if (since > MAX_TYPE_JUMP || insn.raw.mnemonic != ZYDIS_MNEMONIC_JZ ||
		    !insn_target(code, &insn, &target) || target < code->address ||
		    target - code->address >= code->len)
			continue;
		*ret_block = (uint32_t)(target - code->address);
		return 0;
	}
	return -ENOENT;
}

/* The first load of an instance type: mov map, [task - 1]; …; movzx type, word [map + 0xb]. */
static int find_type_load(const struct code *code, uint32_t *ret_end, int *ret_task)
{
	int task_of[16]; /* per register: whose map it holds, -1 none */
	struct code_insn insn;
	int64_t disp;
	int base;

	for (size_t i = 0; i < ARRAY_SIZE(task_of); i++)
		task_of[i] = -1;
	code_for_each(code, &insn)
	{
		bool loads = insn_register(&insn, 0) >= 0 && insn_memory(&insn, 1, &base, &disp);

		if (loads && insn.raw.mnemonic == ZYDIS_MNEMONIC_MOVZX && disp == INSTANCE_TYPE &&
		    task_of[base] >= 0) {
			*ret_end = insn.end;
			*ret_task = task_of[base];
			return 0;
		}
		for (int i = 0; i < 16; i++) {
			if (insn_writes(&insn, i))
				task_of[i] = -1;
		}
		if (loads && insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV && disp == -1)
			task_of[insn_register(&insn, 0)] = base;
	}
	return -ENOENT;
}

int site_code_callable(const struct code *code, int32_t type, struct probe_point *ret_point,
		       uint32_t *ret_register)
{
	struct probe_point point;
	uint32_t block;
	uint32_t end;
	int task;
	int err;

	err = find_type_load(code, &end, &task);
	if (err)
		return err;
	err = callable_block(code, end, type, &block);
	if (err)
		return err;
	err = point_behind(code, block, PROBE_REG(task), &point);
	if (err)
		return err;
	point.frame_pushed = true;
	point.frame_set = true;
	*ret_point = point;
	*ret_register = (uint32_t)task;
	return 0;
}
