/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_async.h"

#include "symbolizer/base.h"

enum {
	MAX_HOPS = 3,             /* baseline code, then what belongs to a debugger's function */
	MAX_SUSPENDED = 64 << 20, /* a bytecode offset beyond is none */
};

/* The field of an object of this type that leads on to the bytecodes; 0: there is none. */
static uint32_t next_field(const struct v8_layout *layout, uint16_t type)
{
	const struct {
		uint32_t type;
		uint32_t field;
	} hops[] = {
		{layout->type_code, layout->code_deopt},
		{layout->type_interpreter, layout->interpreter_bytecodes},
		{layout->type_baseline, layout->baseline_bytecodes},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hops); i++)
		if (hops[i].type && hops[i].type == type)
			return hops[i].field;
	return 0;
}

int v8_shared_bytecodes(struct v8_heap *heap, uint64_t shared, uint64_t *ret_bytecodes)
{
	uint32_t field = heap->layout->shared_data;
	uint64_t object = shared;
	uint16_t type;
	int err;

	err = v8_check(heap, shared, heap->layout->type_shared);
	for (int i = 0; !err && i <= MAX_HOPS; i++) {
		if (!field)
			return -EBADMSG;
		err = v8_read_word(heap, object, field, &object);
		if (!err)
			err = v8_type(heap, object, &type);
		if (err)
			return err;
		if (type == heap->layout->type_bytecode) {
			*ret_bytecodes = object;
			return 0;
		}
		field = next_field(heap->layout, type);
	}
	return err ? err : -EBADMSG;
}

int v8_suspended_at(const struct v8_layout *layout, uint64_t position, uint32_t *ret_offset)
{
	/* It counts from the tagged pointer to the bytecodes. */
	int64_t at = (int64_t)v8_smi(position) - (layout->bytecode_data - 1);

	if (!v8_is_smi(position) || at < 0 || at > MAX_SUSPENDED)
		return -EBADMSG;
	*ret_offset = (uint32_t)at;
	return 0;
}

const char *v8_combinator_name(const struct nt_config *config, uint64_t builtin)
{
	const struct {
		uint64_t builtin;
		const char *name;
	} names[] = {
		{config->builtin_all, "Promise.all"},
		{config->builtin_all_settled, "Promise.allSettled"},
		{config->builtin_any, "Promise.any"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].builtin && names[i].builtin == builtin)
			return names[i].name;
	return NULL;
}
