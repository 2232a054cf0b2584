/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the isolate keeps how JavaScript was left for what it called: words that V8's stubs write and
 * clear, at the same places in all of them.
 */
#include <stdlib.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"

enum {
	RBP = 5,
	R13 = 13, /* the roots */
	MAX_WORD = 0x10000,
};

#define LOWEST_ADDRESS  0x10000ULL
#define HIGHEST_ADDRESS (1ULL << 47)

/* A store into a word of the isolate's; its offset there. */
static bool is_store(const struct code_insn *insn, int64_t *ret_word)
{
	int64_t disp;
	int base;

	if (insn->raw.mnemonic != ZYDIS_MNEMONIC_MOV || !insn_memory(insn, 0, &base, &disp) ||
	    base != R13 || insn->operands[0].size != 64)
		return false;
	*ret_word = disp + layout_walk.isolate_root;
	return *ret_word > 0 && *ret_word < MAX_WORD && *ret_word % 8 == 0;
}

static bool is_clear(const struct code_insn *insn, int64_t word)
{
	int64_t stored;

	return is_store(insn, &stored) && stored == word &&
	       insn->operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
	       insn->operands[1].imm.value.u == 0;
}

/* The word that is saved first when JavaScript is entered: it is pushed, then cleared. 0: none is. */
static int64_t entry_word(const struct code *code)
{
	struct code_insn insn;
	int64_t word = 0, disp;
	int base;

	code_for_each(code, &insn)
	{
		if (word)
			return is_clear(&insn, word) ? word : 0;
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_PUSH &&
		    insn_memory(&insn, 0, &base, &disp) && base == R13)
			word = disp + layout_walk.isolate_root;
	}
	return 0;
}

struct fast_words {
	int64_t exit; /* the frame of the stub itself */
	int64_t frame;
	int64_t pc;
	bool is_cleared;
};

/*
 * A stub that makes quick calls: it writes its frame pointer into the first word that is there for
 * stubs, then, where it calls, an address in its code and its frame pointer into two others: lea reg,
 * [rip]; mov [pc], reg; mov [frame], rbp. After the call it clears the latter.
 */
static struct fast_words fast_words(const struct code *code)
{
	struct fast_words words = {0};
	int64_t before = 0,
		word; /* where an address of code was stored by the instruction before */
	struct code_insn insn;
	int from, address = -1; /* register that has one, by the instruction before */

	code_for_each(code, &insn)
	{
		bool is_word = is_store(&insn, &word);

		if (words.frame && is_clear(&insn, words.frame)) {
			words.is_cleared = true;
			break;
		}
		from = is_word ? insn_register(&insn, 1) : -1;
		if (from == RBP && !words.exit) {
			words.exit = word;
		} else if (from == RBP && before && !words.frame) {
			words.frame = word;
			words.pc = before;
		}
		before = from >= 0 && from == address ? word : 0;
		address = insn.raw.mnemonic == ZYDIS_MNEMONIC_LEA &&
					  insn.operands[1].mem.base == ZYDIS_REGISTER_RIP
				  ? insn_register(&insn, 0)
				  : -1;
	}
	return words;
}

void layout_find_exits(const struct elf_file *elf, const char *entry, const char *stub,
		       struct node_layout *layout)
{
	struct code *code = malloc(sizeof(*code));
	struct fast_words words = {0};
	int64_t exit = 0;

	if (!code)
		return;
	if (!code_find(elf, entry, code))
		exit = entry_word(code);
	if (exit && !code_find(elf, stub, code))
		words = fast_words(code);
	free(code);
	if (!exit || words.exit != exit) /* they agree on what is saved, and written, first */
		return;
	layout_set(layout, LAYOUT_FIELD_exit_frame, (uint64_t)exit, LAYOUT_DERIVED);
	if (!words.is_cleared || words.frame == exit)
		return;
	layout_set(layout, LAYOUT_FIELD_fast_call_frame, (uint64_t)words.frame, LAYOUT_DERIVED);
	layout_set(layout, LAYOUT_FIELD_fast_call_pc, (uint64_t)words.pc, LAYOUT_DERIVED);
}

void layout_read_exits(const struct elf_file *elf, struct node_layout *layout)
{
	layout_find_exits(elf, "Builtins_JSEntry", "Builtins_DeoptimizationEntry_Eager", layout);
}

/* Nothing or a frame pointer; in a process that runs, so it may be either. */
static bool is_frame(const struct memory *memory, uint64_t address)
{
	uint64_t frame;

	return !memory_read_u64(memory, address, &frame) &&
	       (!frame || (frame % 8 == 0 && frame >= LOWEST_ADDRESS && frame < HIGHEST_ADDRESS));
}

void layout_check_exits(const struct memory *memory, struct node_layout *layout)
{
	const struct nt_config *config = &layout->config;
	uint64_t isolate;

	if (!layout_isolate(memory, layout, &isolate) &&
	    (!config->exit_frame || is_frame(memory, isolate + config->exit_frame)) &&
	    (!config->fast_call_frame || is_frame(memory, isolate + config->fast_call_frame)))
		return;
	layout_set(layout, LAYOUT_FIELD_exit_frame, 0, LAYOUT_ABSENT);
	layout_set(layout, LAYOUT_FIELD_fast_call_frame, 0, LAYOUT_ABSENT);
	layout_set(layout, LAYOUT_FIELD_fast_call_pc, 0, LAYOUT_ABSENT);
}
