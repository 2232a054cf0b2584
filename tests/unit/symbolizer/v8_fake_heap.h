/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A heap as V8 would have one, in a few pages that the tests fill: objects with maps, strings of
 * all shapes, arrays. What lies outside of the pages cannot be read.
 */
#ifndef NT_TESTS_V8_FAKE_HEAP_H
#define NT_TESTS_V8_FAKE_HEAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "symbolizer/v8_heap.h"

enum {
	FAKE_SIZE = 4 << 20,
	FAKE_TYPES = 400,
	FAKE_ONE_BYTE = 8, /* of a string's type */
	FAKE_CONS = 1,
	FAKE_EXTERNAL = 2,
	FAKE_SLICED = 3,
	FAKE_THIN = 5,
	FAKE_UNCACHED = 16,
};

#define FAKE_BASE 0x7f0000000000ULL

struct fake_heap {
	struct v8_layout layout;
	struct memory memory;
	struct v8_heap heap;
	size_t used;
	size_t reads;
	uint64_t maps[FAKE_TYPES]; /* by type; 0 none yet */
	uint8_t bytes[FAKE_SIZE];
};

/* Some layout; tests of objects that are laid out otherwise in some release change it. */
static const struct v8_layout fake_layout = {
	.map_instance_type = 12,
	.string_length = 12,
	.string_chars = 16,
	.cons_first = 16,
	.cons_second = 24,
	.thin_actual = 16,
	.sliced_parent = 16,
	.sliced_offset = 24,
	.external_resource = 16,
	.external_data = 24,
	.array_length = 8,
	.array_data = 16,
	.shared_name = 24,
	.shared_script = 40,
	.shared_flags = 56,
	.shared_literal = 60,
	.wrapper_shared = 8,
	.shared_data = 8,
	.interpreter_bytecodes = 8,
	.baseline_bytecodes = 16,
	.type_interpreter = 188,
	.type_baseline = 94,
	.function_async = 12,
	.function_async_last = 18,
	.function_kind_mask = 31,
	.function_members = 24,
	.function_static = 25,
	.function_static_last = 26,
	.script_source = 8,
	.script_name = 16,
	.script_line_offset = 24,
	.script_column_offset = 32,
	.script_line_ends = 56,
	.script_id = 64,
	.debug_script = 16,
	.bytecode_data = 64,
	.bytecode_positions = 24,
	.code_deopt = 8,
	.code_positions = 16,
	.code_start = 40,
	.code_flags = 52,
	.code_size = 56,
	.stream_code = 8,
	.stream_body = 32,
	.code_kind_mask = 15,
	.code_baseline = 10,
	.code_maglev = 11,
	.code_turbofan = 12,
	.deopt_literals = 3,
	.deopt_protected = 2,
	.deopt_positions = 8,
	.deopt_exits = 9,
	.deopt_entries = 12,
	.scope_first_vars = 5,
	.scope_module = 5,
	.scope_inlined_names = 75,
	.first_nonstring = 128,
	.type_shared = 282,
	.type_script = 167,
	.type_scope_info = 280,
	.type_debug_info = 154,
	.type_bytecode = 186,
	.type_code = 187,
	.type_stream = 192,
	.type_byte_array = 217,
	.type_trusted_bytes = 196,
	.type_fixed_array = 205,
	.type_trusted_fixed = 197,
	.type_protected_fixed = 193,
	.type_wrapper = 195,
	.type_oddball = 131,
};

static inline int fake_read(void *user, uint64_t address, void *buf, size_t len)
{
	struct fake_heap *fake = user;

	fake->reads++;
	if (address < FAKE_BASE || address - FAKE_BASE > FAKE_SIZE ||
	    len > FAKE_SIZE - (address - FAKE_BASE))
		return -EFAULT;
	memcpy(buf, fake->bytes + (address - FAKE_BASE), len);
	return 0;
}

static inline void fake_start(struct fake_heap *fake, const struct v8_layout *layout)
{
	memset(fake, 0, sizeof(*fake));
	fake->layout = *layout;
	fake->memory = (struct memory){.read = fake_read, .user = fake};
	fake->used = 4096;
	v8_heap_init(&fake->heap, &fake->memory, &fake->layout);
}

static inline struct fake_heap *fake_new(void)
{
	struct fake_heap *fake = malloc(sizeof(*fake));

	assert_non_null(fake);
	fake_start(fake, &fake_layout);
	return fake;
}

/* Returns the address. */
static inline uint64_t fake_alloc(struct fake_heap *fake, size_t size)
{
	uint64_t address = FAKE_BASE + fake->used;

	fake->used += (size + 7) & ~(size_t)7;
	assert_true(fake->used <= FAKE_SIZE);
	return address;
}

static inline void fake_put(struct fake_heap *fake, uint64_t object, uint32_t offset,
			    const void *data, size_t len)
{
	uint64_t at = object - 1 - FAKE_BASE + offset;

	assert_true(at + len <= FAKE_SIZE);
	memcpy(fake->bytes + at, data, len);
	v8_heap_forget(&fake->heap); /* tests write between reads */
}

static inline void fake_word(struct fake_heap *fake, uint64_t object, uint32_t offset,
			     uint64_t word)
{
	fake_put(fake, object, offset, &word, sizeof(word));
}

static inline void fake_number(struct fake_heap *fake, uint64_t object, uint32_t offset,
			       uint32_t number)
{
	fake_put(fake, object, offset, &number, sizeof(number));
}

static inline uint64_t fake_smi(int32_t value)
{
	return (uint64_t)(uint32_t)value << 32;
}

static inline uint64_t fake_map(struct fake_heap *fake, uint32_t type)
{
	uint16_t narrow = (uint16_t)type;

	assert_true(type < FAKE_TYPES);
	if (!fake->maps[type]) {
		fake->maps[type] = fake_alloc(fake, 80) + 1;
		fake_put(fake, fake->maps[type], fake->layout.map_instance_type, &narrow,
			 sizeof(narrow));
	}
	return fake->maps[type];
}

/* Returns the tagged object. */
static inline uint64_t fake_object(struct fake_heap *fake, uint32_t type, size_t size)
{
	uint64_t map = fake_map(fake, type);
	uint64_t object = fake_alloc(fake, size) + 1;

	fake_word(fake, object, 0, map);
	return object;
}

static inline uint64_t fake_string_of(struct fake_heap *fake, uint32_t type, uint32_t length,
				      size_t size)
{
	uint64_t string = fake_object(fake, type, size);

	fake_number(fake, string, fake->layout.string_length, length);
	return string;
}

static inline uint64_t fake_string(struct fake_heap *fake, const char *text)
{
	uint32_t length = (uint32_t)strlen(text);
	uint64_t string = fake_string_of(fake, FAKE_ONE_BYTE, length, 16 + length);

	fake_put(fake, string, fake->layout.string_chars, text, length);
	return string;
}

static inline uint64_t fake_wide(struct fake_heap *fake, const uint16_t *units, uint32_t length)
{
	uint64_t string = fake_string_of(fake, 0, length, 16 + length * sizeof(*units));

	fake_put(fake, string, fake->layout.string_chars, units, length * sizeof(*units));
	return string;
}

static inline uint64_t fake_cons(struct fake_heap *fake, uint64_t first, uint64_t second,
				 uint32_t length)
{
	uint64_t string = fake_string_of(fake, FAKE_CONS | FAKE_ONE_BYTE, length, 32);

	fake_word(fake, string, fake->layout.cons_first, first);
	fake_word(fake, string, fake->layout.cons_second, second);
	return string;
}

static inline uint64_t fake_bytes(struct fake_heap *fake, const void *data, uint32_t length)
{
	uint64_t array = fake_object(fake, fake->layout.type_byte_array, 16 + length);

	fake_word(fake, array, fake->layout.array_length, fake_smi((int32_t)length));
	if (length)
		fake_put(fake, array, fake->layout.array_data, data, length);
	return array;
}

static inline uint64_t fake_array(struct fake_heap *fake, uint32_t type, const uint64_t *words,
				  uint32_t length)
{
	uint64_t array = fake_object(fake, type, 16 + length * sizeof(*words));

	fake_word(fake, array, fake->layout.array_length, fake_smi((int32_t)length));
	if (length)
		fake_put(fake, array, fake->layout.array_data, words, length * sizeof(*words));
	return array;
}

static inline uint64_t fake_script(struct fake_heap *fake, int32_t id, uint64_t name,
				   uint64_t source)
{
	const struct v8_layout *layout = &fake->layout;
	uint64_t script = fake_object(fake, layout->type_script, 128);

	fake_word(fake, script, layout->script_id, fake_smi(id));
	fake_word(fake, script, layout->script_name, name);
	fake_word(fake, script, layout->script_source, source);
	return script;
}

static inline uint64_t fake_shared(struct fake_heap *fake, uint64_t name, uint64_t script,
				   uint32_t literal)
{
	const struct v8_layout *layout = &fake->layout;
	uint64_t shared = fake_object(fake, layout->type_shared, 96);

	fake_word(fake, shared, layout->shared_name, name);
	fake_word(fake, shared, layout->shared_script, script);
	fake_number(fake, shared, layout->shared_literal, literal);
	return shared;
}

/* Compiled code; `size` bytes of instructions, of which there is nothing in the heap but room, and
 * room for a safepoint table behind them. */
struct fake_code {
	uint64_t object; /* Code */
	uint64_t start;  /* of the instructions */
};

/* As up to V8 10, with the instructions in the Code. */
static inline struct fake_code fake_code_inline(struct fake_heap *fake, uint32_t size)
{
	const struct v8_layout *layout = &fake->layout;
	struct fake_code code;

	code.object = fake_object(fake, layout->type_code, layout->code_body + size + 64);
	code.start = code.object - 1 + layout->code_body;
	return code;
}

static inline struct fake_code fake_code_stream(struct fake_heap *fake, uint32_t size)
{
	const struct v8_layout *layout = &fake->layout;
	uint64_t stream = fake_object(fake, layout->type_stream, layout->stream_body + size + 256);
	struct fake_code code;

	code.object = fake_object(fake, layout->type_code, 96);
	code.start = stream - 1 + layout->stream_body;
	fake_word(fake, stream, layout->stream_code, code.object);
	fake_word(fake, code.object, layout->code_start, code.start);
	return code;
}

static inline struct fake_code fake_code(struct fake_heap *fake, uint32_t kind, uint32_t size,
					 uint64_t deopt, uint64_t positions)
{
	const struct v8_layout *layout = &fake->layout;
	struct fake_code code =
		layout->code_body ? fake_code_inline(fake, size) : fake_code_stream(fake, size);

	fake_number(fake, code.object, layout->code_size, size);
	fake_number(fake, code.object, layout->code_flags, kind);
	fake_word(fake, code.object, layout->code_deopt, deopt);
	fake_word(fake, code.object, layout->code_positions, positions);
	return code;
}

/* A position table or so in the making: numbers of 7 bits a byte. */
struct fake_table {
	uint8_t bytes[256];
	size_t len;
	int64_t code;
	int64_t position;
};

static inline void fake_vlq(struct fake_table *table, uint64_t value)
{
	do {
		assert_true(table->len < sizeof(table->bytes));
		table->bytes[table->len++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
}

static inline uint64_t fake_zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

/* From this code offset on it is that offset in the source, of the function inlined as that. */
static inline void fake_position(struct fake_table *table, uint32_t code, uint32_t offset,
				 uint32_t inlined)
{
	int64_t position = (int64_t)((uint64_t)(offset + 1) << 1 | (uint64_t)inlined << 31);

	if (!table->len)
		table->code = -1;
	fake_vlq(table, fake_zigzag(code - table->code));
	fake_vlq(table, fake_zigzag(position - table->position));
	table->code = code;
	table->position = position;
}

static inline uint64_t fake_table_bytes(struct fake_heap *fake, const struct fake_table *table)
{
	return fake_bytes(fake, table->bytes, (uint32_t)table->len);
}

/* A BytecodeArray of these bytecodes with this position table. */
static inline uint64_t fake_bytecodes(struct fake_heap *fake, const void *code, uint32_t length,
				      uint64_t positions)
{
	const struct v8_layout *layout = &fake->layout;
	uint64_t array = fake_object(fake, layout->type_bytecode, layout->bytecode_data + length);

	fake_word(fake, array, layout->array_length, fake_smi((int32_t)length));
	fake_word(fake, array, layout->bytecode_positions, positions);
	fake_put(fake, array, layout->bytecode_data, code, length);
	return array;
}

static inline int fake_setup(void **state)
{
	*state = fake_new();
	return 0;
}

static inline int fake_teardown(void **state)
{
	free(*state);
	return 0;
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

#endif
