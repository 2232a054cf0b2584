/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_spills.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/v8_deopt.h"
#include "symbolizer/v8_safepoint.h"

/*
 * The table stands behind the instructions: number of slots (in later releases), number of entries,
 * their format. Maglev's has the number of slots with objects, and of others, next. The entries are a pc,
 * the number of a deoptimisation entry and its pc, registers; behind all of TurboFan's stand their bits,
 * those of the slot with the lowest address first. In V8 9 the second word of the head is the size of the
 * bits, the three of an entry have four bytes each, and each entry is for one call:
 * https://github.com/nodejs/node/blob/v16.20.2/deps/v8/src/codegen/safepoint-table.cc
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/codegen/safepoint-table.h
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/maglev/maglev-safepoint-table.h
 * Who reads it, CommonFrame::IterateTurbofanJSOptimizedFrame() and MaglevFrame::Iterate():
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/execution/frames.cc
 */
enum {
	MAX_SLOTS = 1 << 16,
	MAX_TABLE = 4 << 20, /* bytes */
	HEAD = 20,           /* bytes that tell how long it is, at most */
	/* return address, fp, context, function, number of arguments: StandardFrameConstants,
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/execution/frame-constants.h */
	FIXED_SLOTS = 5,
};

struct shape {
	uint32_t head; /* bytes */
	uint32_t slots;
	uint32_t entries;
	uint32_t pc_size;
	uint32_t entry_size;
	uint32_t bitmap_size; /* 0 for Maglev */
	bool is_exact;        /* an entry holds for no other call */
	size_t size;          /* of the table */
};

/* Entries of as many bytes as they need. */
static int read_entries(uint32_t format, struct shape *shape)
{
	uint32_t deopt_size = format >> SAFEPOINT_DEOPT_SHIFT & SAFEPOINT_SIZE_MASK;

	shape->pc_size = format >> SAFEPOINT_PC_SHIFT & SAFEPOINT_SIZE_MASK;
	shape->bitmap_size = format >> SAFEPOINT_BITMAP_SHIFT;
	shape->entry_size =
		shape->pc_size + (format >> SAFEPOINT_REGISTERS_SHIFT & SAFEPOINT_SIZE_MASK);
	if (format & SAFEPOINT_HAS_DEOPT)
		shape->entry_size += shape->pc_size + deopt_size;
	return !shape->pc_size || shape->pc_size > 4 || deopt_size > 4 ? -EBADMSG : 0;
}

/* Entries of words: the format is the size of their bits. */
static int read_words(uint32_t entry_size, uint32_t format, struct shape *shape)
{
	shape->pc_size = sizeof(uint32_t);
	shape->bitmap_size = format;
	shape->entry_size = entry_size;
	shape->is_exact = true;
	return 0;
}

/* The head, of which there are HEAD bytes. */
static int read_shape(const struct v8_layout *layout, const struct v8_safepoints *table,
		      struct shape *ret_shape)
{
	const uint8_t *at = table->bytes + layout->safepoint_format;
	uint32_t format = safepoint_number(at, 4);
	struct shape shape = {
		.head = layout->safepoint_format + 4,
		.slots =
			layout->code_slots_shift ? table->slots : safepoint_number(table->bytes, 4),
		.entries = safepoint_number(at - 4, 4),
	};

	if (shape.slots < FIXED_SLOTS || shape.slots > MAX_SLOTS)
		return -EBADMSG;
	*ret_shape = shape;
	if (table->is_maglev)
		return 0;
	if (layout->safepoint_entry ? read_words(layout->safepoint_entry, format, &shape)
				    : read_entries(format, &shape))
		return -EBADMSG;
	if (!shape.entries || shape.entries > SAFEPOINT_MAX_ENTRIES ||
	    shape.bitmap_size > shape.slots / 8 + 1)
		return -EBADMSG;
	shape.size = shape.head + (size_t)shape.entries * (shape.entry_size + shape.bitmap_size);
	*ret_shape = shape;
	return 0;
}

/* Is the entry of the call that returns to `at`? Where all are equal there is one without a place. */
static bool is_entry_of(const struct shape *shape, uint32_t pc, uint32_t at)
{
	if (!shape->is_exact)
		return pc <= at;
	return pc == at || (shape->entries == 1 && pc == UINT32_MAX);
}

/* Equal neighbours are one entry: it holds until the next one. */
static int find_entry(const struct shape *shape, const uint8_t *entries, uint32_t at,
		      uint32_t *ret_entry)
{
	uint32_t pc, last = 0, found = 0;
	bool is_found = false;

	for (uint32_t i = 0; i < shape->entries; i++) {
		pc = safepoint_number(entries + (size_t)i * shape->entry_size, shape->pc_size);
		if (i && pc <= last)
			return -EBADMSG;
		if (is_entry_of(shape, pc, at)) {
			found = i;
			is_found = true;
		}
		last = pc;
	}
	*ret_entry = found;
	return is_found ? 0 : -EBADMSG;
}

/* Slots of Maglev's that hold objects come first. They are kept as they are until they are used again: what
 * is not part of any function's state is of an earlier one. */
static int dead_in_maglev(const struct v8_safepoints *table, const struct shape *shape,
			  uint64_t *ret_dead)
{
	uint32_t tagged = safepoint_number(table->bytes + shape->head, 4);
	uint32_t spills = shape->slots - FIXED_SLOTS;
	uint64_t dead = 0;

	if (tagged > spills)
		return -EBADMSG;
	for (uint32_t i = 0; i < spills && i < V8_SPILLS; i++)
		if (i >= tagged || !(table->words >> i & 1))
			dead |= 1ULL << i;
	*ret_dead = dead;
	return 0;
}

static int dead_in_turbofan(const struct v8_safepoints *table, const struct shape *shape,
			    uint32_t at, uint64_t *ret_dead)
{
	const uint8_t *entries = table->bytes + shape->head;
	const uint8_t *bits;
	uint32_t spills = shape->slots - FIXED_SLOTS;
	uint32_t entry;
	uint64_t dead = 0;
	int err;

	if (table->len < shape->size)
		return -EBADMSG;
	err = find_entry(shape, entries, at, &entry);
	if (err)
		return err;
	bits = entries + (size_t)shape->entries * shape->entry_size +
	       (size_t)entry * shape->bitmap_size;
	for (uint32_t i = 0; i < spills && i < V8_SPILLS; i++) {
		uint32_t bit = spills - 1 - i;

		if (bit / 8 >= shape->bitmap_size || !(bits[bit / 8] >> bit % 8 & 1))
			dead |= 1ULL << i;
	}
	*ret_dead = dead;
	return 0;
}

int v8_spills_read(const struct v8_layout *layout, const struct v8_safepoints *table, uint32_t at,
		   uint64_t *ret_dead)
{
	struct shape shape;
	int err;

	if (table->len < HEAD)
		return -EBADMSG;
	err = read_shape(layout, table, &shape);
	if (err)
		return err;
	return table->is_maglev ? dead_in_maglev(table, &shape, ret_dead)
				: dead_in_turbofan(table, &shape, at, ret_dead);
}

/* How many bytes the table has. */
static int measure(struct v8_heap *heap, const struct v8_code *code, size_t *ret_size)
{
	uint8_t head[HEAD];
	const struct v8_safepoints table = {
		.bytes = head,
		.len = sizeof(head),
		.slots = code->slots,
		.is_maglev = code->kind == V8_CODE_MAGLEV,
	};
	struct shape shape;
	int err = v8_read_raw(heap, code->start + code->size, head, sizeof(head));

	if (!err)
		err = read_shape(heap->layout, &table, &shape);
	if (err)
		return err;
	if (shape.size > MAX_TABLE)
		return -EBADMSG;
	*ret_size = shape.size < HEAD ? HEAD : shape.size;
	return 0;
}

/* Has V8 put another return address there? Then the frame is not as the table says. */
static int check_exit(struct v8_heap *heap, const struct v8_code *code, uint64_t pc)
{
	int32_t exit;
	int err = v8_code_exit(heap, code, pc, &exit);

	return err || exit < 0 ? err : -ENOENT;
}

int v8_spills_dead(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
		   uint64_t *ret_dead)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct v8_safepoints table = {
		.slots = code->slots,
		.is_maglev = code->kind == V8_CODE_MAGLEV,
	};
	size_t size;
	int err;

	if (!heap->layout->safepoint_format)
		return -ENOENT;
	if (code->kind != V8_CODE_TURBOFAN &&
	    (code->kind != V8_CODE_MAGLEV || !heap->layout->translation_slot))
		return -ENOENT;
	err = check_exit(heap, code, pc);
	if (!err)
		err = measure(heap, code, &size);
	if (err)
		return err;
	bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	err = v8_read_raw(heap, code->start + code->size, bytes, size);
	table.bytes = bytes;
	table.len = size;
	if (table.is_maglev && v8_deopt_words(heap, code, pc, &table.words))
		table.words = UINT64_MAX;
	return err ? err
		   : v8_spills_read(heap->layout, &table, (uint32_t)(pc - code->start), ret_dead);
}
