/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_frames.h"

#include "symbolizer/base.h"
#include "symbolizer/stacks.h"
#include "symbolizer/v8_fake_heap.h"

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

static int read_clock(void *user, uint32_t tid, struct heap_time *ret_time)
{
	struct fixture *fixture = user;

	assert_int_equal(tid, TID);
	if (fixture->clock_error)
		return fixture->clock_error;
	if (++fixture->asked == fixture->collect_after)
		fixture->time.collections++;
	*ret_time = fixture->time;
	return 0;
}

static void start(struct fixture *fixture, const struct v8_layout *layout)
{
	assert_int_equal(
		v8_frames_new(layout, &fixture->fake.memory, fixture->stacks, &fixture->frames), 0);
}

static int setup(void **state)
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

/* With a clock, as live. */
static int setup_clock(void **state)
{
	struct fixture *fixture;

	(void)setup(state);
	fixture = *state;
	v8_frames_set_clock(fixture->frames,
			    &(struct heap_clock){.read = read_clock, .user = fixture});
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	v8_frames_free(fixture->frames);
	stacks_free(fixture->stacks);
	free(fixture);
	return 0;
}

/* A position in each line: bytecode 0 in line 1, 10 in line 2, … */
static uint64_t bytecodes_of(struct fake_heap *fake)
{
	static const uint8_t code[40] = {4, 4, 4};
	struct fake_table table = {0};

	for (uint32_t i = 0; i < 4; i++)
		fake_position(&table, i * 10, i * 7 + 2, 0);
	return fake_bytecodes(fake, code, sizeof(code), fake_table_bytes(fake, &table));
}

static uint64_t function_of(struct fake_heap *fake, const char *name, int32_t script,
			    uint32_t literal)
{
	return fake_shared(fake, fake_string(fake, name),
			   fake_script(fake, script, fake_string(fake, "/app.js"),
				       fake_string(fake, SOURCE)),
			   literal);
}

/* An interpreted frame of a function of this name, in line 2. */
static struct nt_frame interpreted(struct fixture *fixture, const char *name)
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
static int resolve(struct fixture *fixture, const struct nt_frame *raw, uint64_t moves,
		   struct frame *ret_frame)
{
	int err;

	*ret_frame = (struct frame){.address = raw->pc, .function = "js", .kind = FRAME_JS};
	v8_frames_begin(fixture->frames, TID, moves);
	err = v8_frames_interpreted(fixture->frames, raw, ret_frame);
	assert_true(v8_frames_end(fixture->frames));
	return err;
}

static void assert_frame(const struct frame *frame, const char *function, uint32_t line)
{
	assert_string_equal(frame->function, function);
	assert_int_equal(frame->line, line);
	if (line) {
		assert_string_equal(frame->file, "/app.js");
		assert_int_equal(frame->column, 3);
	}
}

static void test_interpreted_frames_have_the_line_of_their_bytecode(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct v8_counts counts;
	struct frame frame;

	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	assert_frame(&frame, "f", 2);
	assert_int_equal(frame.kind, FRAME_JS);
	assert_int_equal(frame.address, 0x1000);
	raw.offset = fake_smi((int32_t)fake_layout.bytecode_data - 1 + 30);
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	assert_frame(&frame, "f", 4);
	v8_frames_counts(fixture->frames, &counts);
	assert_int_equal(counts.named, 2);
	assert_int_equal(counts.unnamed + counts.no_line + counts.late + counts.again, 0);
}

static void test_frames_that_are_none_stay_as_they_were(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct nt_frame bad;
	struct frame frame;

	bad = raw;
	bad.function = 0;
	assert_int_equal(resolve(fixture, &bad, 0, &frame), -ENOENT);
	assert_frame(&frame, "js", 0);
	bad = raw;
	bad.bytecode = raw.function;
	assert_int_equal(resolve(fixture, &bad, 0, &frame), -EBADMSG);
	bad = raw;
	bad.offset = 77;
	assert_int_equal(resolve(fixture, &bad, 0, &frame), -EBADMSG);
	bad = raw;
	bad.bytecode = 0x555500000001;
	assert_int_equal(resolve(fixture, &bad, 0, &frame), -EFAULT);
	assert_frame(&frame, "js", 0);
	/* In front of the bytecodes, and without a table: named, but nowhere. */
	bad = raw;
	bad.offset = fake_smi(3);
	assert_int_equal(resolve(fixture, &bad, 0, &frame), 0);
	assert_frame(&frame, "f", 0);
	bad = raw;
	bad.bytecode = fake_bytecodes(&fixture->fake, "x", 1, fake_smi(0));
	assert_int_equal(resolve(fixture, &bad, 0, &frame), 0);
	assert_frame(&frame, "f", 0);
}

/* Baseline code whose bytecodes 0 … 39 have 4 bytes each, behind a prologue of 20. */
static struct fake_code baseline_code(struct fake_heap *fake)
{
	struct fake_table lengths = {0};

	fake_vlq(&lengths, 20);
	for (int i = 0; i < 40; i++)
		fake_vlq(&lengths, 4);
	return fake_code(fake, BASELINE, CODE_SIZE, 0, fake_table_bytes(fake, &lengths));
}

static size_t compiled(struct fixture *fixture, const struct nt_frame *raw, uint64_t moves,
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

static void test_baseline_frames_have_the_line_of_their_bytecode(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frames[4];

	raw.pc = baseline_code(&fixture->fake).start + 20 + 4 * 10 + 4;
	raw.offset = 0x1234567; /* a feedback cell */
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "f", 2);
	raw.pc -= 40; /* nowhere */
	raw.bytecode = raw.function;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "f", 0);
}

struct inlining {
	uint64_t position;
	int32_t function;
	int32_t pad;
};

/* "inner", at line 3, was inlined into the frame's function, at line 2. */
static struct fake_code optimized_code(struct fake_heap *fake, uint32_t kind)
{
	const struct inlining inlining = {.position = (uint64_t)(7 + 2 + 1) << 1};
	uint64_t inner = function_of(fake, "inner", SCRIPT, LITERAL + 1);
	struct fake_table positions = {0};
	uint64_t words[12] = {0};

	fake_position(&positions, 0, 2, 0);
	fake_position(&positions, 100, 2 * 7 + 2, 1);
	words[3] = fake_array(fake, fake->layout.type_fixed_array, &inner, 1);
	words[8] = fake_bytes(fake, &inlining, sizeof(inlining));
	return fake_code(fake, kind, CODE_SIZE,
			 fake_array(fake, fake->layout.type_protected_fixed, words, 12),
			 fake_table_bytes(fake, &positions));
}

static void test_optimized_frames_stand_for_those_inlined(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "outer");
	struct fake_code code = optimized_code(&fixture->fake, TURBOFAN);
	struct frame frames[4];

	raw.pc = code.start + 200;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 2);
	assert_frame(&frames[0], "inner", 3);
	assert_frame(&frames[1], "outer", 2);
	assert_int_equal(frames[0].address, raw.pc);
	raw.pc = code.start + 50;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "outer", 1);
}

/* Its positions are those of another function then. */
static void test_code_that_was_given_up_has_its_function_without_a_line(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	struct nt_frame raw = interpreted(fixture, "outer");
	struct fake_code code = optimized_code(fake, TURBOFAN);
	struct frame frames[4];

	fake_word(fake, code.object, fake->layout.code_deopt,
		  fake_array(fake, fake->layout.type_protected_fixed, NULL, 0));
	raw.pc = code.start + 200;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "outer", 0);
}

/* The position tables of Maglev are not to be believed, not even as to who was inlined. */
static void test_maglev_without_a_translation_has_its_function_without_a_line(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "outer");
	struct frame frames[4];

	raw.pc = optimized_code(&fixture->fake, MAGLEV).start + 200;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "outer", 0);
}

static void test_frames_without_code_have_their_function_without_a_line(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "outer");
	struct v8_counts counts;
	struct frame frames[4];

	raw.pc = FAKE_BASE + 100;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "outer", 0);
	v8_frames_counts(fixture->frames, &counts);
	assert_int_equal(counts.no_code, 1);
	raw.function = 0;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 0);
}

/* All objects are gone, and others stand where they were. */
static void scramble(struct fixture *fixture)
{
	memset(fixture->fake.bytes, 0x5a, sizeof(fixture->fake.bytes));
}

static void test_after_a_move_the_heap_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct nt_frame other;
	struct v8_counts counts;
	struct frame frame;
	size_t reads;

	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	reads = fixture->fake.reads;
	fixture->time = (struct heap_time){.moves = 2, .collections = 2};
	scramble(fixture);
	/* Another place in the same function, captured one move ago. */
	other = raw;
	other.function = other.bytecode = FAKE_BASE + 1;
	other.offset = fake_smi((int32_t)fake_layout.bytecode_data - 1 + 25);
	assert_int_equal(resolve(fixture, &other, 1, &frame), 0);
	assert_frame(&frame, "f", 3);
	/* Functions that were never seen. */
	other.literal = LITERAL + 1;
	assert_int_equal(resolve(fixture, &other, 1, &frame), -ENOENT);
	other.literal = LITERAL;
	other.script = SCRIPT + 1;
	assert_int_equal(resolve(fixture, &other, 1, &frame), -ENOENT);
	other.script = 0;
	assert_int_equal(resolve(fixture, &other, 1, &frame), -ENOENT);
	assert_int_equal(fixture->fake.reads, reads);
	v8_frames_counts(fixture->frames, &counts);
	assert_int_equal(counts.late, 4);
}

static void test_compiled_frames_have_no_line_after_a_move(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frames[4];

	raw.pc = baseline_code(&fixture->fake).start + 20 + 4 * 10 + 4;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	fixture->time = (struct heap_time){.moves = 1, .collections = 1};
	raw.pc += 4;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "f", 0);
	/* The very place was seen before the move. */
	raw.pc -= 4;
	assert_int_equal(compiled(fixture, &raw, 0, frames), 1);
	assert_frame(&frames[0], "f", 2);
}

static void test_places_are_read_again_after_a_move(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frame;
	size_t reads;

	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	reads = fixture->fake.reads;
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	assert_int_equal(fixture->fake.reads, reads);
	/* Another function has come to stand there. */
	fixture->time = (struct heap_time){.moves = 1, .collections = 1};
	fake_word(&fixture->fake, raw.function, fake_layout.shared_name,
		  fake_string(&fixture->fake, "g"));
	fake_number(&fixture->fake, raw.function, fake_layout.shared_literal, 99);
	assert_int_equal(resolve(fixture, &raw, 1, &frame), 0);
	assert_frame(&frame, "g", 2);
}

static void test_a_collection_in_between_makes_it_void(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	struct nt_frame raw = interpreted(fixture, "wrong");
	uint64_t name = fake_string(fake, "wrong");
	struct v8_counts counts;
	struct frame frame = {0};

	fake_word(fake, raw.function, fake_layout.shared_name, name);
	fixture->collect_after = 2;
	v8_frames_begin(fixture->frames, TID, 0);
	assert_int_equal(v8_frames_interpreted(fixture->frames, &raw, &frame), 0);
	assert_string_equal(frame.function, "wrong");
	assert_false(v8_frames_end(fixture->frames));
	/* Nothing of it is remembered, though the words are the same. */
	fake_put(fake, name, fake_layout.string_chars, "right", 5);
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	assert_frame(&frame, "right", 2);
	v8_frames_counts(fixture->frames, &counts);
	assert_int_equal(counts.again, 1);
	assert_int_equal(counts.named, 1);
}

static void test_collections_without_end_are_not_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frame = {.function = "js"};
	int attempts = 0;
	int err;

	do {
		attempts++;
		fixture->collect_after = fixture->asked + 2;
		v8_frames_begin(fixture->frames, TID, 0);
		err = v8_frames_interpreted(fixture->frames, &raw, &frame);
	} while (!v8_frames_end(fixture->frames) && attempts < 100);
	assert_int_equal(attempts, 4);
	assert_int_equal(err, -ENOENT);
	/* The next stack has its own attempts. */
	fixture->collect_after = 0;
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
}

static void test_another_isolate_on_the_same_thread_shares_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frame;

	fixture->time.isolate = 1000;
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	fixture->time = (struct heap_time){.isolate = 2000, .moves = 1, .collections = 1};
	assert_int_equal(resolve(fixture, &raw, 0, &frame), -ENOENT);
	fixture->time.isolate = 1000;
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
}

static void test_threads_that_ended_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frame;
	size_t reads = fixture->fake.reads;

	fixture->clock_error = -ENOENT;
	assert_int_equal(resolve(fixture, &raw, 0, &frame), -ENOENT);
	assert_int_equal(fixture->fake.reads, reads);
}

static void test_a_layout_that_was_never_right_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct nt_frame bad = raw;
	struct frame frame;
	int wrong = 0;

	bad.bytecode = raw.function;
	while (v8_frames_state(fixture->frames) == V8_UNTRIED && wrong < 1000) {
		assert_int_equal(resolve(fixture, &bad, 0, &frame), -EBADMSG);
		wrong++;
	}
	assert_int_equal(wrong, 64);
	assert_int_equal(v8_frames_state(fixture->frames), V8_REFUTED);
	assert_int_equal(resolve(fixture, &raw, 0, &frame), -EOPNOTSUPP);
}

static void test_a_layout_that_was_right_stays(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct nt_frame bad = raw;
	struct frame frame;

	bad.bytecode = raw.function;
	for (int i = 0; i < 8; i++)
		assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
	assert_int_equal(v8_frames_state(fixture->frames), V8_PROVEN);
	for (int i = 0; i < 10000; i++)
		(void)resolve(fixture, &bad, 0, &frame);
	assert_int_equal(v8_frames_state(fixture->frames), V8_PROVEN);
	assert_int_equal(resolve(fixture, &raw, 0, &frame), 0);
}

static void test_an_unknown_v8_names_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct nt_frame raw = interpreted(fixture, "f");
	struct frame frames[4];

	v8_frames_free(fixture->frames);
	start(fixture, NULL);
	assert_int_equal(v8_frames_state(fixture->frames), V8_UNKNOWN);
	assert_int_equal(resolve(fixture, &raw, 0, frames), -EOPNOTSUPP);
	assert_int_equal(compiled(fixture, &raw, 0, frames), 0);
}

#define FRAMES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define CLOCK_TEST(name)  cmocka_unit_test_setup_teardown(name, setup_clock, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRAMES_TEST(test_interpreted_frames_have_the_line_of_their_bytecode),
		FRAMES_TEST(test_frames_that_are_none_stay_as_they_were),
		FRAMES_TEST(test_baseline_frames_have_the_line_of_their_bytecode),
		FRAMES_TEST(test_optimized_frames_stand_for_those_inlined),
		FRAMES_TEST(test_code_that_was_given_up_has_its_function_without_a_line),
		FRAMES_TEST(test_maglev_without_a_translation_has_its_function_without_a_line),
		FRAMES_TEST(test_frames_without_code_have_their_function_without_a_line),
		CLOCK_TEST(test_after_a_move_the_heap_is_not_read),
		CLOCK_TEST(test_compiled_frames_have_no_line_after_a_move),
		CLOCK_TEST(test_places_are_read_again_after_a_move),
		CLOCK_TEST(test_a_collection_in_between_makes_it_void),
		CLOCK_TEST(test_collections_without_end_are_not_waited_for),
		CLOCK_TEST(test_another_isolate_on_the_same_thread_shares_nothing),
		CLOCK_TEST(test_threads_that_ended_are_not_read),
		FRAMES_TEST(test_a_layout_that_was_never_right_is_given_up),
		FRAMES_TEST(test_a_layout_that_was_right_stays),
		FRAMES_TEST(test_an_unknown_v8_names_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
