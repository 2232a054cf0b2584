/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Frames of functions in a heap made up, all of one file of four lines. */
#ifndef NT_TESTS_UNIT_SYMBOLIZER_V8_FRAMES_FIXTURE_H
#define NT_TESTS_UNIT_SYMBOLIZER_V8_FRAMES_FIXTURE_H

#include "symbolizer/stacks.h"
#include "symbolizer/v8_fake_heap.h"
#include "symbolizer/v8_frames.h"

enum {
	TID = 7,
	SCRIPT = 40,
	LITERAL = 3,
	BASELINE = 10,
	MAGLEV = 11,
	TURBOFAN = 12,
	CODE_SIZE = 400,
};

#define SOURCE "line 1\nline 2\nline 3\nline 4\n" /* 7 characters a line */

struct fixture {
	struct fake_heap fake;
	struct stacks *stacks;
	struct v8_frames *frames;
	struct heap_time time;  /* what the clock says */
	uint64_t collect_after; /* times that the clock was asked, until the next collection */
	uint64_t asked;
	int clock_error;
};

static inline void start(struct fixture *fixture, const struct v8_layout *layout)
{
	assert_int_equal(
		v8_frames_new(layout, &fixture->fake.memory, fixture->stacks, &fixture->frames), 0);
}

static inline int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fake_start(&fixture->fake, &fake_layout);
	fixture->fake.layout.n_bytecodes = 8;
	memset(fixture->fake.layout.bytecode_sizes, 1, sizeof(fixture->fake.layout.bytecode_sizes));
	assert_int_equal(stacks_new(10, 1 << 20, &fixture->stacks), 0);
	start(fixture, &fixture->fake.layout);
	*state = fixture;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *fixture = *state;

	v8_frames_free(fixture->frames);
	stacks_free(fixture->stacks);
	free(fixture);
	return 0;
}

/* A position in each line: bytecode 0 in line 1, 10 in line 2, … */
static inline uint64_t bytecodes_of(struct fake_heap *fake)
{
	static const uint8_t code[40] = {4, 4, 4};
	struct fake_table table = {0};

	for (uint32_t i = 0; i < 4; i++)
		fake_position(&table, i * 10, i * 7 + 2, 0);
	return fake_bytecodes(fake, code, sizeof(code), fake_table_bytes(fake, &table));
}

static inline uint64_t function_of(struct fake_heap *fake, const char *name, int32_t script,
				   uint32_t literal)
{
	return fake_shared(fake, fake_string(fake, name),
			   fake_script(fake, script, fake_string(fake, "/app.js"),
				       fake_string(fake, SOURCE)),
			   literal);
}

/* An interpreted frame of a function of this name, in line 2. */
static inline struct nt_frame interpreted(struct fixture *fixture, const char *name)
{
	struct fake_heap *fake = &fixture->fake;

	return (struct nt_frame){
		.pc = 0x1000,
		.function = function_of(fake, name, SCRIPT, LITERAL),
		.bytecode = bytecodes_of(fake),
		.offset = fake_smi((int32_t)fake->layout.bytecode_data - 1 + 12),
		.kind = NT_FRAME_JS,
		.script = SCRIPT,
		.literal = LITERAL,
	};
}

/* What the frame is, looked at at once: a collection must not come in between. */
static inline int resolve(struct fixture *fixture, const struct nt_frame *raw, uint64_t moves,
			  struct frame *ret_frame)
{
	int err;

	*ret_frame = (struct frame){.address = raw->pc, .function = "js", .kind = FRAME_JS};
	v8_frames_begin(fixture->frames, TID, moves);
	err = v8_frames_interpreted(fixture->frames, raw, ret_frame);
	assert_true(v8_frames_end(fixture->frames));
	return err;
}

static inline void assert_frame(const struct frame *frame, const char *function, uint32_t line)
{
	assert_string_equal(frame->function, function);
	assert_int_equal(frame->line, line);
	if (line) {
		assert_string_equal(frame->file, "/app.js");
		assert_int_equal(frame->column, 3);
	}
}

/* Baseline code whose bytecodes 0 … 39 have 4 bytes each, behind a prologue of 20. */
static inline struct fake_code baseline_code(struct fake_heap *fake)
{
	struct fake_table lengths = {0};

	fake_vlq(&lengths, 20);
	for (int i = 0; i < 40; i++)
		fake_vlq(&lengths, 4);
	return fake_code(fake, BASELINE, CODE_SIZE, 0, fake_table_bytes(fake, &lengths));
}

static inline size_t compiled(struct fixture *fixture, const struct nt_frame *raw, uint64_t moves,
			      struct frame frames[4])
{
	size_t n = 0;

	frames[0] = (struct frame){.address = raw->pc, .function = "js", .kind = FRAME_JS};
	v8_frames_begin(fixture->frames, TID, moves);
	if (v8_frames_compiled(fixture->frames, raw, FAKE_BASE, 4, frames, &n))
		assert_int_equal(n, 0);
	assert_true(v8_frames_end(fixture->frames));
	return n;
}

#endif
