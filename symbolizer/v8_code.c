/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_code.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	SLOT_BITS = 12,
	CODE_SIZE = 96,       /* of what is read of a Code at once, at most */
	STEP = 4096,          /* bytes that are looked through at once */
	MAX_BACK = 1 << 20,   /* bytes */
	MAX_TABLE = 4 << 20,  /* bytes of a position table */
	MAX_CANDIDATES = 256, /* words that might have been a map */
	MAX_ELEMENTS = 1 << 24,
	SLOTS_MASK = (1 << 24) - 1,
	WEAK = 2,               /* tag of a weak pointer, besides that of an object */
	INLINING_POSITION = 16, /* place, function, and what fills it up */
};

struct place {
	uint64_t pc;
	uint64_t object; /* Code; 0 free */
};

struct v8_codes {
	struct v8_heap *heap;
	struct place places[1 << SLOT_BITS];
};

int v8_codes_new(struct v8_heap *heap, struct v8_codes **ret_codes)
{
	struct v8_codes *codes = calloc(1, sizeof(*codes));

	if (!codes)
		return -ENOMEM;
	codes->heap = heap;
	*ret_codes = codes;
	return 0;
}

void v8_codes_free(struct v8_codes *codes)
{
	free(codes);
}

static uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, sizeof(word));
	return word;
}

static uint32_t number_at(const uint8_t *bytes, uint32_t offset)
{
	uint32_t number;

	memcpy(&number, bytes + offset, sizeof(number));
	return number;
}

static enum v8_code_kind kind_of(const struct v8_layout *layout, uint32_t flags)
{
	uint32_t kind = flags & layout->code_kind_mask;

	if (kind == layout->code_baseline)
		return V8_CODE_BASELINE;
	if (kind == layout->code_maglev)
		return V8_CODE_MAGLEV;
	if (kind == layout->code_turbofan)
		return V8_CODE_TURBOFAN;
	return V8_CODE_OTHER;
}

static uint32_t slots_of(const struct v8_layout *layout, uint32_t flags)
{
	return layout->code_slots_shift ? flags >> layout->code_slots_shift & SLOTS_MASK : 0;
}

static bool can_read_code(const struct v8_layout *layout)
{
	const uint32_t offsets[] = {layout->code_deopt, layout->code_positions, layout->code_size,
				    layout->code_flags, layout->code_start};

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		if (offsets[i] > CODE_SIZE - sizeof(uint64_t))
			return false;
	return layout->type_code && layout->code_positions && layout->code_deopt &&
	       layout->code_size && layout->code_flags && layout->code_kind_mask &&
	       (layout->code_body || (layout->code_start && layout->stream_body &&
				      layout->stream_code && layout->type_stream));
}

/* Reads a Code and checks that the pc, which is a return address, is in it. */
static int read_code(struct v8_heap *heap, uint64_t object, uint64_t pc, struct v8_code *ret_code)
{
	const struct v8_layout *layout = heap->layout;
	struct v8_code code;
	uint8_t bytes[CODE_SIZE];
	uint32_t size =
		layout->code_body && layout->code_body < CODE_SIZE ? layout->code_body : CODE_SIZE;
	uint16_t type;
	int err;

	err = v8_read(heap, object, 0, bytes, size);
	if (!err)
		err = v8_map_type(heap, word_at(bytes, 0), &type);
	if (err)
		return err;
	if (type != layout->type_code)
		return -EBADMSG;
	code.start = layout->code_body ? object - 1 + layout->code_body
				       : word_at(bytes, layout->code_start);
	code.size = number_at(bytes, layout->code_size);
	code.kind = kind_of(layout, number_at(bytes, layout->code_flags));
	code.slots = slots_of(layout, number_at(bytes, layout->code_flags));
	code.positions = word_at(bytes, layout->code_positions);
	code.deopt = word_at(bytes, layout->code_deopt);
	if (pc <= code.start || pc - code.start > code.size)
		return -EBADMSG;
	*ret_code = code;
	return 0;
}

/* Old Code may still be there when its instructions are not. */
static bool owns_instructions(struct v8_heap *heap, uint64_t object, const struct v8_code *code)
{
	const struct v8_layout *layout = heap->layout;
	uint64_t owner;

	if (layout->code_body)
		return true;
	return !v8_read_raw(heap, code->start - layout->stream_body + layout->stream_code, &owner,
			    sizeof(owner)) &&
	       owner == object;
}

/* Tries the word at an address as the map in front of instructions. */
static int try_header(struct v8_heap *heap, uint64_t address, uint64_t pc, struct v8_code *ret_code,
		      uint64_t *ret_object)
{
	const struct v8_layout *layout = heap->layout;
	uint64_t object = address + 1;
	int err = 0;

	if (!layout->code_body)
		err = v8_read_raw(heap, address + layout->stream_code, &object, sizeof(object));
	if (!err)
		err = read_code(heap, object, pc, ret_code);
	if (!err)
		*ret_object = object;
	return err;
}

static int scan(struct v8_heap *heap, uint64_t pc, uint64_t lowest, struct v8_code *ret_code,
		uint64_t *ret_object)
{
	const struct v8_layout *layout = heap->layout;
	uint32_t wanted = layout->code_body ? layout->type_code : layout->type_stream;
	uint64_t end = pc & ~7ULL;
	uint64_t words[STEP / sizeof(uint64_t)];
	int candidates = 0;

	if (pc - lowest > MAX_BACK)
		lowest = pc - MAX_BACK;
	lowest = (lowest + 7) & ~7ULL;
	while (end > lowest) {
		size_t n = end - lowest < STEP ? end - lowest : STEP;

		if (v8_read_raw(heap, end - n, words, n))
			return -ENOENT;
		for (size_t i = n / sizeof(*words); i-- > 0;) {
			uint16_t type;

			if (!v8_is_object(words[i]))
				continue;
			if (++candidates > MAX_CANDIDATES)
				return -ENOENT;
			if (!v8_map_type(heap, words[i], &type) && type == wanted &&
			    !try_header(heap, end - n + i * sizeof(*words), pc, ret_code,
					ret_object))
				return 0;
		}
		end -= n;
	}
	return -ENOENT;
}

int v8_code_find(struct v8_codes *codes, uint64_t pc, uint64_t lowest, struct v8_code *ret_code)
{
	struct place *place = &codes->places[(pc * 0x9e3779b97f4a7c15ULL) >> (64 - SLOT_BITS)];
	struct v8_code code;
	uint64_t object;
	int err;

	if (!can_read_code(codes->heap->layout) || pc < lowest)
		return -ENOENT;
	if (place->object && place->pc == pc && !read_code(codes->heap, place->object, pc, &code) &&
	    owns_instructions(codes->heap, place->object, &code)) {
		*ret_code = code;
		return 0;
	}
	err = scan(codes->heap, pc, lowest, &code, &object);
	if (err)
		return err;
	*place = (struct place){.pc = pc, .object = object};
	*ret_code = code;
	return 0;
}

/* DeoptimizationData is a fixed array under several names. */
static bool is_fixed_array(const struct v8_layout *layout, uint16_t type)
{
	return type && (type == layout->type_fixed_array || type == layout->type_trusted_fixed ||
			type == layout->type_protected_fixed);
}

static int element(struct v8_heap *heap, uint64_t array, uint32_t index, uint64_t *ret_word)
{
	uint32_t length;
	int err = v8_array_length(heap, array, &length);

	if (err)
		return err;
	if (index >= length || index > MAX_ELEMENTS)
		return -ENOENT;
	return v8_read_word(heap, array, heap->layout->array_data + index * 8, ret_word);
}

int v8_code_deopt(struct v8_heap *heap, const struct v8_code *code, uint32_t index,
		  uint64_t *ret_word)
{
	uint16_t type;
	int err = v8_type(heap, code->deopt, &type);

	if (err)
		return err;
	if (!is_fixed_array(heap->layout, type))
		return -EBADMSG;
	return element(heap, code->deopt, index, ret_word);
}

int v8_code_literal(struct v8_heap *heap, const struct v8_code *code, uint32_t number,
		    uint64_t *ret_shared)
{
	const struct v8_layout *layout = heap->layout;
	uint64_t literals;
	uint64_t word;
	int err;

	if (!layout->deopt_literals)
		return -ENOENT;
	err = v8_code_deopt(heap, code, layout->deopt_literals, &literals);
	if (!err)
		err = element(heap, literals, number, &word);
	if (err)
		return err;
	word &= ~(uint64_t)WEAK;
	if (layout->type_wrapper && !v8_check(heap, word, layout->type_wrapper)) {
		err = v8_read_word(heap, word, layout->wrapper_shared, &word);
		if (err)
			return err;
	}
	err = v8_check(heap, word, layout->type_shared);
	if (!err)
		*ret_shared = word;
	return err;
}

int v8_code_protected(struct v8_heap *heap, const struct v8_code *code, uint32_t number,
		      uint64_t *ret_object)
{
	uint64_t literals;
	int err = v8_code_deopt(heap, code, heap->layout->deopt_protected, &literals);

	return err ? err : element(heap, literals, number, ret_object);
}

/* One entry of the inlining positions: who was inlined, and where that one was called. */
static int inlining(struct v8_heap *heap, const struct v8_code *code, uint32_t number,
		    uint64_t *ret_shared, struct v8_position *ret_caller)
{
	const struct v8_layout *layout = heap->layout;
	uint8_t entry[INLINING_POSITION];
	uint64_t positions;
	int32_t function;
	uint32_t length;
	int err;

	if (!layout->deopt_positions)
		return -ENOENT;
	err = v8_code_deopt(heap, code, layout->deopt_positions, &positions);
	if (!err)
		err = v8_array_length(heap, positions, &length);
	if (!err && number > length / sizeof(entry))
		err = -EBADMSG;
	if (!err)
		err = v8_read(heap, positions,
			      layout->array_data + (number - 1) * (uint32_t)sizeof(entry), entry,
			      sizeof(entry));
	if (err)
		return err;
	memcpy(&function, entry + sizeof(uint64_t), sizeof(function));
	*ret_shared = 0;
	if (function >= 0)
		err = v8_code_literal(heap, code, (uint32_t)function, ret_shared);
	return err ? err : v8_position_decode(word_at(entry, 0), ret_caller);
}

/* Length of a call through r13, which is what an exit is; 0 for all else. */
static uint32_t exit_size(const uint8_t bytes[3])
{
	if (bytes[0] != 0x41 || bytes[1] != 0xff)
		return 0;
	if (bytes[2] == 0x55)
		return 4;
	return bytes[2] == 0x95 ? 7 : 0;
}

/* A number in the DeoptimizationData. */
static int deopt_number(struct v8_heap *heap, const struct v8_code *code, uint32_t index,
			uint32_t *ret_number)
{
	uint64_t word;
	int err = v8_code_deopt(heap, code, index, &word);

	if (err)
		return err;
	if (!v8_is_smi(word) || v8_smi(word) < 0)
		return -EBADMSG;
	*ret_number = (uint32_t)v8_smi(word);
	return 0;
}

int v8_code_exit(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, int32_t *ret_exit)
{
	const struct v8_layout *layout = heap->layout;
	uint32_t at = (uint32_t)(pc - code->start);
	uint8_t bytes[3];
	uint32_t first, size, number;
	uint32_t counts[2]; /* eager exits, and those of calls behind them */
	int err = v8_read_raw(heap, pc, bytes, sizeof(bytes));

	if (err)
		return err;
	size = exit_size(bytes);
	if (!size) {
		*ret_exit = -1;
		return 0;
	}
	err = deopt_number(heap, code, layout->deopt_exits, &first);
	if (!err && at < first) {
		*ret_exit = -1;
		return 0;
	}
	for (uint32_t i = 0; !err && i < ARRAY_SIZE(counts); i++)
		err = deopt_number(heap, code, layout->deopt_exits + 1 + i, &counts[i]);
	if (err)
		return err;
	number = (at - first) / size;
	if ((at - first) % size || number < counts[0] || number - counts[0] >= counts[1])
		return -EBADMSG;
	*ret_exit = (int32_t)number;
	return 0;
}

/* The return address that V8 took away, of the call that an exit is for. */
static int original_pc(struct v8_heap *heap, const struct v8_code *code, uint64_t *pc)
{
	int32_t exit;
	uint32_t at;
	int err = v8_code_exit(heap, code, *pc, &exit);

	if (err || exit < 0)
		return err;
	err = deopt_number(heap, code, heap->layout->deopt_entries + (uint32_t)exit * 3 + 2, &at);
	if (err)
		return err;
	if (!at || at > *pc - code->start)
		return -EBADMSG;
	*pc = code->start + at;
	return 0;
}

static int find_position(struct v8_heap *heap, const struct v8_code *code, uint64_t pc,
			 struct v8_position *ret_position)
{
	_cleanup_(freep) uint8_t *table = NULL;
	size_t len;
	int err = original_pc(heap, code, &pc);

	if (!err)
		err = v8_read_bytes(heap, code->positions, MAX_TABLE, &table, &len);
	if (err)
		return err;
	return v8_positions_find(table, len, heap->layout->position_flag_bits,
				 (uint32_t)(pc - code->start - 1), ret_position);
}

int v8_code_inlined(struct v8_heap *heap, const struct v8_code *code, uint64_t pc, size_t max,
		    struct v8_inlined *ret_inlined, size_t *ret_n)
{
	struct v8_position position;
	size_t n = 0;
	int err = find_position(heap, code, pc, &position);

	if (err)
		return err;
	while (position.inlined) {
		uint32_t number = position.inlined;

		if (n + 1 >= max)
			return -EBADMSG;
		ret_inlined[n].offset = position.offset;
		err = inlining(heap, code, number, &ret_inlined[n++].shared, &position);
		if (err)
			return err;
		if (position.inlined >= number) /* outer ones come first, else it might not end */
			return -EBADMSG;
	}
	if (n >= max)
		return -EBADMSG;
	ret_inlined[n++] = (struct v8_inlined){.offset = position.offset};
	*ret_n = n;
	return 0;
}
