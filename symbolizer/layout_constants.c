/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/base.h"
#include "symbolizer/layout_steps.h"

/* A field and the constants that tell it, the best first. */
struct constant {
	enum layout_field field;
	const char *symbols[3];
};

/*
 * V8 puts these into the binary for post-mortem debuggers:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/tools/gen-postmortem-metadata.py
 */
static const struct constant constants[] = {
	{LAYOUT_FIELD_js_function_context,
	 {"v8dbg_class_JSFunction__context__Context",
	  "v8dbg_class_JSFunction__context__Tagged_Context_"}},
	{LAYOUT_FIELD_js_function_shared, {"v8dbg_class_JSFunction__shared__SharedFunctionInfo"}},
	{LAYOUT_FIELD_shared_script,
	 {"v8dbg_class_SharedFunctionInfo__script_or_debug_info__HeapObject",
	  "v8dbg_class_SharedFunctionInfo__script__Tagged_HeapObject_"}},
	{LAYOUT_FIELD_shared_flags, {"v8dbg_class_SharedFunctionInfo__flags__int"}},
	{LAYOUT_FIELD_script_line_ends, {"v8dbg_class_Script__line_ends__Object"}},
	{LAYOUT_FIELD_map_instance_type, {"v8dbg_class_Map__instance_type__uint16_t"}},
	{LAYOUT_FIELD_string_length, {"v8dbg_class_String__length__int32_t"}},
	{LAYOUT_FIELD_string_chars, {"v8dbg_class_SeqOneByteString__chars__char"}},
	{LAYOUT_FIELD_heap_number_value, {"v8dbg_class_HeapNumber__value__double"}},
	{LAYOUT_FIELD_types_promise, {"v8dbg_type_JSPromise__JS_PROMISE_TYPE"}},
	{LAYOUT_FIELD_types_capability, {"v8dbg_type_PromiseCapability__PROMISE_CAPABILITY_TYPE"}},
	{LAYOUT_FIELD_types_context_first, {"v8dbg_FirstContextType"}},
	{LAYOUT_FIELD_types_context_last, {"v8dbg_LastContextType"}},
	{LAYOUT_FIELD_types_bytecode, {"v8dbg_type_BytecodeArray__BYTECODE_ARRAY_TYPE"}},
	/* queueMicrotask() binds its callback, and bound functions stand right before functions. */
	{LAYOUT_FIELD_types_function_first, {"v8dbg_type_JSBoundFunction__JS_BOUND_FUNCTION_TYPE"}},
	{LAYOUT_FIELD_types_function_last,
	 {"v8dbg_LastJSFunctionType", "v8dbg_type_JSFunction__JS_FUNCTION_TYPE"}},
	{LAYOUT_FIELD_receiver_hash,
	 {"v8dbg_class_JSReceiver__raw_properties_or_hash__Object",
	  "v8dbg_class_JSReceiver__raw_properties_or_hash__Tagged_Object_"}},
	{LAYOUT_FIELD_types_task_first,
	 {"v8dbg_type_PromiseFulfillReactionJobTask__PROMISE_FULFILL_REACTION_JOB_TASK_TYPE"}},
	{LAYOUT_FIELD_types_task_last,
	 {"v8dbg_type_PromiseRejectReactionJobTask__PROMISE_REJECT_REACTION_JOB_TASK_TYPE"}},
	{LAYOUT_FIELD_types_task_thenable,
	 {"v8dbg_type_PromiseResolveThenableJobTask__PROMISE_RESOLVE_THENABLE_JOB_TASK_TYPE"}},
	{LAYOUT_FIELD_types_reaction, {"v8dbg_type_PromiseReaction__PROMISE_REACTION_TYPE"}},
	{LAYOUT_FIELD_types_async_function,
	 {"v8dbg_type_JSAsyncFunctionObject__JS_ASYNC_FUNCTION_OBJECT_TYPE"}},
	{LAYOUT_FIELD_types_async_generator,
	 {"v8dbg_type_JSAsyncGeneratorObject__JS_ASYNC_GENERATOR_OBJECT_TYPE"}},
	{LAYOUT_FIELD_types_request,
	 {"v8dbg_type_AsyncGeneratorRequest__ASYNC_GENERATOR_REQUEST_TYPE"}},
};

static void read_constant(const struct elf_file *elf, const struct constant *constant,
			  struct node_layout *layout)
{
	int32_t value;

	for (size_t i = 0; i < ARRAY_SIZE(constant->symbols) && constant->symbols[i]; i++) {
		if (elf_file_constant(elf, constant->symbols[i], &value))
			continue;
		if (value >= 0 && value <= UINT16_MAX)
			layout_set(layout, constant->field, (uint64_t)value, LAYOUT_SYMBOL);
		return;
	}
}

void layout_read_constants(const struct elf_file *elf, struct node_layout *layout)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++)
		read_constant(elf, &constants[i], layout);
}
