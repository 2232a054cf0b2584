/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What leads from a microtask to the async functions that wait for it: the root that holds it, and
 * the numbers of the builtins that promises have as handlers. */
#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"
#include "symbolizer/layout_steps.h"

enum {
	R13 = 13,
	MAX_BUILTINS = 8192,
	MAX_ROOT = 0x10000, /* larger offsets into the roots are not believed */
	MAX_NAME = 64,
};

/* struct BuiltinMetadata is name, kind, data:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/builtins/builtins.cc */
struct metadata {
	uint64_t name;
	uint64_t kind;
	uint64_t data;
};

static const char *const tables[] = {
	"_ZN2v88internal12_GLOBAL__N_1L16builtin_metadataE",
	"_ZN2v88internal12_GLOBAL__N_116builtin_metadataE",
};

static const struct builtin {
	const char *name;
	enum layout_field field;
} builtins[] = {
	{"PromiseAllResolveElementClosure", LAYOUT_FIELD_builtin_all},
	{"PromiseAllSettledResolveElementClosure", LAYOUT_FIELD_builtin_all_settled},
	{"PromiseAnyRejectElementClosure", LAYOUT_FIELD_builtin_any},
	{"PromiseCapabilityDefaultResolve", LAYOUT_FIELD_builtin_resolve},
};

static void see_builtin(const struct elf_file *elf, uint64_t address, uint32_t number,
			struct node_layout *layout)
{
	char name[MAX_NAME];

	if (elf_file_read(elf, address, name, sizeof(name)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++) {
		/* with its NUL */
		if (!strncmp(name, builtins[i].name, sizeof(name)))
			layout_set(layout, builtins[i].field, number, LAYOUT_DERIVED);
	}
}

/* A builtin's number is its place in the table of their names. */
static void read_builtins(const struct elf_file *elf, struct node_layout *layout)
{
	struct elf_symbol symbol;
	struct metadata row;
	uint32_t n;

	if (elf_file_find(elf, tables[0], &symbol) && elf_file_find(elf, tables[1], &symbol))
		return;
	if (symbol.size % sizeof(row) || symbol.size / sizeof(row) > MAX_BUILTINS)
		return;
	n = (uint32_t)(symbol.size / sizeof(row));
	for (uint32_t i = 0; i < n; i++) {
		if (elf_file_read(elf, symbol.address + i * sizeof(row), &row, sizeof(row)))
			return;
		see_builtin(elf, row.name, i, layout);
	}
}

/* RunMicrotasks keeps the task it runs in a root; it is the first store of the task there:
 * mov [r13 + disp], task. */
static bool is_task_store(const struct code_insn *insn, int task, int64_t *ret_disp)
{
	int base;

	return insn->raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn_memory(insn, 0, &base, ret_disp) &&
	       base == R13 && insn_register(insn, 1) == task;
}

static void read_root(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	int task = (int)layout->config.microtask_register;
	int64_t disp;

	if (!task || code_find(elf, "Builtins_RunMicrotasks", code) ||
	    code_first_disp(code, is_task_store, task, &disp))
		return;
	if (disp > 0 && disp < MAX_ROOT)
		layout_set(layout, LAYOUT_FIELD_root_microtask, (uint64_t)disp, LAYOUT_DERIVED);
}

void layout_read_async(const struct elf_file *elf, struct node_layout *layout)
{
	struct code *code = malloc(sizeof(*code));

	if (!code)
		return;
	read_root(elf, code, layout);
	read_builtins(elf, layout);
	free(code);
}
