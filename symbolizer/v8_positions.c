/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_positions.h"

#include "symbolizer/base.h"
#include "symbolizer/v8_vlq.h"

/*
 * A place: bit 0 external, 30 bits offset + 1 (or line and file of an external one), 16 bits
 * inlining:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/codegen/source-position.h
 */
enum {
	EXTERNAL = 1,
	OFFSET_SHIFT = 1,
	OFFSET_MASK = (1 << 30) - 1,
	INLINED_SHIFT = 31,
	INLINED_MASK = 0xffff,
};

/* The first bytecodes, which only give the next one wider operands:
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/interpreter/bytecodes.h */
enum {
	WIDE = 0,
	EXTRA_WIDE = 1,
	DEBUG_WIDE = 2,
	DEBUG_EXTRA_WIDE = 3,
};

static int64_t zigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* An expression's distance is stored negative, one less. */
static int64_t code_distance(uint64_t value, uint32_t flag_bits)
{
	int64_t distance;

	if (flag_bits)
		return (int64_t)(value >> flag_bits);
	distance = zigzag(value);
	return distance >= 0 ? distance : -(distance + 1);
}

int v8_position_decode(uint64_t word, struct v8_position *ret_position)
{
	uint32_t offset = (uint32_t)(word >> OFFSET_SHIFT) & OFFSET_MASK;

	if (word & EXTERNAL || !offset)
		return -ENOENT;
	ret_position->offset = offset - 1;
	ret_position->inlined = (uint32_t)(word >> INLINED_SHIFT) & INLINED_MASK;
	return 0;
}

int v8_positions_find(const uint8_t *table, size_t len, uint32_t flag_bits, uint32_t code_offset,
		      struct v8_position *ret_position)
{
	struct v8_cursor cursor = {.at = table, .end = table + len};
	uint64_t position = 0;
	int64_t code = -1;
	int err = 0;

	while (cursor.at < cursor.end) {
		uint64_t value;
		int64_t distance;

		err = v8_vlq_take(&cursor, &value);
		if (err)
			break;
		distance = code_distance(value, flag_bits);
		if (distance > UINT32_MAX)
			return -EBADMSG;
		code += distance;
		if (code > code_offset)
			break;
		err = v8_vlq_take(&cursor, &value);
		if (err)
			break;
		position += (uint64_t)zigzag(value);
	}
	if (err == -EBADMSG)
		return err;
	return v8_position_decode(position, ret_position);
}

static uint32_t bytecode_size(const struct v8_layout *layout, const struct v8_bytecodes *bytecodes,
			      size_t at)
{
	uint32_t prefix = 0;
	uint32_t scale = 0;
	uint8_t code = bytecodes->code[at];

	if (code <= DEBUG_EXTRA_WIDE) {
		if (at + 1 >= bytecodes->len)
			return 0;
		scale = code == WIDE || code == DEBUG_WIDE ? 1 : 2;
		code = bytecodes->code[at + 1];
		prefix = 1;
	}
	return code < layout->n_bytecodes && layout->bytecode_sizes[scale][code]
		       ? prefix + layout->bytecode_sizes[scale][code]
		       : 0;
}

int v8_baseline_bytecode(const struct v8_layout *layout, const uint8_t *table, size_t len,
			 const struct v8_bytecodes *bytecodes, uint32_t code_offset,
			 uint32_t *ret_bytecode)
{
	struct v8_cursor cursor = {.at = table, .end = table + len};
	uint64_t code = 0;
	uint64_t length;
	size_t at = 0;

	/* The first length is the prologue's, which belongs to no bytecode. */
	if (v8_vlq_take(&cursor, &length))
		return -EBADMSG;
	code = length;
	while (code <= code_offset) {
		if (v8_vlq_take(&cursor, &length) || length > UINT32_MAX)
			return -EBADMSG;
		code += length;
		if (code > code_offset)
			break;
		if (at >= bytecodes->len || !bytecode_size(layout, bytecodes, at))
			return -EBADMSG;
		at += bytecode_size(layout, bytecodes, at);
	}
	if (at >= bytecodes->len)
		return -EBADMSG;
	*ret_bytecode = (uint32_t)at;
	return 0;
}
