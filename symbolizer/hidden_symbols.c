/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/hidden_symbols.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"
#include "symbolizer/layout_table.h"

enum {
	RCX = 1,
	RDI = 7,
	R8 = 8,
	N_REGISTERS = 16,
	MAX_POINTERS = 16,
	REFERENCES = 4, /* functions that task_queue registers */
	RUN_MICROTASKS = 2,
};

/* What the functions of one file are searched with. */
struct search {
	const struct memory *memory;
	uint64_t bias;
	const struct elf_file *elf;
	struct hidden_symbols *found;
	struct code code;
};

void hidden_symbols_add(struct hidden_symbols *found, const char *prefix, const char *name,
			uint64_t address, uint64_t size)
{
	struct hidden_symbol *symbol = &found->items[found->n];

	if (found->n == HIDDEN_MAX)
		return;
	(void)snprintf(symbol->name, sizeof(symbol->name), "%s%s", prefix, name);
	symbol->address = address;
	symbol->size = size;
	found->n++;
}

/* A static function: the unwind table must know its start. */
static void add_function(struct search *s, const char *name, uint64_t address)
{
	uint64_t size;

	if (!elf_file_function_size(s->elf, address, &size))
		hidden_symbols_add(s->found, "", name, address, size);
}

static bool load(struct search *s, const char *name)
{
	return !code_find(s->elf, name, &s->code);
}

/* The link-time address of a memory operand at rip. */
static bool rip_operand(const struct code *code, const struct code_insn *insn, unsigned int n,
			uint64_t *ret_address)
{
	const ZydisDecodedOperand *operand = &insn->operands[n];

	if (n >= insn->raw.operand_count_visible || operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
	    operand->mem.base != ZYDIS_REGISTER_RIP || operand->mem.index != ZYDIS_REGISTER_NONE)
		return false;
	*ret_address = code->address + insn->end + (uint64_t)operand->mem.disp.value;
	return true;
}

/* Takes the address of a function: lea register, [rip + …], a mov of it in a fixed file, or the load
 * of one of two that are stored together. */
static bool is_function_pointer(const struct search *s, const struct code_insn *insn,
				uint64_t *ret_address)
{
	const ZydisDecodedOperand *operand = &insn->operands[1];
	uint64_t address = 0, size, at;

	if (insn->raw.mnemonic == ZYDIS_MNEMONIC_MOVHPS && rip_operand(&s->code, insn, 1, &at) &&
	    !memory_read_u64(s->memory, at + s->bias, &address))
		address -= s->bias;
	else if (insn->raw.mnemonic == ZYDIS_MNEMONIC_MOV && elf_file_is_fixed(s->elf) &&
		 operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		address = operand->imm.value.u;
	else if (insn->raw.mnemonic != ZYDIS_MNEMONIC_LEA ||
		 !rip_operand(&s->code, insn, 1, &address))
		return false;
	if (elf_file_function_size(s->elf, address, &size))
		return false;
	*ret_address = address;
	return true;
}

/* The code of the function there, to be freed; NULL when it is not to be had. */
static struct code *code_at(struct search *s, uint64_t address)
{
	struct elf_symbol symbol = {.address = address};
	struct code *code = malloc(sizeof(*code));

	if (code && !elf_file_function_size(s->elf, address, &symbol.size) &&
	    !code_load(s->elf, &symbol, code))
		return code;
	free(code);
	return NULL;
}

/* True when the function calls one of this name. */
static bool calls(struct search *s, uint64_t address, const char *name)
{
	_cleanup_(freep) struct code *code = code_at(s, address);
	struct elf_symbol callee;
	struct code_insn insn;
	uint64_t target;
	bool found = false;

	if (!code)
		return false;
	code_for_each(code, &insn)
	{
		const char *linked;

		if (!insn_target(code, &insn, &target))
			continue;
		linked = elf_file_linked_name(s->elf, target);
		found |= (linked && strcmp(linked, name) == 0) ||
			 (!elf_file_find(s->elf, name, &callee) && callee.address == target);
	}
	return found;
}

/*
 * The binding's functions are registered in this order, for the snapshot:
 * https://github.com/nodejs/node/blob/v18.20.4/src/node_task_queue.cc
 */
static void find_tick_boundary(struct search *s)
{
	uint64_t pointers[MAX_POINTERS], address;
	struct code_insn insn;
	size_t n = 0, i;

	if (!load(s, "_ZN4node10task_queue26RegisterExternalReferencesEPNS_25ExternalReferenceRegi"
		     "stryE"))
		return;
	code_for_each(&s->code, &insn)
	{
		if (!is_function_pointer(s, &insn, &address))
			continue;
		for (i = 0; i < n && pointers[i] != address; i++)
			;
		if (i == n && n < MAX_POINTERS)
			pointers[n++] = address;
	}
	if (n == REFERENCES &&
	    calls(s, pointers[RUN_MICROTASKS], "_ZN2v87Context17GetMicrotaskQueueEv"))
		add_function(s,
			     "_ZN4node10task_queueL13RunMicrotasksERKN2v820FunctionCallbackInfoINS1"
			     "_5ValueEEE",
			     pointers[RUN_MICROTASKS]);
}

/* Where gcc split MicrotaskQueue::RunMicrotasks(), most callers go to the part that does the work. */
static void find_microtasks(struct search *s)
{
	static const char whole[] = "_ZN2v88internal14MicrotaskQueue13RunMicrotasksEPNS0_7IsolateE";
	static const char try_run[] =
		"_ZN2v88internal9Execution16TryRunMicrotasksEPNS0_7IsolateEPNS0_"
		"14MicrotaskQueueEPNS0_11MaybeHandleINS0_6ObjectEEE";
	struct elf_symbol symbol;
	struct code_insn insn;
	uint64_t target;

	if (elf_file_find(s->elf, whole, &symbol) || calls(s, symbol.address, try_run) ||
	    !load(s, whole))
		return;
	code_for_each(&s->code, &insn)
	{
		if (!insn_target(&s->code, &insn, &target) || target == symbol.address ||
		    !calls(s, target, try_run))
			continue;
		add_function(s,
			     "_ZN2v88internal14MicrotaskQueue13RunMicrotasksEPNS0_7IsolateE.part.0",
			     target);
		return;
	}
}

/*
 * uv__work_submit(loop, work, kind, work function, done function): a call with function pointers in
 * rcx and r8. Of an asynchronous function of libuv it is the only one.
 */
static bool find_submit(struct search *s, const char *caller, uint64_t *ret_submit,
			uint64_t *ret_work, uint64_t *ret_done)
{
	uint64_t holds[N_REGISTERS] = {0}, target;
	struct code_insn insn;

	if (!load(s, caller))
		return false;
	code_for_each(&s->code, &insn)
	{
		uint64_t pointer = 0;

		if ((insn.raw.mnemonic == ZYDIS_MNEMONIC_CALL ||
		     insn.raw.mnemonic == ZYDIS_MNEMONIC_JMP) &&
		    holds[RCX] && holds[R8] && insn_target(&s->code, &insn, &target)) {
			*ret_submit = target;
			*ret_work = holds[RCX];
			*ret_done = holds[R8];
			return true;
		}
		(void)is_function_pointer(s, &insn, &pointer);
		for (int i = 0; i < N_REGISTERS; i++)
			if (insn_writes(&insn, i))
				holds[i] = insn_register(&insn, 0) == i ? pointer : 0;
	}
	return false;
}

/* Does the instruction use the word `before` one of these registers, which all hold the same? */
static bool uses_before(const struct code_insn *insn, uint32_t registers, uint32_t before)
{
	int64_t disp;
	int base;

	for (unsigned int n = 0; n < 2; n++)
		if (insn_memory(insn, n, &base, &disp) && (registers >> base & 1) &&
		    disp == -(int64_t)before)
			return true;
	return false;
}

/* Whether the function uses the word that stands `before` what its first argument points to. */
static bool reads_before(struct search *s, uint64_t address, uint32_t before)
{
	_cleanup_(freep) struct code *code = code_at(s, address);
	uint32_t argument = 1u << RDI;
	struct code_insn insn;
	bool found = false;

	if (!code)
		return false;
	code_for_each(code, &insn)
	{
		int from = insn_register(&insn, 1), to = insn_register(&insn, 0);
		bool copies = insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV && from >= 0 && to >= 0 &&
			      (argument >> from & 1);

		found |= uses_before(&insn, argument, before);
		for (int i = 0; i < N_REGISTERS; i++)
			if (insn_writes(&insn, i))
				argument &= ~(1u << i);
		argument |= copies ? 1u << to : 0;
	}
	return found;
}

static bool is_found(const struct hidden_symbols *found, const char *name)
{
	for (size_t i = 0; i < found->n; i++)
		if (strcmp(found->items[i].name, name) == 0)
			return true;
	return false;
}

/*
 * Where uv__work_submit() was inlined into uv_queue_work(), both functions are stored: the one that
 * runs the request's callback, and the one that runs what comes after it.
 */
static void find_queued(struct search *s)
{
	uint64_t work = 0, done = 0, address;
	struct code_insn insn;

	if (is_found(s->found, "uv__queue_work") || !load(s, "uv_queue_work"))
		return;
	code_for_each(&s->code, &insn)
	{
		if (!is_function_pointer(s, &insn, &address))
			continue;
		if (reads_before(s, address, layout_walk.work_callback))
			work = work && work != address ? UINT64_MAX : address;
		else if (reads_before(s, address, layout_walk.work_after))
			done = done && done != address ? UINT64_MAX : address;
	}
	if (!work || !done) /* the unwind table knows no function at UINT64_MAX */
		return;
	add_function(s, "uv__queue_work", work);
	add_function(s, "uv__queue_done", done);
}

static void find_pool(struct search *s)
{
	static const struct {
		const char *caller, *work, *done;
	} rows[] = {
		{"uv_fs_close", "uv__fs_work", "uv__fs_done"},
		{"uv_getaddrinfo", "uv__getaddrinfo_work", "uv__getaddrinfo_done"},
		{"uv_queue_work", "uv__queue_work", "uv__queue_done"},
	};
	uint64_t submit = 0, first = 0, work, done;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!find_submit(s, rows[i].caller, &submit, &work, &done))
			continue;
		if (!first)
			add_function(s, "uv__work_submit", submit);
		first = first ? first : submit;
		if (submit != first) /* something else that takes two functions */
			continue;
		add_function(s, rows[i].work, work);
		add_function(s, rows[i].done, done);
	}
}

/* uv_default_loop() starts with a look at the pointer that it returns. */
static void find_loop(struct search *s)
{
	struct code_insn insn;
	uint64_t pointer, loop;

	if (!load(s, "uv_default_loop"))
		return;
	code_for_each(&s->code, &insn)
	{
		if (insn.raw.mnemonic != ZYDIS_MNEMONIC_MOV || insn_register(&insn, 0) < 0 ||
		    !rip_operand(&s->code, &insn, 1, &pointer))
			continue;
		if (!memory_read_u64(s->memory, pointer + s->bias, &loop) && loop)
			hidden_symbols_add(s->found, "", "default_loop_struct", loop - s->bias, 0);
		return;
	}
}

/* libuv's part, and that of node and V8 unless it is libuv alone. */
static void find_all(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
		     bool has_node, struct hidden_symbols *found)
{
	struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	*s = (struct search){.memory = memory, .bias = bias, .elf = elf, .found = found};
	if (has_node) {
		find_tick_boundary(s);
		find_microtasks(s);
	}
	find_pool(s);
	find_queued(s);
	find_loop(s);
	if (has_node)
		builtin_table_read(memory, bias, elf, found);
	free(s);
}

void hidden_symbols_node(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
			 struct hidden_symbols *found)
{
	find_all(memory, bias, elf, true, found);
}

void hidden_symbols_uv(const struct memory *memory, uint64_t bias, const struct elf_file *elf,
		       struct hidden_symbols *found)
{
	find_all(memory, bias, elf, false, found);
}

int hidden_symbols_name(const struct hidden_symbols *found, struct elf_file *elf)
{
	struct elf_symbol *symbols = calloc(found->n + 1, sizeof(*symbols));
	int err;

	if (!symbols)
		return -ENOMEM;
	for (size_t i = 0; i < found->n; i++)
		symbols[i] = (struct elf_symbol){.name = found->items[i].name,
						 .address = found->items[i].address,
						 .size = found->items[i].size};
	err = elf_file_name(elf, symbols, found->n);
	free(symbols);
	return err;
}
