/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What only V8's source tells. A row holds for the releases it names and no other. */
#include "symbolizer/v8_layout.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/layout_row.h"

enum {
	ANY = 65535 /* where there is no limit */
};

/* https://github.com/nodejs/node/blob/v20.20.2/deps/v8/include/v8-version.h, each at its tag */
static const uint32_t versions[] = {904, 1002, 1103, 1204, 1306, 1401, 1406};

#define ROW(f, v, from, to)                                                        \
	{                                                                          \
		.field = V8_FIELD_##f, .value = (v), .first = (from), .last = (to) \
	}

/* Each link shows one release of the range. */
static const struct layout_row rows[] = {
	/* ExternalString is map, hash, length, resource, resource_data:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/string.tq */
	ROW(external_data, 24, 904, 1406),
	/* DebugInfo is map, shared, debugger_hints, script, …; the order changed later, but then
	   SharedFunctionInfo points to the script itself:
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/debug-objects.tq */
	ROW(debug_script, 16, 904, 1103),

	/* enum FunctionKind, in the lowest bits of SharedFunctionInfoFlags:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/function-kind.h
	   https://github.com/nodejs/node/blob/v26.10.0/deps/v8/src/objects/function-kind.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/shared-function-info.tq */
	ROW(function_kind_mask, 31, 904, 1406),
	ROW(function_members, 24, 904, 1406),
	ROW(function_static, 25, 904, 1406),
	ROW(function_static_last, 25, 904, 1401),
	ROW(function_static_last, 26, 1406, 1406),
	ROW(function_async, 12, 904, 1406),
	ROW(function_async_last, 18, 904, 1406),

	/* BytecodeArray: map, length, constant_pool, handler_table, source_position_table, …;
	   then the untagged members and the bytecodes:
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/code.tq
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/objects/bytecode-array.tq */
	ROW(bytecode_data, 54, 904, 904),
	ROW(bytecode_positions, 32, 904, 1103),
	ROW(bytecode_positions, 24, 1204, 1406),

	/* SharedFunctionInfo is map, function_data (since V8 13 its trusted part), …; InterpreterData is
	   map, bytecode_array, …; BaselineData was map, baseline_code, data:
	   https://github.com/nodejs/node/blob/v22.23.3/deps/v8/src/objects/shared-function-info.tq
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/shared-function-info.tq */
	ROW(shared_data, 8, 904, 1406),
	ROW(interpreter_bytecodes, 8, 904, 1406),
	ROW(baseline_bytecodes, 16, 904, 904),

	/* Code; instructions are inline, since V8 11 in an InstructionStream:
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/code.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/code.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/instruction-stream.h */
	ROW(code_deopt, 16, 904, 1103),
	ROW(code_positions, 24, 904, 1103),
	ROW(code_flags, 48, 904, 1103),
	ROW(code_start, 40, 1103, 1103),
	ROW(code_size, 56, 1103, 1103),
	ROW(stream_code, 8, 1103, 1406),
	/* https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/code-kind.h */
	ROW(code_kind_mask, 15, 904, 904),
	ROW(code_baseline, 11, 904, 904),
	ROW(code_maglev, 12, 904, 904),
	ROW(code_turbofan, 13, 904, 904),
	/* Code's StackSlotsField; later, the table of safepoints begins with that number: the format
	   is its second word, then its third. In V8 9 that is the size of the bits, and entries are
	   three words.
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/code.h
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/codegen/safepoint-table.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/code.h
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/codegen/safepoint-table.h
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/codegen/safepoint-table.h */
	ROW(code_slots_shift, 5, 904, 904),
	ROW(code_slots_shift, 5, 1103, 1204),
	ROW(safepoint_entry, 12, 904, 904),
	ROW(safepoint_format, 4, 904, 904),
	ROW(safepoint_format, 4, 1103, 1204),
	ROW(safepoint_format, 8, 1306, 1406),
	/* DeoptimizationData::k…Index:
	   https://github.com/nodejs/node/blob/v18.20.8/deps/v8/src/objects/code.h */
	ROW(deopt_literals, 2, 904, 1002),
	ROW(deopt_positions, 7, 904, 1002),

	/* DeoptimizationData::k…Index: where the exits begin, how many are eager and of calls, and the
	   entries of each, which are bytecode offset, translation and pc:
	   https://github.com/nodejs/node/blob/v18.20.8/deps/v8/src/objects/code.h
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/objects/deoptimization-data.h */
	ROW(deopt_exits, 8, 904, 1204),
	ROW(deopt_exits, 9, 1306, 1406),
	ROW(deopt_entries, 11, 904, 1204),
	ROW(deopt_entries, 12, 1306, 1406),
	ROW(deopt_protected, 2, 1306, 1406),
	/* TRANSLATION_OPCODE_LIST; see also below:
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/deoptimizer/translation-opcode.h */
	ROW(translation_interpreted, 2, 1306, 1406),
	ROW(translation_frames, 11, 1306, 1406),
	ROW(translation_begin, 14, 1306, 1406),
	ROW(translation_slot, 40, 1306, 1406),

	/* enum ScopeType:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/common/globals.h
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/common/globals.h */
	ROW(scope_module, 3, 904, 1204),
	ROW(scope_module, 5, 1306, 1406),
	/* kScopeInfoMaxInlinedLocalNamesSize; before it, all names were inline:
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/scope-info.tq
	   https://github.com/nodejs/node/blob/v18.20.8/deps/v8/src/objects/scope-info.tq */
	ROW(scope_inlined_names, ANY, 904, 904),
	ROW(scope_inlined_names, 75, 1002, 1406),
	/* A word about the receiver, until it had a fixed place:
	   https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/objects/scope-info.tq */
	ROW(scope_receiver, 1, 904, 904),

	/* SourcePositionTableBuilder's EncodeEntry:
	   https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/codegen/source-position-table.cc
	   https://github.com/nodejs/node/blob/v25.9.0/deps/v8/src/codegen/source-position-table.cc */
	ROW(position_flag_bits, 2, 1401, 1406),
};

/*
 * Operands of each operation: four frames of JavaScript, seven others, arguments (3), begin (2),
 * values, a reference to an earlier translation.
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/deoptimizer/translation-opcode.h
 */
static const uint8_t translation_operands[] = {
	6, 4, 3, 3, /* interpreted with and without return value, continuations of builtins */
	2, 1, 3, 4, 3, 3, 3, /* constructors (2), builtin, WebAssembly (3), extra arguments */
	1, 0, 0, 3, 3, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 2, 1,
};

bool v8_layout_table_knows(uint32_t version)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i] == version)
			return true;
	return false;
}

void v8_layout_table_fill(struct v8_layout *layout)
{
	if (!v8_layout_table_knows(layout->version))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct layout_row *row = &rows[i];

		if (layout_row_counts(row, layout->version, layout->origin))
			v8_layout_set(layout, row->field, row->value, LAYOUT_TABLE);
	}
	_Static_assert(sizeof(translation_operands) <= sizeof(layout->translation_operands),
		       "fits");
	if (layout->translation_begin) {
		memcpy(layout->translation_operands, translation_operands,
		       sizeof(translation_operands));
		layout->n_translation_operands = sizeof(translation_operands);
	}
}
