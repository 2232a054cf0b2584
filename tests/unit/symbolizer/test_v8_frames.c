/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_frames.h"

#include "symbolizer/v8_frames_fixture.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interpreted_frames_have_the_line_of_their_bytecode),
		TEST(test_frames_that_are_none_stay_as_they_were),
		TEST(test_baseline_frames_have_the_line_of_their_bytecode),
		TEST(test_optimized_frames_stand_for_those_inlined),
		TEST(test_code_that_was_given_up_has_its_function_without_a_line),
		TEST(test_maglev_without_a_translation_has_its_function_without_a_line),
		TEST(test_frames_without_code_have_their_function_without_a_line),
		TEST(test_a_layout_that_was_never_right_is_given_up),
		TEST(test_a_layout_that_was_right_stays),
		TEST(test_an_unknown_v8_names_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
