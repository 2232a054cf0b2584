/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_layout.h"

#include "symbolizer/base.h"
#include "symbolizer/node_release.h"

/* A field and the constants that tell it; the spelling follows the C++ type. */
struct constant {
	enum v8_field field;
	const char *symbols[3];
};

/* A field that stands at a fixed distance from one that a constant told. */
struct neighbour {
	enum v8_field field;
	enum v8_field of;
	int32_t distance;
};

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
#define V8_FIELD_ROW(f) [V8_FIELD_##f] = {.name = #f, .offset = offsetof(struct v8_layout, f)},
	V8_FIELDS(V8_FIELD_ROW)
#undef V8_FIELD_ROW
};

#define CONSTANT(f, ...)                                          \
	{                                                         \
		.field = V8_FIELD_##f, .symbols = { __VA_ARGS__ } \
	}

/*
 * V8 puts these into the binary for post-mortem debuggers:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/tools/gen-postmortem-metadata.py
 */
static const struct constant constants[] = {
	CONSTANT(map_instance_type, "class_Map__instance_type__uint16_t"),
	CONSTANT(string_length, "class_String__length__int32_t"),
	CONSTANT(string_chars, "class_SeqOneByteString__chars__char"),
	CONSTANT(cons_first, "class_ConsString__first__String"),
	CONSTANT(cons_second, "class_ConsString__second__String"),
	CONSTANT(thin_actual, "class_ThinString__actual__String"),
	CONSTANT(sliced_parent, "class_SlicedString__parent__String"),
	CONSTANT(sliced_offset, "class_SlicedString__offset__SMI"),
	CONSTANT(external_resource, "class_ExternalString__resource__Object"),
	CONSTANT(array_length, "class_FixedArrayBase__length__SMI"),
	CONSTANT(array_data, "class_FixedArray__data__uintptr_t"),
	CONSTANT(shared_name, "class_SharedFunctionInfo__name_or_scope_info__Object",
		 "class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_",
		 "class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_"),
	CONSTANT(shared_script, "class_SharedFunctionInfo__script_or_debug_info__HeapObject",
		 "class_SharedFunctionInfo__script__Tagged_HeapObject_"),
	CONSTANT(shared_flags, "class_SharedFunctionInfo__flags__int"),
	CONSTANT(shared_data, "class_SharedFunctionInfo__function_data__Object"),
	CONSTANT(type_interpreter, "type_InterpreterData__INTERPRETER_DATA_TYPE"),
	CONSTANT(type_baseline, "type_BaselineData__BASELINE_DATA_TYPE"),
	CONSTANT(wrapper_shared,
		 "class_SharedFunctionInfoWrapper__shared_info__Tagged_SharedFunctionInfo_"),
	CONSTANT(script_source, "class_Script__source__Object"),
	CONSTANT(script_name, "class_Script__name__Object"),
	CONSTANT(script_line_ends, "class_Script__line_ends__Object"),
	CONSTANT(bytecode_data, "class_BytecodeArray__data__uintptr_t"),
	CONSTANT(code_deopt, "class_Code__deoptimization_data__FixedArray"),
	CONSTANT(code_positions, "class_Code__source_position_table__ByteArray"),
	CONSTANT(code_size, "class_Code__instruction_size__int"),
	CONSTANT(code_flags, "class_Code__flags__uint32_t"),
	CONSTANT(code_start, "class_Code__instruction_start__Address"),
	CONSTANT(code_body, "class_Code__instruction_start__uintptr_t"),
	CONSTANT(stream_body, "class_InstructionStream__instruction_start__uintptr_t"),
	CONSTANT(code_kind_mask, "CodeKindFieldMask"),
	CONSTANT(code_baseline, "CodeKindBaseline"),
	CONSTANT(deopt_literals, "DeoptimizationDataLiteralArrayIndex"),
	CONSTANT(deopt_positions, "DeoptimizationDataInliningPositionsIndex"),
	CONSTANT(scope_first_vars, "scopeinfo_idx_first_vars"),
	CONSTANT(first_nonstring, "FirstNonstringType"),
	CONSTANT(type_shared, "type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE"),
	CONSTANT(type_script, "type_Script__SCRIPT_TYPE"),
	CONSTANT(type_scope_info, "type_ScopeInfo__SCOPE_INFO_TYPE"),
	CONSTANT(type_debug_info, "type_DebugInfo__DEBUG_INFO_TYPE"),
	CONSTANT(type_bytecode, "type_BytecodeArray__BYTECODE_ARRAY_TYPE"),
	CONSTANT(type_code, "type_Code__CODE_TYPE"),
	CONSTANT(type_stream, "type_InstructionStream__INSTRUCTION_STREAM_TYPE"),
	CONSTANT(type_byte_array, "type_ByteArray__BYTE_ARRAY_TYPE"),
	CONSTANT(type_trusted_bytes, "type_TrustedByteArray__TRUSTED_BYTE_ARRAY_TYPE"),
	CONSTANT(type_fixed_array, "type_FixedArray__FIXED_ARRAY_TYPE"),
	CONSTANT(type_trusted_fixed, "type_TrustedFixedArray__TRUSTED_FIXED_ARRAY_TYPE"),
	CONSTANT(type_protected_fixed, "type_ProtectedFixedArray__PROTECTED_FIXED_ARRAY_TYPE"),
	CONSTANT(type_oddball, "type_Oddball__ODDBALL_TYPE"),
	CONSTANT(type_wrapper, "type_SharedFunctionInfoWrapper__SHARED_FUNCTION_INFO_WRAPPER_TYPE"),
};

#define NEIGHBOUR(f, o, d)                                                 \
	{                                                                  \
		.field = V8_FIELD_##f, .of = V8_FIELD_##o, .distance = (d) \
	}

/*
 * Members that the classes declare side by side, in every release:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/script.tq
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/shared-function-info.tq
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/code-kind.h
 */
static const struct neighbour neighbours[] = {
	NEIGHBOUR(shared_literal, shared_flags, 4),
	NEIGHBOUR(script_source, script_name, -8),
	NEIGHBOUR(script_line_offset, script_name, 8),
	NEIGHBOUR(script_column_offset, script_name, 16),
	NEIGHBOUR(script_id, script_line_ends, 8),
	NEIGHBOUR(code_positions, code_start, -24),
	NEIGHBOUR(code_deopt, code_start, -32),
	NEIGHBOUR(code_maglev, code_baseline, 1),
	NEIGHBOUR(code_turbofan, code_baseline, 2),
};

/* Without one of these there are no names. What compiled code needs besides is asked for there. */
static const enum v8_field required[] = {
	V8_FIELD_map_instance_type,    V8_FIELD_string_length,       V8_FIELD_string_chars,
	V8_FIELD_cons_first,           V8_FIELD_cons_second,         V8_FIELD_thin_actual,
	V8_FIELD_sliced_parent,        V8_FIELD_sliced_offset,       V8_FIELD_external_resource,
	V8_FIELD_external_data,        V8_FIELD_array_length,        V8_FIELD_array_data,
	V8_FIELD_shared_name,          V8_FIELD_shared_script,       V8_FIELD_shared_literal,
	V8_FIELD_script_source,        V8_FIELD_script_name,         V8_FIELD_script_line_offset,
	V8_FIELD_script_column_offset, V8_FIELD_script_line_ends,    V8_FIELD_script_id,
	V8_FIELD_bytecode_data,        V8_FIELD_bytecode_positions,  V8_FIELD_scope_first_vars,
	V8_FIELD_scope_module,         V8_FIELD_scope_inlined_names, V8_FIELD_first_nonstring,
	V8_FIELD_type_shared,          V8_FIELD_type_script,         V8_FIELD_type_scope_info,
	V8_FIELD_type_bytecode,        V8_FIELD_type_byte_array,     V8_FIELD_type_fixed_array,
};

static void read_constant(const struct elf_file *elf, const struct constant *constant,
			  struct v8_layout *layout)
{
	int32_t value;

	for (size_t i = 0; i < ARRAY_SIZE(constant->symbols) && constant->symbols[i]; i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "v8dbg_%s", constant->symbols[i]);
		if (elf_file_constant(elf, name, &value))
			continue;
		if (value >= 0 && value <= UINT16_MAX)
			v8_layout_set(layout, constant->field, (uint32_t)value, LAYOUT_SYMBOL);
		return;
	}
}

static void derive(const struct neighbour *neighbour, struct v8_layout *layout)
{
	int64_t value = (int64_t)v8_layout_value(layout, neighbour->of) + neighbour->distance;

	if (layout->origin[neighbour->field] == LAYOUT_ABSENT &&
	    layout->origin[neighbour->of] == LAYOUT_SYMBOL && value > 0)
		v8_layout_set(layout, neighbour->field, (uint32_t)value, LAYOUT_DERIVED);
}

/* The lengths of bytecodes at each operand scale. */
static void read_bytecodes(const struct elf_file *elf, struct v8_layout *layout)
{
	struct elf_symbol symbol;
	uint32_t n;

	if (elf_file_find(elf, "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE", &symbol))
		return;
	n = (uint32_t)(symbol.size / ARRAY_SIZE(layout->bytecode_sizes));
	if (symbol.size % ARRAY_SIZE(layout->bytecode_sizes) || n > V8_MAX_BYTECODES)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(layout->bytecode_sizes); i++)
		if (elf_file_read(elf, symbol.address + i * n, layout->bytecode_sizes[i], n))
			return;
	layout->n_bytecodes = n;
}

int v8_layout_read(const struct elf_file *elf, struct v8_layout *ret_layout)
{
	struct v8_layout layout = {0};
	struct node_release release;

	if (node_release_read_v8(elf, &release))
		return -EOPNOTSUPP;
	layout.version = release.v8_major * 100 + release.v8_minor;
	if (!v8_layout_table_knows(layout.version))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++)
		read_constant(elf, &constants[i], &layout);
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++)
		derive(&neighbours[i], &layout);
	v8_layout_table_fill(&layout);
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		if (layout.origin[required[i]] == LAYOUT_ABSENT)
			return -EOPNOTSUPP;
	read_bytecodes(elf, &layout);
	*ret_layout = layout;
	return 0;
}

void v8_layout_set(struct v8_layout *layout, enum v8_field field, uint32_t value,
		   enum layout_origin origin)
{
	*(uint32_t *)((char *)layout + fields[field].offset) = value;
	layout->origin[field] = (uint8_t)origin;
}

uint32_t v8_layout_value(const struct v8_layout *layout, enum v8_field field)
{
	return *(const uint32_t *)((const char *)layout + fields[field].offset);
}

const char *v8_layout_field_name(enum v8_field field)
{
	return field < V8_FIELD_COUNT ? fields[field].name : "?";
}
