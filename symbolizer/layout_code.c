/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/code.h"
#include "symbolizer/layout_steps.h"
#include "symbolizer/layout_table.h"
#include "symbolizer/site_code.h"

enum {
	RDX = 2,
	RBX = 3,
	RSI = 6,
	RDI = 7,
	R13 = 13,
	MAX_WRAP = 0x200, /* larger offsets into an AsyncWrap are not believed */
	MAX_REALM = 0x1000,
	VTABLE_HEAD = 16, /* offset to top and type information */
	MAX_STREAM = 0x400,
};

/* What the registers of InternalCallbackScope(AsyncWrap*, int) hold, one bit a register. */
struct wrap_walk {
	uint32_t scope;
	uint32_t wrap;
	uint32_t realm;
	int64_t async_id;  /* -1 not seen */
	int64_t realm_env; /* -1 not seen */
};

static bool is_vector_load(const struct code_insn *insn, int64_t *ret_disp, int *ret_base)
{
	return insn->raw.operand_count_visible >= 2 &&
	       insn->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       ZydisRegisterGetClass(insn->operands[0].reg.value) == ZYDIS_REGCLASS_XMM &&
	       insn_memory(insn, 1, ret_base, ret_disp);
}

/* Registers that hold copies of scope, wrap or realm after this instruction. */
static void wrap_follow(struct wrap_walk *walk, const struct code_insn *insn, uint32_t wrap_realm)
{
	bool is_mov = insn->raw.mnemonic == ZYDIS_MNEMONIC_MOV;
	int to = is_mov ? insn_register(insn, 0) : -1;
	int from = is_mov ? insn_register(insn, 1) : -1;
	uint32_t bit = to >= 0 ? 1u << to : 0;
	struct wrap_walk before = *walk;
	int64_t disp;
	int base;

	for (int i = 0; i < 16; i++) {
		if (!insn_writes(insn, i))
			continue;
		walk->scope &= ~(1u << i);
		walk->wrap &= ~(1u << i);
		walk->realm &= ~(1u << i);
	}
	if (bit && from >= 0) {
		walk->scope |= before.scope >> from & 1 ? bit : 0;
		walk->wrap |= before.wrap >> from & 1 ? bit : 0;
		walk->realm |= before.realm >> from & 1 ? bit : 0;
	}
	if (bit && insn_memory(insn, 1, &base, &disp) && (before.wrap >> base & 1) &&
	    disp == wrap_realm)
		walk->realm |= bit;
}

/* A use of the realm: its Environment is loaded, or it is itself stored as the scope's env_. */
static void wrap_see_realm(struct wrap_walk *walk, const struct code_insn *insn)
{
	int64_t disp;
	int base;

	if (walk->realm_env >= 0 || insn->raw.mnemonic != ZYDIS_MNEMONIC_MOV)
		return;
	if (insn_register(insn, 0) >= 0 && insn_memory(insn, 1, &base, &disp) &&
	    (walk->realm >> base & 1) && disp > 0 && disp < MAX_REALM)
		walk->realm_env = disp;
	else if (insn_register(insn, 1) >= 0 && (walk->realm >> insn_register(insn, 1) & 1) &&
		 insn_memory(insn, 0, &base, &disp) && (walk->scope >> base & 1) && disp == 0)
		walk->realm_env = 0;
}

/* The constructor copies async_id_ and trigger_async_id_, the only doubles it reads of the wrap. */
static void read_wrap(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	struct wrap_walk walk = {
		.scope = 1u << RDI, .wrap = 1u << RSI, .async_id = -1, .realm_env = -1};
	struct code_insn insn;
	int64_t disp;
	int base;

	if (code_find(elf, "_ZN4node21InternalCallbackScopeC2EPNS_9AsyncWrapEi", code) &&
	    code_find(elf, "_ZN4node21InternalCallbackScopeC1EPNS_9AsyncWrapEi", code))
		return;
	code_for_each(code, &insn)
	{
		if (is_vector_load(&insn, &disp, &base) && (walk.wrap >> base & 1) && disp > 0 &&
		    disp < MAX_WRAP && (walk.async_id < 0 || disp < walk.async_id))
			walk.async_id = disp;
		wrap_see_realm(&walk, &insn);
		wrap_follow(&walk, &insn, layout->config.wrap_realm);
	}
	if (walk.async_id >= 0 && walk.async_id % 8 == 0)
		layout_set(layout, LAYOUT_FIELD_wrap_async_id, (uint64_t)walk.async_id,
			   LAYOUT_DERIVED);
	if (walk.realm_env >= 0)
		layout_set(layout, LAYOUT_FIELD_realm_env, (uint64_t)walk.realm_env,
			   LAYOUT_DERIVED);
}

struct thunk {
	uint32_t adjust;
	bool ambiguous;
};

/* _ZThn56_N4node…: the member function takes this - 56. */
static int see_thunk(void *user, const struct elf_symbol *symbol)
{
	struct thunk *thunk = user;
	char *end;
	unsigned long adjust = strtoul(symbol->name + strlen("_ZThn"), &end, 10);

	if (*end != '_' || !adjust || adjust >= MAX_WRAP)
		return 0;
	thunk->ambiguous |= thunk->adjust && thunk->adjust != adjust;
	thunk->adjust = (uint32_t)adjust;
	return 0;
}

static uint32_t thunk_adjust(const struct elf_file *elf, const char *glob)
{
	struct thunk thunk = {0};

	(void)elf_file_glob(elf, glob, see_thunk, &thunk);
	return thunk.ambiguous ? 0 : thunk.adjust;
}

/*
 * JSStream is AsyncWrap, then StreamBase, so the distance between the two is sizeof(AsyncWrap);
 * LibuvStreamWrap has HandleWrap's members between them. Both must agree.
 */
static void read_wrap_size(const struct elf_file *elf, struct node_layout *layout)
{
	uint32_t stream = thunk_adjust(elf, "_ZThn*_N4node8JSStream7DoWriteE*");
	uint32_t handle = thunk_adjust(elf, "_ZThn*_N4node15LibuvStreamWrap7DoWriteE*");

	if (stream && handle == stream + layout_walk.handle_wrap)
		layout_set(layout, LAYOUT_FIELD_wrap_size, stream, LAYOUT_DERIVED);
}

static int see_variant(void *user, const struct elf_symbol *symbol)
{
	int *arguments = user;

	/* A std::variant is passed in two registers, which moves what follows by one. */
	*arguments = strstr(symbol->name, "St7variant") != NULL;
	return strstr(symbol->name, ".cold") == NULL;
}

static void read_scope(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	struct probe_point point;
	uint32_t closed;
	int in_r8 = -1;

	(void)elf_file_glob(elf, "_ZN4node21InternalCallbackScopeC2EPNS_11EnvironmentE*",
			    see_variant, &in_r8);
	if (in_r8 >= 0)
		layout_set(layout, LAYOUT_FIELD_scope_context_in_r8, (uint64_t)in_r8,
			   LAYOUT_DERIVED);
	if (!code_find(elf, "_ZN4node21InternalCallbackScope5CloseEv", code) &&
	    !site_code_close(code, &point, &closed))
		layout_set(layout, LAYOUT_FIELD_scope_closed, closed, LAYOUT_DERIVED);
}

/* uint8_t llhttp_get_type(llhttp_t*) { return parser->type; } and the like. */
static bool is_accessor(const struct code_insn *insn, int argument, int64_t *ret_disp)
{
	int base;

	return insn->raw.mnemonic == ZYDIS_MNEMONIC_MOVZX &&
	       insn_memory(insn, 1, &base, ret_disp) && base == argument && *ret_disp > 0 &&
	       *ret_disp <= UINT8_MAX;
}

/* The job compares its handler with undefined: cmp [r13 + disp], rbx. */
static bool is_undefined(const struct code_insn *insn, int handler, int64_t *ret_disp)
{
	int base;

	if (insn->raw.mnemonic != ZYDIS_MNEMONIC_CMP)
		return false;
	if (!(insn_memory(insn, 0, &base, ret_disp) && insn_register(insn, 1) == handler) &&
	    !(insn_memory(insn, 1, &base, ret_disp) && insn_register(insn, 0) == handler))
		return false;
	return base == R13 && *ret_disp > 0 && *ret_disp <= UINT16_MAX;
}

/*
 * A context is made in the linear area of new space: mov rax, [r13 + disp] loads its top; before V8 10
 * the address of the top.
 */
static bool is_lab_top(const struct code_insn *insn, int roots, int64_t *ret_disp)
{
	int base;

	return insn->raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn_register(insn, 0) >= 0 &&
	       insn_memory(insn, 1, &base, ret_disp) && base == roots;
}

/* Fields that are the displacement of an instruction. */
static const struct disp_row {
	const char *function;
	code_disp_fn *is_wanted;
	int argument;
	enum layout_field field;
} disp_rows[] = {
	{"llhttp_get_type", is_accessor, RDI, LAYOUT_FIELD_llhttp_type},
	{"llhttp_get_upgrade", is_accessor, RDI, LAYOUT_FIELD_llhttp_upgrade},
	{"llhttp_get_status_code", is_accessor, RDI, LAYOUT_FIELD_llhttp_status},
	{"Builtins_PromiseFulfillReactionJob", is_undefined, RBX, LAYOUT_FIELD_root_undefined},
};

static void read_disps(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	int64_t disp;

	for (size_t i = 0; i < ARRAY_SIZE(disp_rows); i++) {
		const struct disp_row *row = &disp_rows[i];

		if (!code_find(elf, row->function, code) &&
		    !code_first_disp(code, row->is_wanted, row->argument, &disp))
			layout_set(layout, row->field, (uint64_t)disp, LAYOUT_DERIVED);
	}
}

static void read_lab(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	int64_t disp;

	if (code_find(elf, "Builtins_FastNewFunctionContextFunction", code) ||
	    code_first_disp(code, is_lab_top, R13, &disp))
		return;
	if (disp > 0 && disp <= UINT16_MAX)
		layout_set(layout, LAYOUT_FIELD_lab_top, (uint64_t)disp + layout_walk.isolate_root,
			   LAYOUT_DERIVED);
}

static void read_microtask(const struct elf_file *elf, struct code *code,
			   struct node_layout *layout)
{
	struct probe_point point;
	uint32_t task;
	int32_t type;

	if (elf_file_constant(elf, "v8dbg_type_CallableTask__CALLABLE_TASK_TYPE", &type) ||
	    code_find(elf, "Builtins_RunMicrotasks", code) ||
	    site_code_callable(code, type, &point, &task))
		return;
	layout_set(layout, LAYOUT_FIELD_microtask_register, task, LAYOUT_DERIVED);
}

/*
 * Http2Stream::AddHeader() compares the number of headers so far with the most allowed: end minus
 * begin of current_headers_, the only member that it subtracts.
 */
static void read_http2(const struct elf_file *elf, struct code *code, struct node_layout *layout)
{
	uint32_t stream = 1u << RDI, before;
	struct code_insn insn;
	int64_t disp;
	int base;

	if (code_find(elf, "_ZN4node5http211Http2Stream9AddHeaderEP13nghttp2_rcbufS3_h", code))
		return;
	code_for_each(code, &insn)
	{
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_SUB &&
		    insn_memory(&insn, 1, &base, &disp) && (stream >> base & 1) && disp > 0 &&
		    disp < MAX_STREAM && disp % 8 == 0) {
			layout_set(layout, LAYOUT_FIELD_http2_headers, (uint64_t)disp,
				   LAYOUT_DERIVED);
			return;
		}
		before = stream;
		for (int i = 0; i < 16; i++) /* what is popped is returned from: not this way */
			if (insn_writes(&insn, i) && insn.raw.mnemonic != ZYDIS_MNEMONIC_POP)
				stream &= ~(1u << i);
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn_register(&insn, 0) >= 0 &&
		    insn_register(&insn, 1) >= 0 && (before >> insn_register(&insn, 1) & 1))
			stream |= 1u << insn_register(&insn, 0);
	}
}

static void read_function(const struct elf_file *elf, const char *name, struct node_layout *layout,
			  enum layout_field field)
{
	struct elf_symbol symbol;

	if (!elf_file_find(elf, name, &symbol))
		layout_set(layout, field, symbol.address + layout->load_bias, LAYOUT_SYMBOL);
}

/* The first mov rdx, [rdi + disp] of the job's work, which opens the file: characters of its path. */
static int64_t job_path(const struct elf_file *elf, struct code *code, const char *work)
{
	struct code_insn insn;
	int64_t disp;
	int base;

	if (code_find(elf, work, code))
		return 0;
	code_for_each(code, &insn)
	{
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_CALL)
			break;
		if (insn.raw.mnemonic == ZYDIS_MNEMONIC_MOV && insn_register(&insn, 0) == RDX &&
		    insn_memory(&insn, 1, &base, &disp) && base == RDI)
			return disp > 0 && disp <= UINT16_MAX ? disp : 0;
	}
	return 0;
}

/* From 26 on fs.readFile() and fs.writeFile() are one job each; before, 0 stands for none. */
static void read_file_jobs(const struct elf_file *elf, struct code *code,
			   struct node_layout *layout)
{
	struct elf_symbol read, write;
	uint64_t head = layout->load_bias + VTABLE_HEAD;
	int64_t path;
	bool some = !elf_file_find(elf, "_ZTVN4node2fs11ReadFileJobE", &read) &&
		    !elf_file_find(elf, "_ZTVN4node2fs12WriteFileJobE", &write);

	path = some ? job_path(elf, code, "_ZN4node2fs11ReadFileJob16DoThreadPoolWorkEv") : 0;
	if (some &&
	    (!path || path != job_path(elf, code, "_ZN4node2fs12WriteFileJob16DoThreadPoolWorkEv")))
		return;
	layout_set(layout, LAYOUT_FIELD_file_job_path, (uint64_t)path, LAYOUT_DERIVED);
	layout_set(layout, LAYOUT_FIELD_read_file_job, some ? read.address + head : 0,
		   LAYOUT_SYMBOL);
	layout_set(layout, LAYOUT_FIELD_write_file_job, some ? write.address + head : 0,
		   LAYOUT_SYMBOL);
}

void layout_read_code(const struct elf_file *elf, struct node_layout *layout)
{
	struct code *code = malloc(sizeof(*code));

	if (!code)
		return;
	read_wrap(elf, code, layout);
	read_wrap_size(elf, layout);
	read_scope(elf, code, layout);
	read_disps(elf, code, layout);
	read_http2(elf, code, layout);
	read_microtask(elf, code, layout);
	read_lab(elf, code, layout);
	read_function(elf, "uv__fs_work", layout, LAYOUT_FIELD_fs_work_function);
	read_function(elf, "uv__getaddrinfo_work", layout, LAYOUT_FIELD_addrinfo_work_function);
	read_file_jobs(elf, code, layout);
	free(code);
}
