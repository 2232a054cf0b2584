/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_deopt.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/v8_safepoint.h"

enum {
	MAX_OPERANDS = 6,
	MAX_TRANSLATIONS = 8 << 20, /* bytes */
	TRANSLATIONS = 0,           /* index in DeoptimizationData, in all releases */
	/* DeoptStackSlotIndexFromFPOffset() of fp - 32:
	   https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/maglev/maglev-code-generator.cc */
	FIRST_SLOT = 5,
};

/*
 * The safepoint table stands behind the instructions: stack slots, number of entries, their format,
 * number of tagged slots; then the entries, each a pc, the number of a deoptimisation entry + 1,
 * its pc, one byte, and registers. The format tells the size of each:
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/maglev/maglev-safepoint-table.h
 */
struct safepoint_head {
	uint32_t slots;
	uint32_t length;
	uint32_t format;
	uint32_t tagged;
};

enum {
	EXTRA = 1,
};

/* A translation, read from its start; parts of it are references to an earlier one:
 * https://github.com/nodejs/node/blob/v24.21.0/deps/v8/src/objects/deoptimization-data.cc */
struct translation {
	const struct v8_layout *layout;
	struct v8_cursor cursor;
	struct v8_cursor earlier;
	uint32_t since;     /* operations since the earlier one was last looked at */
	uint64_t remaining; /* operations to take from there, and one */
};

struct operation {
	uint8_t code;
	uint64_t operands[MAX_OPERANDS];
};

static int read_safepoints(struct v8_heap *heap, const struct v8_code *code,
			   struct safepoint_head *ret_head, size_t *ret_stride, uint8_t **ret_table)
{
	struct safepoint_head head;
	size_t stride;
	uint32_t pc_size;
	uint32_t deopt_size;
	uint8_t *table;
	int err = v8_read_raw(heap, code->start + code->size, &head, sizeof(head));

	if (err)
		return err;
	pc_size = head.format >> SAFEPOINT_PC_SHIFT & SAFEPOINT_SIZE_MASK;
	deopt_size = head.format >> SAFEPOINT_DEOPT_SHIFT & SAFEPOINT_SIZE_MASK;
	if (!(head.format & SAFEPOINT_HAS_DEOPT) || head.format >> SAFEPOINT_BITS || !pc_size ||
	    pc_size > 4 || !deopt_size || deopt_size > 4 || !head.length ||
	    head.length > SAFEPOINT_MAX_ENTRIES)
		return -EBADMSG;
	stride = (size_t)2 * pc_size + deopt_size + EXTRA +
		 (head.format >> SAFEPOINT_REGISTERS_SHIFT & SAFEPOINT_SIZE_MASK);
	table = malloc(head.length * stride);
	if (!table)
		return -ENOMEM;
	err = v8_read_raw(heap, code->start + code->size + sizeof(head), table,
			  head.length * stride);
	if (err) {
		free(table);
		return err;
	}
	*ret_head = head;
	*ret_stride = stride;
	*ret_table = table;
	return 0;
}

/* Number of the deoptimisation entry of a call that returns to pc. */
static int find_entry(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
		      uint32_t *ret_entry)
{
	_cleanup_(freep) uint8_t *table = NULL;
	struct safepoint_head head;
	uint32_t pc_size;
	uint32_t deopt_size;
	size_t stride;
	int32_t exit;
	int err = v8_code_exit(heap, code, pc, &exit);

	if (!err && exit >= 0) {
		*ret_entry = (uint32_t)exit;
		return 0;
	}
	if (!err)
		err = read_safepoints(heap, code, &head, &stride, &table);
	if (err)
		return err;
	pc_size = head.format >> SAFEPOINT_PC_SHIFT & SAFEPOINT_SIZE_MASK;
	deopt_size = head.format >> SAFEPOINT_DEOPT_SHIFT & SAFEPOINT_SIZE_MASK;
	for (size_t i = 0; i < head.length; i++) {
		const uint8_t *at = table + i * stride;
		uint32_t number = safepoint_number(at + pc_size, deopt_size);

		if (safepoint_number(at, pc_size) != pc - code->start)
			continue;
		if (!number)
			return -ENOENT;
		*ret_entry = number - 1;
		return 0;
	}
	return -ENOENT;
}

/* Magnitude and sign, in the lowest bit. */
static int64_t signed_operand(uint64_t value)
{
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static uint32_t last_code(const struct v8_layout *layout)
{
	return layout->n_translation_operands - 1; /* refers to the earlier translation */
}

static bool is_begin(const struct v8_layout *layout, uint32_t code)
{
	return code == layout->translation_begin || code == layout->translation_begin + 1;
}

static int take_operation(const struct v8_layout *layout, struct v8_cursor *cursor,
			  struct operation *ret_operation)
{
	uint8_t code;

	if (cursor->at >= cursor->end)
		return -EBADMSG;
	code = *cursor->at++;
	if (code >= layout->n_translation_operands)
		return -EBADMSG;
	ret_operation->code = code;
	for (size_t i = 0; i < layout->translation_operands[code]; i++)
		if (i >= MAX_OPERANDS || v8_vlq_take(cursor, &ret_operation->operands[i]))
			return -EBADMSG;
	return 0;
}

/* From here on, `count` operations are those of the earlier translation at the same place. */
static int refer(struct translation *t, uint64_t count, struct operation *ret_operation)
{
	struct operation skipped;

	if (!count || !t->earlier.at)
		return -EBADMSG;
	t->remaining = count;
	for (; t->since; t->since--)
		if (take_operation(t->layout, &t->earlier, &skipped))
			return -EBADMSG;
	return take_operation(t->layout, &t->earlier, ret_operation);
}

static int next_operation(struct translation *t, struct operation *ret_operation)
{
	const struct v8_layout *layout = t->layout;
	int err;

	if (t->remaining)
		t->remaining--;
	if (t->remaining)
		return take_operation(layout, &t->earlier, ret_operation);
	if (t->cursor.at >= t->cursor.end)
		return -EBADMSG;
	/* Codes behind the last one are references, too, with their operand in them. */
	if (*t->cursor.at >= layout->n_translation_operands)
		return refer(t, (uint64_t)*t->cursor.at++ - layout->n_translation_operands,
			     ret_operation);
	err = take_operation(layout, &t->cursor, ret_operation);
	if (err)
		return err;
	if (ret_operation->code == last_code(layout))
		return refer(t, ret_operation->operands[0], ret_operation);
	t->since++;
	return is_begin(layout, ret_operation->code) ? -EBADMSG : 0;
}

/* distance to the earlier one (0 none), frames, JavaScript frames among them */
static int begin(struct translation *t, const uint8_t *bytes, uint32_t *ret_frames)
{
	const uint8_t *start = t->cursor.at;
	struct operation operation = {0};
	int64_t frames;

	if (take_operation(t->layout, &t->cursor, &operation) ||
	    !is_begin(t->layout, operation.code))
		return -EBADMSG;
	if (operation.operands[0] > (uint64_t)(start - bytes))
		return -EBADMSG;
	if (operation.operands[0])
		t->earlier = (struct v8_cursor){start - operation.operands[0], start};
	t->since = 1;
	frames = signed_operand(operation.operands[1]);
	if (frames < 1 || frames > UINT16_MAX)
		return -EBADMSG;
	*ret_frames = (uint32_t)frames;
	return 0;
}

/* The translation that starts at `at`; layout is set. */
static int open_translation(struct translation *t, const struct v8_cursor *all, size_t at,
			    uint32_t *ret_frames)
{
	if (at >= (size_t)(all->end - all->at))
		return -EBADMSG;
	t->cursor = (struct v8_cursor){all->at + at, all->end};
	return begin(t, all->at, ret_frames);
}

/* bytecode offset, literal of the function, literal of its bytecodes, … */
static int translated(const struct operation *operation, struct v8_translated *ret_frame)
{
	int64_t values[3];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		values[i] = signed_operand(operation->operands[i]);
		if (values[i] < (i ? 0 : -1) || values[i] > INT32_MAX)
			return -EBADMSG;
	}
	ret_frame->bytecode = (int32_t)values[0];
	ret_frame->literal = (uint32_t)values[1];
	ret_frame->bytecodes = (uint32_t)values[2];
	return 0;
}

int v8_translation_read(const struct v8_layout *layout, const struct v8_cursor *all, size_t at,
			size_t max, struct v8_translated *ret_frames, size_t *ret_n)
{
	struct translation t = {.layout = layout};
	uint32_t frames;
	size_t n = 0;

	if (open_translation(&t, all, at, &frames))
		return -EBADMSG;
	while (frames) {
		struct operation operation = {0};

		if (next_operation(&t, &operation))
			return -EBADMSG;
		if (operation.code >= layout->translation_frames)
			continue; /* a value of the frame */
		frames--;
		if (operation.code >= layout->translation_interpreted)
			continue;
		if (n == max || translated(&operation, &ret_frames[n]))
			return -EBADMSG;
		n++;
	}
	*ret_n = n;
	return n ? 0 : -ENOENT;
}

/* Is there another operation? The next translation begins where this one ends. */
static bool has_more(const struct translation *t)
{
	return t->remaining > 1 ||
	       (t->cursor.at < t->cursor.end && !is_begin(t->layout, *t->cursor.at));
}

int v8_translation_words(const struct v8_layout *layout, const struct v8_cursor *all, size_t at,
			 uint64_t *ret_words)
{
	struct translation t = {.layout = layout};
	uint64_t words = 0;
	uint32_t frames;

	if (open_translation(&t, all, at, &frames))
		return -EBADMSG;
	while (has_more(&t)) {
		struct operation operation = {0};
		int64_t word;

		if (next_operation(&t, &operation))
			return -EBADMSG;
		if (operation.code != layout->translation_slot)
			continue;
		word = signed_operand(operation.operands[0]) - FIRST_SLOT;
		if (word >= 0 && word < 64)
			words |= 1ULL << word;
	}
	*ret_words = words;
	return 0;
}

/* All translations of the code, for free(), and where that of an entry starts. */
static int read_translations(struct v8_heap *heap, const struct v8_code *code, uint32_t entry,
			     uint8_t **ret_bytes, size_t *ret_len, size_t *ret_at)
{
	const struct v8_layout *layout = heap->layout;
	uint64_t array;
	uint64_t at;
	int err;

	if (entry > UINT16_MAX)
		return -EBADMSG;
	/* An entry is a bytecode offset, the place of its translation, and a pc. */
	err = v8_code_deopt(heap, code, layout->deopt_entries + entry * 3 + 1, &at);
	if (!err)
		err = v8_code_deopt(heap, code, TRANSLATIONS, &array);
	if (err)
		return err;
	if (!v8_is_smi(at) || v8_smi(at) < 0)
		return -EBADMSG;
	*ret_at = (size_t)v8_smi(at);
	err = v8_read_bytes(heap, array, MAX_TRANSLATIONS, ret_bytes, ret_len);
	return err || *ret_len ? err : -EBADMSG;
}

static int read_translation(struct v8_heap *heap, const struct v8_code *code, uint32_t entry,
			    size_t max, struct v8_translated *ret_frames, size_t *ret_n)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct v8_cursor all;
	size_t len, at;
	int err = read_translations(heap, code, entry, &bytes, &len, &at);

	if (err)
		return err;
	all = (struct v8_cursor){bytes, bytes + len};
	return v8_translation_read(heap->layout, &all, at, max, ret_frames, ret_n);
}

int v8_deopt_words(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
		   uint64_t *ret_words)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	const struct v8_layout *layout = heap->layout;
	struct v8_cursor all;
	size_t len, at;
	uint32_t entry;
	int err;

	if (!layout->deopt_entries || !layout->translation_slot || !layout->n_translation_operands)
		return -ENOENT;
	err = find_entry(heap, code, pc, &entry);
	if (!err)
		err = read_translations(heap, code, entry, &bytes, &len, &at);
	if (err)
		return err;
	all = (struct v8_cursor){bytes, bytes + len};
	return v8_translation_words(layout, &all, at, ret_words);
}

int v8_deopt_frames(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, size_t max,
		    struct v8_deopt_frame *ret_frames, size_t *ret_n)
{
	const struct v8_layout *layout = heap->layout;
	struct v8_translated translated[64];
	uint32_t entry;
	size_t n;
	int err;

	if (!layout->deopt_entries || !layout->deopt_protected || !layout->n_translation_operands)
		return -ENOENT;
	if (max > ARRAY_SIZE(translated))
		max = ARRAY_SIZE(translated);
	err = find_entry(heap, code, pc, &entry);
	if (!err)
		err = read_translation(heap, code, entry, max, translated, &n);
	for (size_t i = 0; !err && i < n; i++) {
		const struct v8_translated *from = &translated[n - 1 - i];
		struct v8_deopt_frame *frame = &ret_frames[i];

		frame->offset = from->bytecode < 0 ? 0 : (uint32_t)from->bytecode;
		err = v8_code_literal(heap, code, from->literal, &frame->shared);
		if (!err)
			err = v8_code_protected(heap, code, from->bytecodes, &frame->bytecodes);
	}
	if (!err)
		*ret_n = n;
	return err;
}
