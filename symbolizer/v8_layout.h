/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What V8's heap looks like in this binary: the offsets and types that lead from a raw JavaScript
 * frame to a function name, a file and a line.
 *
 * Order of trust: constants in the binary (v8dbg_*), what follows from them, a row of
 * v8_layout_table.c for exactly this V8. What none of them tells is 0; when something is missing
 * that the whole needs, there is no layout, and JavaScript frames stay unnamed. Nothing of this
 * goes to BPF. Immutable once read.
 */
#ifndef NT_SYMBOLIZER_V8_LAYOUT_H
#define NT_SYMBOLIZER_V8_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/elf_file.h"
#include "symbolizer/layout.h"

/*
 * Offsets are from the start of the object, which is one less than a tagged pointer to it. Offset 0
 * is always the map, so that 0 means absent; type 0 is a string.
 */
/* clang-format off */
#define V8_FIELDS(X) \
	X(map_instance_type) X(string_length) X(string_chars) X(cons_first) \
	X(cons_second) X(thin_actual) X(sliced_parent) X(sliced_offset) \
	X(external_resource) X(external_data) X(array_length) X(array_data) \
	X(shared_name) X(shared_script) X(shared_flags) X(shared_literal) \
	X(wrapper_shared) \
	/* from a function to its bytecodes */ \
	X(shared_data) X(interpreter_bytecodes) X(baseline_bytecodes) X(type_interpreter) \
	X(type_baseline) \
	/* FunctionKind, in the flags of a function */ \
	X(function_kind_mask) X(function_members) X(function_static) \
	X(function_static_last) X(function_async) X(function_async_last) X(script_source) X(script_name) X(script_line_offset) \
	X(script_column_offset) X(script_line_ends) X(script_id) X(debug_script) \
	X(bytecode_data) X(bytecode_positions) \
	/* code_body: of instructions in the Code itself; else code_start points to them, \
	   and an InstructionStream stands in front of them and points back */ \
	X(code_deopt) X(code_positions) X(code_size) X(code_flags) X(code_start) \
	X(code_body) X(stream_code) X(stream_body) X(code_kind_mask) X(code_baseline) \
	X(code_maglev) X(code_turbofan) \
	/* indexes into DeoptimizationData */ \
	X(deopt_literals) X(deopt_protected) X(deopt_positions) X(deopt_exits) X(deopt_entries) \
	/* number of slots of a frame, in the flags of a Code; where the table of safepoints tells \
	   its format; bytes of its entries where they are always the same */ \
	X(code_slots_shift) X(safepoint_format) X(safepoint_entry) \
	/* operations of translations: the first ones are frames, the first of these \
	   interpreted */ \
	X(translation_interpreted) X(translation_frames) X(translation_begin) \
	X(translation_slot) \
	/* ScopeInfo, in words behind the map, and how its flags are read */ \
	X(scope_first_vars) X(scope_module) X(scope_inlined_names) X(scope_receiver) \
	/* how many low bits of a position entry's first number are flags; 0: it is signed \
	   */ \
	X(position_flag_bits) X(first_nonstring) X(type_shared) X(type_script) \
	X(type_scope_info) X(type_debug_info) X(type_bytecode) X(type_code) \
	X(type_stream) X(type_byte_array) X(type_trusted_bytes) X(type_fixed_array) \
	X(type_trusted_fixed) X(type_protected_fixed) X(type_wrapper) X(type_oddball)
/* clang-format on */

enum v8_field {
#define V8_FIELD_ENUM(field) V8_FIELD_##field,
	V8_FIELDS(V8_FIELD_ENUM)
#undef V8_FIELD_ENUM
	V8_FIELD_COUNT,
};

#define V8_MAX_BYTECODES    256
#define V8_MAX_TRANSLATIONS 64

struct v8_layout {
	uint32_t version; /* major * 100 + minor */
#define V8_FIELD_MEMBER(field) uint32_t field;
	V8_FIELDS(V8_FIELD_MEMBER)
#undef V8_FIELD_MEMBER
	uint8_t origin[V8_FIELD_COUNT]; /* enum layout_origin */
	/* Length of each bytecode: plain, behind Wide, behind ExtraWide. None when n is 0. */
	uint32_t n_bytecodes;
	uint8_t bytecode_sizes[3][V8_MAX_BYTECODES];
	/* How many operands each operation of a translation has; from the table. */
	uint32_t n_translation_operands;
	uint8_t translation_operands[V8_MAX_TRANSLATIONS];
};

/* Reads the layout from the binary. Returns 0, or -EOPNOTSUPP when this V8 is not known, or
 * something that no name could do without is missing. */
int v8_layout_read(const struct elf_file *elf, struct v8_layout *ret_layout);

/* For listings. */
const char *v8_layout_field_name(enum v8_field field);
uint32_t v8_layout_value(const struct v8_layout *layout, enum v8_field field);
/* For the steps of v8_layout_read() and tests. */
void v8_layout_set(struct v8_layout *layout, enum v8_field field, uint32_t value,
		   enum layout_origin origin);

/* v8_layout_table.c: true when the table has rows for this version. */
bool v8_layout_table_knows(uint32_t version);
/* v8_layout_table.c: fills what is absent from the rows of the layout's version. */
void v8_layout_table_fill(struct v8_layout *layout);

#endif
