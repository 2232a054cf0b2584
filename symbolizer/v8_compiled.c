/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Frames of compiled code: baseline code by its bytecode, TurboFan's by its position table, Maglev's
 * by its translations. */
#include "symbolizer/base.h"
#include "symbolizer/v8_code.h"
#include "symbolizer/v8_deopt.h"
#include "symbolizer/v8_frames_parts.h"
#include "symbolizer/v8_function.h"

enum {
	MAX_TABLE = 4 << 20 /* bytes of a table or of bytecodes */
};

static int read_bytecodes(struct v8_frames *frames, uint64_t array, uint8_t **ret_code,
			  size_t *ret_len)
{
	uint8_t *code;
	uint32_t len;
	int err;

	err = v8_check(&frames->heap, array, frames->layout.type_bytecode);
	if (!err)
		err = v8_array_length(&frames->heap, array, &len);
	if (err)
		return err;
	if (!len || len > MAX_TABLE)
		return -EBADMSG;
	code = malloc(len);
	if (!code)
		return -ENOMEM;
	err = v8_read(&frames->heap, array, frames->layout.bytecode_data, code, len);
	if (err) {
		free(code);
		return err;
	}
	*ret_code = code;
	*ret_len = len;
	return 0;
}

static int baseline_position(struct v8_frames *frames, const struct nt_frame *raw,
			     const struct v8_code *code, const struct v8_function *function,
			     uint32_t *ret_offset)
{
	_cleanup_(freep) uint8_t *lengths = NULL;
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct v8_bytecodes bytecodes;
	size_t len;
	uint32_t at;
	int err;

	err = v8_read_bytes(&frames->heap, code->positions, MAX_TABLE, &lengths, &len);
	if (!err)
		err = read_bytecodes(frames, raw->bytecode, &bytes, &bytecodes.len);
	if (err)
		return err;
	bytecodes.code = bytes;
	err = v8_baseline_bytecode(&frames->layout, lengths, len, &bytecodes,
				   (uint32_t)(raw->pc - code->start - 1), &at);
	return err ? err : v8_bytecode_position(frames, function, raw->bytecode, at, ret_offset);
}

static void set_outer(struct v8_frames *frames, const struct nt_frame *raw,
		      const struct v8_code *code, const struct v8_function *function,
		      struct frame *frame)
{
	uint32_t offset;
	int err = -ENOENT;

	if (code && code->kind == V8_CODE_BASELINE)
		err = baseline_position(frames, raw, code, function, &offset);
	v8_set_frame(frames, function, err ? NULL : &offset, frame);
}

/* Reads the function of one of the frames of optimised code, which is like the first otherwise. */
static int begin_frame(struct v8_frames *frames, uint64_t shared, struct frame *ret_frames,
		       size_t i, struct v8_function *ret_function)
{
	int err = v8_function_read(frames->functions, frames->isolate, shared, ret_function);

	if (!err)
		ret_frames[i] = ret_frames[0];
	return err;
}

/* Fills the frames of optimised code. Nothing when any of the functions in it is unknown: then who
 * called whom is not known either. */
static int by_positions(struct v8_frames *frames, const struct nt_frame *raw,
			const struct v8_code *code, size_t max, struct frame *ret_frames,
			size_t *ret_n)
{
	struct v8_inlined inlined[V8_MAX_INLINED];
	struct v8_function function;
	size_t n;
	int err;

	err = v8_code_inlined(&frames->heap, code, raw->pc, max, inlined, &n);
	for (size_t i = 0; !err && i < n; i++) {
		uint64_t shared = inlined[i].shared ? inlined[i].shared : raw->function;

		err = begin_frame(frames, shared, ret_frames, i, &function);
		if (!err)
			v8_set_frame(frames, &function, &inlined[i].offset, &ret_frames[i]);
	}
	if (!err)
		*ret_n = n;
	return err;
}

/* The same by translation. The outermost function must be that of the frame, or something is read
 * in the wrong way. */
static int by_translation(struct v8_frames *frames, const struct nt_frame *raw,
			  const struct v8_code *code, size_t max, struct frame *ret_frames,
			  size_t *ret_n)
{
	struct v8_deopt_frame from[V8_MAX_INLINED];
	struct v8_function function;
	size_t n;
	int err;

	err = v8_deopt_frames(&frames->heap, code, raw->pc, max, from, &n);
	if (!err && from[n - 1].shared != raw->function)
		err = -EBADMSG;
	for (size_t i = 0; !err && i < n; i++) {
		uint32_t offset;
		bool has_offset;

		err = begin_frame(frames, from[i].shared, ret_frames, i, &function);
		if (err)
			break;
		has_offset =
			!v8_check(&frames->heap, from[i].bytecodes, frames->layout.type_bytecode) &&
			!v8_bytecode_position(frames, &function, from[i].bytecodes, from[i].offset,
					      &offset);
		v8_set_frame(frames, &function, has_offset ? &offset : NULL, &ret_frames[i]);
	}
	if (!err)
		*ret_n = n;
	return err;
}

/* Maglev's positions are too coarse for lines and even for who was inlined. */
static int optimized(struct v8_frames *frames, const struct nt_frame *raw,
		     const struct v8_code *code, size_t max, struct frame *ret_frames,
		     size_t *ret_n)
{
	if (max > V8_MAX_INLINED)
		max = V8_MAX_INLINED;
	if (code->kind == V8_CODE_MAGLEV)
		return by_translation(frames, raw, code, max, ret_frames, ret_n);
	if (code->kind == V8_CODE_TURBOFAN)
		return by_positions(frames, raw, code, max, ret_frames, ret_n);
	return -ENOENT;
}

int v8_compiled_read(struct v8_frames *frames, const struct nt_frame *raw, uint64_t lowest,
		     size_t max, struct frame *ret_frames, size_t *ret_n)
{
	struct v8_function function;
	struct v8_code code;
	bool has_code;
	int err;

	err = v8_read_function(frames, raw, &function);
	if (err)
		return err;
	has_code = !frames->is_late && !v8_code_find(frames->codes, raw->pc, lowest, &code);
	if (!has_code)
		frames->counts.no_code++;
	else if (!optimized(frames, raw, &code, max, ret_frames, ret_n))
		return 0;
	/* Reading the inlined ones may have replaced the script. */
	err = v8_read_function(frames, raw, &function);
	if (err)
		return err;
	set_outer(frames, raw, has_code ? &code : NULL, &function, ret_frames);
	*ret_n = 1;
	return 0;
}
