/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/code.h"

#include "symbolizer/base.h"

/* rax rcx rdx rsi rdi r8-r11: what a called function may change */
#define CALLER_SAVED 0x0fc7u

int code_load(const struct elf_file *elf, const struct elf_symbol *symbol, struct code *ret_code)
{
	size_t len = symbol->size < CODE_MAX ? (size_t)symbol->size : CODE_MAX;

	if (!len || elf_file_read(elf, symbol->address, ret_code->bytes, len))
		return -ENOENT;
	ret_code->address = symbol->address;
	ret_code->len = len;
	return 0;
}

int code_find(const struct elf_file *elf, const char *name, struct code *ret_code)
{
	struct elf_symbol symbol;

	if (elf_file_find(elf, name, &symbol))
		return -ENOENT;
	return code_load(elf, &symbol, ret_code);
}

int code_decode(const struct code *code, uint32_t offset, struct code_insn *ret_insn)
{
	ZydisDecoder decoder;

	if (offset >= code->len ||
	    ZYAN_FAILED(
		    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
	    ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, code->bytes + offset, code->len - offset,
					       &ret_insn->raw, ret_insn->operands)))
		return -EBADMSG;
	ret_insn->offset = offset;
	ret_insn->end = offset + ret_insn->raw.length;
	return 0;
}

int code_first_disp(const struct code *code, code_disp_fn *is_wanted, int argument,
		    int64_t *ret_disp)
{
	struct code_insn insn;

	code_for_each(code, &insn)
	{
		if (is_wanted(&insn, argument, ret_disp))
			return 0;
	}
	return -ENOENT;
}

static int general_register(ZydisRegister reg)
{
	ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	if (ZydisRegisterGetClass(full) != ZYDIS_REGCLASS_GPR64)
		return -1;
	return ZydisRegisterGetId(full);
}

int insn_register(const struct code_insn *insn, unsigned int n)
{
	if (n >= insn->raw.operand_count_visible ||
	    insn->operands[n].type != ZYDIS_OPERAND_TYPE_REGISTER)
		return -1;
	return general_register(insn->operands[n].reg.value);
}

bool insn_memory(const struct code_insn *insn, unsigned int n, int *ret_base, int64_t *ret_disp)
{
	const ZydisDecodedOperand *operand = &insn->operands[n];
	int base;

	if (n >= insn->raw.operand_count_visible || operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
	    operand->mem.type != ZYDIS_MEMOP_TYPE_MEM || operand->mem.index != ZYDIS_REGISTER_NONE)
		return false;
	base = general_register(operand->mem.base);
	if (base < 0)
		return false;
	*ret_base = base;
	*ret_disp = operand->mem.disp.has_displacement ? operand->mem.disp.value : 0;
	return true;
}

bool insn_writes(const struct code_insn *insn, int number)
{
	if (insn->raw.meta.category == ZYDIS_CATEGORY_CALL && (CALLER_SAVED >> number & 1))
		return true;
	for (unsigned int i = 0; i < insn->raw.operand_count; i++) {
		const ZydisDecodedOperand *operand = &insn->operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) &&
		    general_register(operand->reg.value) == number)
			return true;
	}
	return false;
}

bool insn_is_conditional(const struct code_insn *insn)
{
	return insn->raw.meta.category == ZYDIS_CATEGORY_COND_BR &&
	       insn->raw.mnemonic != ZYDIS_MNEMONIC_JRCXZ &&
	       insn->raw.mnemonic != ZYDIS_MNEMONIC_JECXZ &&
	       insn->raw.mnemonic != ZYDIS_MNEMONIC_LOOP &&
	       insn->raw.mnemonic != ZYDIS_MNEMONIC_LOOPE &&
	       insn->raw.mnemonic != ZYDIS_MNEMONIC_LOOPNE;
}

bool insn_target(const struct code *code, const struct code_insn *insn, uint64_t *ret_target)
{
	ZyanU64 target;

	if (!insn->raw.operand_count_visible ||
	    insn->operands[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
	    !insn->operands[0].imm.is_relative)
		return false;
	if (ZYAN_FAILED(ZydisCalcAbsoluteAddress(&insn->raw, &insn->operands[0],
						 code->address + insn->offset, &target)))
		return false;
	*ret_target = target;
	return true;
}
