/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Frames of which a garbage collection may have moved the objects meanwhile. */
#include "symbolizer/v8_frames.h"

#include "symbolizer/v8_frames_fixture.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_clock, teardown)

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_after_a_move_the_heap_is_not_read),
		TEST(test_compiled_frames_have_no_line_after_a_move),
		TEST(test_places_are_read_again_after_a_move),
		TEST(test_a_collection_in_between_makes_it_void),
		TEST(test_collections_without_end_are_not_waited_for),
		TEST(test_another_isolate_on_the_same_thread_shares_nothing),
		TEST(test_threads_that_ended_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
