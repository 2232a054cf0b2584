/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/code_call.h"

#include "symbolizer/base.h"

enum {
	RAX = 0,
	RBP = 5,
	RDI = 7,
	N_REGISTERS = 16,
	MAX_INSTRUCTIONS = 16,
};

struct machine {
	const struct memory *memory;
	uint64_t bias;
	const struct code *code;
	uint64_t registers[N_REGISTERS];
	uint32_t known; /* one bit a register */
	uint64_t loaded;
};

static bool value_of(const struct machine *m, int number, uint64_t *ret_value)
{
	if (number < 0 || !(m->known >> number & 1))
		return false;
	*ret_value = m->registers[number];
	return true;
}

/* Register of an address: none counts as 0. */
static bool part_of(const struct machine *m, ZydisRegister reg, uint64_t *ret_value)
{
	*ret_value = 0;
	if (reg == ZYDIS_REGISTER_NONE)
		return true;
	if (ZydisRegisterGetClass(reg) != ZYDIS_REGCLASS_GPR64)
		return false;
	return value_of(m, ZydisRegisterGetId(reg), ret_value);
}

static bool address_of(const struct machine *m, const struct code_insn *insn, uint64_t *ret_address)
{
	const ZydisDecodedOperand *operand = &insn->operands[1];
	uint64_t base, index;

	if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY)
		return false;
	if (operand->mem.base == ZYDIS_REGISTER_RIP)
		base = m->code->address + m->bias + insn->end;
	else if (!part_of(m, operand->mem.base, &base))
		return false;
	if (!part_of(m, operand->mem.index, &index))
		return false;
	*ret_address = base + index * operand->mem.scale + (uint64_t)operand->mem.disp.value;
	return true;
}

/* The value of a mov's source. Returns 0, -EOPNOTSUPP or -EFAULT. */
static int source_of(struct machine *m, const struct code_insn *insn, uint64_t *ret_value)
{
	const ZydisDecodedOperand *operand = &insn->operands[1];
	uint64_t value = 0;

	if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		*ret_value = operand->imm.value.u;
		return 0;
	}
	if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
		return value_of(m, insn_register(insn, 1), ret_value) ? 0 : -EOPNOTSUPP;
	if ((operand->size != 64 && operand->size != 32) || !address_of(m, insn, &m->loaded))
		return -EOPNOTSUPP;
	if (memory_read(m->memory, m->loaded, &value, operand->size / 8))
		return -EFAULT;
	*ret_value = value;
	return 0;
}

static int step(struct machine *m, const struct code_insn *insn)
{
	int to = insn_register(insn, 0), err = 0;
	uint64_t value;

	switch ((int)insn->raw.mnemonic) {
	case ZYDIS_MNEMONIC_ENDBR64:
	case ZYDIS_MNEMONIC_NOP:
		return 0;
	case ZYDIS_MNEMONIC_PUSH:
	case ZYDIS_MNEMONIC_POP:
		return to == RBP ? 0 : -EOPNOTSUPP; /* a frame */
	case ZYDIS_MNEMONIC_LEA:
		err = address_of(m, insn, &value) ? 0 : -EOPNOTSUPP;
		break;
	case ZYDIS_MNEMONIC_MOV:
		if (to == RBP)
			return 0;
		err = source_of(m, insn, &value);
		break;
	case ZYDIS_MNEMONIC_MOVSXD:
		err = source_of(m, insn, &value);
		value = err ? 0 : (uint64_t)(int64_t)(int32_t)value;
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (err || to < 0)
		return err ? err : -EOPNOTSUPP;
	m->registers[to] = insn->operands[0].size == 32 ? (uint32_t)value : value;
	m->known |= 1u << to;
	return 0;
}

int code_call(const struct memory *memory, uint64_t bias, const struct code *code,
	      uint64_t argument, struct code_result *ret_result)
{
	struct machine m = {.memory = memory, .bias = bias, .code = code, .known = 1u << RDI};
	struct code_insn insn;
	uint32_t at = 0;
	int err;

	m.registers[RDI] = argument;
	for (int i = 0; i < MAX_INSTRUCTIONS; i++, at = insn.end) {
		if (code_decode(code, at, &insn))
			return -EOPNOTSUPP;
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_RET) {
			if (!value_of(&m, RAX, &ret_result->value))
				return -EOPNOTSUPP;
			ret_result->loaded = m.loaded;
			return 0;
		}
		err = step(&m, &insn);
		if (err)
			return err;
	}
	return -EOPNOTSUPP;
}
