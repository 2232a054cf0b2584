/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_frames.h"

#include "symbolizer/base.h"
#include "symbolizer/source_maps.h"
#include "symbolizer/v8_async.h"
#include "symbolizer/v8_code.h"
#include "symbolizer/v8_frames_parts.h"
#include "symbolizer/v8_function.h"
#include "symbolizer/v8_heap.h"
#include "symbolizer/v8_positions.h"
#include "symbolizer/v8_script.h"
#include "symbolizer/v8_spills.h"
#include "symbolizer/v8_tables.h"

enum {
	MAX_TABLE = 4 << 20,      /* bytes */
	PROOF = 8,                /* frames that are right, for the layout to be right */
	DOUBT = 64,               /* frames that are wrong, before it is given up */
	MAX_FRAME_CODE = 1 << 26, /* a bytecode offset beyond is none */
	MAX_ATTEMPTS = 3,         /* to read a stack between two collections */
};

int v8_frames_new(const struct v8_layout *layout, const struct memory *memory,
		  struct stacks *stacks, struct v8_frames **ret_frames)
{
	struct v8_frames *frames = calloc(1, sizeof(*frames));
	int err = 0;

	if (!frames)
		return -ENOMEM;
	frames->state = layout ? V8_UNTRIED : V8_UNKNOWN;
	if (layout)
		frames->layout = *layout;
	v8_heap_init(&frames->heap, memory, &frames->layout);
	err = v8_scripts_new(&frames->heap, stacks, &frames->scripts);
	if (!err)
		err = v8_functions_new(&frames->heap, frames->scripts, stacks, &frames->functions);
	if (!err)
		err = v8_codes_new(&frames->heap, &frames->codes);
	if (!err)
		err = v8_tables_new(&frames->tables);
	if (err) {
		v8_frames_free(frames);
		return err;
	}
	*ret_frames = frames;
	return 0;
}

void v8_frames_free(struct v8_frames *frames)
{
	if (!frames)
		return;
	v8_tables_free(frames->tables);
	v8_codes_free(frames->codes);
	v8_functions_free(frames->functions);
	v8_scripts_free(frames->scripts);
	free(frames);
}

void v8_frames_use_maps(struct v8_frames *frames, struct source_maps *maps)
{
	frames->maps = maps;
}

void v8_frames_set_clock(struct v8_frames *frames, const struct heap_clock *clock)
{
	frames->clock = *clock;
}

static bool read_clock(const struct v8_frames *frames, struct heap_time *ret_time)
{
	const struct heap_clock *clock = &frames->clock;

	return clock->read && !clock->read(clock->user, frames->tid, ret_time);
}

void v8_frames_begin(struct v8_frames *frames, uint32_t tid, uint64_t moves)
{
	struct heap_time now = {.moves = moves};

	frames->tid = tid;
	frames->moves = moves;
	frames->has_time = read_clock(frames, &now);
	frames->is_late = now.moves != moves || frames->attempts == MAX_ATTEMPTS ||
			  (frames->clock.read && !frames->has_time);
	frames->isolate = tid ^ (uint32_t)(now.isolate * 0x9e3779b97f4a7c15ULL >> 32);
	frames->before = now;
	frames->counts_before = frames->counts;
	v8_heap_forget(&frames->heap);
	if (frames->maps)
		source_maps_begin(frames->maps);
}

bool v8_frames_end(struct v8_frames *frames)
{
	struct heap_time now;

	if (frames->is_late || !frames->has_time ||
	    (read_clock(frames, &now) && now.collections == frames->before.collections)) {
		frames->counts.late += frames->is_late;
		frames->attempts = 0;
		return true;
	}
	if (frames->maps)
		source_maps_discard(frames->maps);
	v8_scripts_discard(frames->scripts);
	v8_functions_discard(frames->functions);
	v8_tables_discard(frames->tables, frames->heap.attempt);
	frames->counts = frames->counts_before;
	frames->counts.again++;
	frames->attempts++;
	return false;
}

/*
 * What a frame told about the layout. Memory that vanished and builtins tell nothing; objects that
 * moved since the frame was captured are as wrong as a wrong layout makes all of them, so that only
 * a layout that was never right is given up.
 */
static void judge(struct v8_frames *frames, int err)
{
	if (frames->is_late)
		return;
	if (!err)
		frames->good++;
	else if (err == -EBADMSG)
		frames->bad++;
	if (frames->state != V8_UNTRIED)
		return;
	if (frames->good >= PROOF)
		frames->state = V8_PROVEN;
	else if (frames->bad >= DOUBT && frames->bad > DOUBT * frames->good)
		frames->state = V8_REFUTED;
}

static int finish(struct v8_frames *frames, int err)
{
	if (err)
		frames->counts.unnamed++;
	else
		frames->counts.named++;
	return err;
}

void v8_set_frame(struct v8_frames *frames, const struct v8_function *function,
		  const uint32_t *offset, struct frame *frame)
{
	frame->kind = function->is_async ? FRAME_JS_ASYNC : FRAME_JS;
	frame->function = function->name;
	frame->file = function->script->file;
	frame->line = 0;
	frame->column = 0;
	if (frames->is_late && !function->script->has_lines)
		offset = NULL;
	if (!offset || v8_script_locate(frames->scripts, function->script, *offset, &frame->line,
					&frame->column))
		frames->counts.no_line++;
	else if (frames->maps && !frames->is_late)
		source_maps_see(frames->maps, &frames->heap, function->script);
}

int v8_read_function(struct v8_frames *frames, const struct nt_frame *raw,
		     struct v8_function *ret_function)
{
	if (frames->is_late)
		return v8_function_recall(frames->functions, frames->isolate, raw->script,
					  raw->literal, ret_function);
	return v8_function_read(frames->functions, frames->isolate, raw->function, ret_function);
}

static int find_position(struct v8_frames *frames, const uint8_t *table, size_t len, uint32_t at,
			 uint32_t *ret_offset)
{
	struct v8_position position;
	int err = v8_positions_find(table, len, frames->layout.position_flag_bits, at, &position);

	if (!err)
		*ret_offset = position.offset;
	return err;
}

int v8_bytecode_position(struct v8_frames *frames, const struct v8_function *function,
			 uint64_t bytecodes, uint32_t at, uint32_t *ret_offset)
{
	const struct v8_table_key key = {function->script->serial, function->literal};
	_cleanup_(freep) uint8_t *table = NULL;
	const uint8_t *known;
	uint64_t array;
	size_t len;
	int err;

	if (frames->is_late) {
		known = v8_tables_find(frames->tables, &key, &len);
		return known ? find_position(frames, known, len, at, ret_offset) : -ENOENT;
	}
	err = v8_read_word(&frames->heap, bytecodes, frames->layout.bytecode_positions, &array);
	if (!err)
		err = v8_read_bytes(&frames->heap, array, MAX_TABLE, &table, &len);
	if (err)
		return err;
	v8_tables_put(frames->tables, &key, frames->heap.attempt, table, len);
	return find_position(frames, table, len, at, ret_offset);
}

static int interpreted_position(struct v8_frames *frames, const struct nt_frame *raw,
				const struct v8_function *function, uint32_t *ret_offset)
{
	int64_t at = (int64_t)v8_smi(raw->offset) - (frames->layout.bytecode_data - 1);

	if (at < 0 || at > MAX_FRAME_CODE)
		return -EBADMSG;
	return v8_bytecode_position(frames, function, raw->bytecode, (uint32_t)at, ret_offset);
}

static int interpreted(struct v8_frames *frames, const struct nt_frame *raw, struct frame *frame)
{
	struct v8_function function;
	uint32_t offset;
	int err = 0;

	if (!frames->is_late)
		err = v8_check(&frames->heap, raw->bytecode, frames->layout.type_bytecode);
	if (!err && !v8_is_smi(raw->offset))
		err = -EBADMSG;
	if (!err)
		err = v8_read_function(frames, raw, &function);
	judge(frames, err);
	if (err)
		return err;
	err = interpreted_position(frames, raw, &function, &offset);
	v8_set_frame(frames, &function, err ? NULL : &offset, frame);
	return 0;
}

/* Frames of a place that was resolved since the last move. Returns how many, 0 unknown. */
static size_t find_known(const struct v8_frames *frames, const struct v8_place *place,
			 uint64_t address, size_t max, struct frame *ret_frames)
{
	size_t n = v8_tables_find_place(frames->tables, place, ret_frames, max);

	for (size_t i = 0; i < n; i++)
		ret_frames[i].address = address;
	return n;
}

/* Only what is known in full: the rest may be found another time. */
static void keep_known(struct v8_frames *frames, const struct v8_place *place,
		       const struct frame *found, size_t n)
{
	if (frames->is_late || !frames->has_time)
		return;
	for (size_t i = 0; i < n; i++)
		if (!found[i].line)
			return;
	v8_tables_put_place(frames->tables, place, frames->heap.attempt, found, n);
}

int v8_frames_interpreted(struct v8_frames *frames, const struct nt_frame *raw,
			  struct frame *ret_frame)
{
	const struct v8_place place = {frames->isolate, frames->moves, raw->bytecode, raw->offset};
	struct frame frame = *ret_frame;
	int err = -ENOENT;

	if (frames->state == V8_UNKNOWN || frames->state == V8_REFUTED)
		return -EOPNOTSUPP;
	if (find_known(frames, &place, raw->pc, 1, ret_frame))
		return finish(frames, 0);
	if (raw->function)
		err = interpreted(frames, raw, &frame);
	if (!err) {
		*ret_frame = frame;
		keep_known(frames, &place, &frame, 1);
	}
	return finish(frames, err);
}

int v8_frames_compiled(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
		       size_t max, struct frame *ret_frames, size_t *ret_n)
{
	const struct v8_place place = {frames->isolate, frames->moves, raw->pc, 0};
	size_t n = 1;
	int err = -ENOENT;

	if (frames->state == V8_UNKNOWN || frames->state == V8_REFUTED)
		return -EOPNOTSUPP;
	n = find_known(frames, &place, raw->pc, max, ret_frames);
	if (n) {
		*ret_n = n;
		return finish(frames, 0);
	}
	if (raw->function)
		err = v8_compiled_read(frames, raw, lowest, max, ret_frames, &n);
	judge(frames, err);
	if (!err) {
		keep_known(frames, &place, ret_frames, n);
		*ret_n = n;
	}
	return finish(frames, err);
}

int v8_frames_dead_spills(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
			  uint64_t *ret_dead)
{
	struct v8_code code;
	int err;

	if (frames->state != V8_PROVEN || frames->is_late || !frames->has_time)
		return -ENOENT;
	err = v8_code_find(frames->codes, raw->pc, lowest, &code);
	return err ? err : v8_spills_dead(&frames->heap, &code, raw->pc, ret_dead);
}

int v8_frames_async(struct v8_frames *frames, const struct nt_frame *raw, struct frame *ret_frame)
{
	struct v8_function function;
	uint64_t bytecodes = 0;
	uint32_t offset;
	int err;

	if (frames->state == V8_UNKNOWN || frames->state == V8_REFUTED)
		return -EOPNOTSUPP;
	err = v8_read_function(frames, raw, &function);
	judge(frames, err);
	if (err)
		return finish(frames, err);
	err = v8_suspended_at(&frames->layout, raw->offset, &offset);
	if (!err && !frames->is_late)
		err = v8_shared_bytecodes(&frames->heap, raw->function, &bytecodes);
	if (!err)
		err = v8_bytecode_position(frames, &function, bytecodes, offset, &offset);
	v8_set_frame(frames, &function, err ? NULL : &offset, ret_frame);
	ret_frame->kind = FRAME_ASYNC;
	return finish(frames, 0);
}

enum v8_state v8_frames_state(const struct v8_frames *frames)
{
	return frames->state;
}

void v8_frames_counts(const struct v8_frames *frames, struct v8_counts *ret_counts)
{
	*ret_counts = frames->counts;
	ret_counts->reads = frames->heap.reads;
	ret_counts->shed = v8_scripts_shed(frames->scripts);
}
