/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_code.h"

#include "symbolizer/base.h"
#include "symbolizer/v8_fake_heap.h"

enum {
	TURBOFAN = 12,
	BASELINE = 10,
	SIZE = 20000, /* of the instructions; more than is looked through at once */
};

struct fixture {
	struct fake_heap fake;
	struct v8_codes *codes;
};

static int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	assert_non_null(fixture);
	fake_start(&fixture->fake, &fake_layout);
	assert_int_equal(v8_codes_new(&fixture->fake.heap, &fixture->codes), 0);
	*state = fixture;
	return 0;
}

/* Instructions inside of the Code. */
static int setup_inline(void **state)
{
	struct fixture *fixture;

	(void)setup(state);
	fixture = *state;
	fixture->fake.layout.code_body = 96;
	fixture->fake.layout.code_deopt = 16;
	fixture->fake.layout.code_positions = 24;
	fixture->fake.layout.code_size = 40;
	fixture->fake.layout.code_flags = 48;
	fixture->fake.layout.code_start = 0;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	v8_codes_free(fixture->codes);
	free(fixture);
	return 0;
}

static int find(struct fixture *fixture, uint64_t pc, struct v8_code *ret_code)
{
	return v8_code_find(fixture->codes, pc, FAKE_BASE, ret_code);
}

static void assert_start(struct fixture *fixture, uint64_t pc, uint64_t start)
{
	struct v8_code code;

	assert_int_equal(find(fixture, pc, &code), 0);
	assert_int_equal(code.start, start);
}

static void check_ranges(struct fixture *fixture)
{
	struct fake_heap *fake = &fixture->fake;
	struct fake_code first = fake_code(fake, BASELINE, SIZE, 0, 0);
	struct fake_code second = fake_code(fake, TURBOFAN, 100, 5, 7);
	struct v8_code code;

	for (int i = 0; i < 2; i++) {
		assert_start(fixture, first.start + 1, first.start);
		assert_start(fixture, first.start + SIZE, first.start);
		assert_start(fixture, second.start + 50, second.start);
	}
	/* A return address is behind a call. */
	assert_int_equal(find(fixture, second.start, &code), -ENOENT);
	assert_int_equal(find(fixture, first.start + SIZE + 1, &code), -ENOENT);
	assert_int_equal(find(fixture, second.start + 50, &code), 0);
	assert_int_equal(code.kind, V8_CODE_TURBOFAN);
	assert_int_equal(code.size, 100);
	assert_int_equal(code.deopt, 5);
	assert_int_equal(code.positions, 7);
	assert_int_equal(find(fixture, first.start + 1, &code), 0);
	assert_int_equal(code.kind, V8_CODE_BASELINE);
}

static void test_code_is_found_by_the_header_of_its_instructions(void **state)
{
	check_ranges(*state);
}

static void test_code_with_its_instructions_inside_is_found(void **state)
{
	check_ranges(*state);
}

static void test_code_is_not_looked_for_outside_of_its_mapping(void **state)
{
	struct fixture *fixture = *state;
	struct fake_code from = fake_code(&fixture->fake, TURBOFAN, SIZE, 0, 0);
	struct v8_code code;
	uint64_t pc = from.start + 10000;

	assert_int_equal(v8_code_find(fixture->codes, pc, from.start + 8, &code), -ENOENT);
	assert_int_equal(v8_code_find(fixture->codes, pc, pc + 1, &code), -ENOENT);
	assert_int_equal(v8_code_find(fixture->codes, pc, from.start - 64, &code), 0);
}

static void test_what_is_remembered_is_checked_again(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	struct fake_code old = fake_code(fake, TURBOFAN, 100, 0, 0);
	uint64_t header = old.start - fake->layout.stream_body + 1;
	uint64_t other = fake_object(fake, fake->layout.type_code, 96);
	struct v8_code code;

	assert_start(fixture, old.start + 8, old.start);
	/* Other code's instructions are there now, a bit further on. */
	fake_word(fake, header, fake->layout.stream_code, other);
	fake_word(fake, other, fake->layout.code_start, old.start + 4);
	fake_number(fake, other, fake->layout.code_size, 96);
	fake_number(fake, other, fake->layout.code_flags, BASELINE);
	assert_start(fixture, old.start + 8, old.start + 4);
	/* Nothing is there any more. */
	fake_word(fake, header, 0, 0);
	fake_word(fake, other, fake->layout.code_start, 0);
	assert_int_equal(find(fixture, old.start + 8, &code), -ENOENT);
}

static void test_unknown_layouts_find_no_code(void **state)
{
	struct fixture *fixture = *state;
	struct fake_code from = fake_code(&fixture->fake, TURBOFAN, 100, 0, 0);
	struct v8_code code;

	fixture->fake.layout.code_size = 0;
	assert_int_equal(find(fixture, from.start + 1, &code), -ENOENT);
	fixture->fake.layout.code_size = 4096;
	assert_int_equal(find(fixture, from.start + 1, &code), -ENOENT);
}

/* DeoptimizationData with these literals and inlining positions. */
static uint64_t deopt_data(struct fake_heap *fake, uint64_t literals, uint64_t positions)
{
	uint64_t words[12] = {0};

	words[fake->layout.deopt_literals] = literals;
	words[fake->layout.deopt_positions] = positions;
	return fake_array(fake, fake->layout.type_protected_fixed, words, ARRAY_SIZE(words));
}

struct inlining {
	uint64_t position;
	int32_t function;
	int32_t pad;
};

static uint64_t position_word(uint32_t offset, uint32_t inlined)
{
	return (uint64_t)(offset + 1) << 1 | (uint64_t)inlined << 31;
}

/* Two functions, the second wrapped, inlined into a third: one at 300 calls two at 200. */
static struct fake_code nested(struct fake_heap *fake, uint64_t ret_shared[2])
{
	const struct inlining inlinings[] = {
		{.position = position_word(100, 0), .function = 0},
		{.position = position_word(200, 1), .function = 1},
		{.position = position_word(400, 3), .function = 1}, /* in itself */
		{.position = position_word(400, 0), .function = -1},
		{.position = position_word(400, 0), .function = 5},
	};
	struct fake_table table = {0};
	uint64_t wrapper = fake_object(fake, fake->layout.type_wrapper, 16);
	uint64_t literals[3];

	ret_shared[0] = fake_shared(fake, 0, 0, 1);
	ret_shared[1] = fake_shared(fake, 0, 0, 2);
	fake_word(fake, wrapper, fake->layout.wrapper_shared, ret_shared[1]);
	literals[0] = ret_shared[0] | 2; /* weak */
	literals[1] = wrapper;
	literals[2] = fake_smi(3);
	fake_position(&table, 0, 10, 0);
	fake_position(&table, 20, 300, 2);
	fake_position(&table, 40, 300, 3);
	fake_position(&table, 60, 300, 9);
	fake_position(&table, 80, 300, 4);
	fake_position(&table, 90, 300, 5);
	return fake_code(fake, TURBOFAN, 100,
			 deopt_data(fake,
				    fake_array(fake, fake->layout.type_fixed_array, literals, 3),
				    fake_bytes(fake, inlinings, sizeof(inlinings))),
			 fake_table_bytes(fake, &table));
}

static int inlined_at(struct fixture *fixture, uint64_t pc, size_t max,
		      struct v8_inlined *ret_inlined, size_t *ret_n)
{
	struct v8_code code;

	assert_int_equal(find(fixture, pc, &code), 0);
	return v8_code_inlined(&fixture->fake.heap, &code, pc, max, ret_inlined, ret_n);
}

static void test_inlined_functions_come_innermost_first(void **state)
{
	struct fixture *fixture = *state;
	struct v8_inlined inlined[4];
	uint64_t shared[2];
	struct fake_code code = nested(&fixture->fake, shared);
	size_t n;

	/* The return address is one behind the call that it belongs to. */
	assert_int_equal(inlined_at(fixture, code.start + 20, 4, inlined, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(inlined[0].shared, 0);
	assert_int_equal(inlined[0].offset, 10);
	assert_int_equal(inlined_at(fixture, code.start + 21, 4, inlined, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(inlined[0].shared, shared[1]);
	assert_int_equal(inlined[0].offset, 300);
	assert_int_equal(inlined[1].shared, shared[0]);
	assert_int_equal(inlined[1].offset, 200);
	assert_int_equal(inlined[2].shared, 0);
	assert_int_equal(inlined[2].offset, 100);
}

static void test_inlining_that_makes_no_sense_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct v8_inlined inlined[4];
	uint64_t shared[2];
	struct fake_code code = nested(&fixture->fake, shared);
	size_t n = 77;

	assert_int_equal(inlined_at(fixture, code.start + 41, 4, inlined, &n), -EBADMSG);
	assert_int_equal(inlined_at(fixture, code.start + 61, 4, inlined, &n), -EBADMSG);
	assert_int_equal(inlined_at(fixture, code.start + 91, 4, inlined, &n), -ENOENT);
	assert_int_equal(inlined_at(fixture, code.start + 21, 2, inlined, &n), -EBADMSG);
	assert_int_equal(n, 77);
	/* The function itself, inlined in itself. */
	assert_int_equal(inlined_at(fixture, code.start + 81, 4, inlined, &n), 0);
	assert_int_equal(inlined[0].shared, 0);
}

/* The data is emptied when the code is given up: then the position is not that of the function. */
static void test_code_that_was_given_up_has_no_places(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	struct v8_inlined inlined[4];
	uint64_t shared[2];
	struct fake_code code = nested(fake, shared);
	size_t n;

	fake_word(fake, code.object, fake->layout.code_deopt,
		  fake_array(fake, fake->layout.type_protected_fixed, NULL, 0));
	assert_int_equal(inlined_at(fixture, code.start + 21, 4, inlined, &n), -ENOENT);
	fake_word(fake, code.object, fake->layout.code_deopt, fake_string(fake, "x"));
	assert_int_equal(inlined_at(fixture, code.start + 21, 4, inlined, &n), -EBADMSG);
	fake_word(fake, code.object, fake->layout.code_deopt, 0x555500000001);
	assert_int_equal(inlined_at(fixture, code.start + 21, 4, inlined, &n), -EFAULT);
}

/* Code of 100 bytes whose calls return at 20 and 30; behind 60 an eager exit and those two calls'. */
static struct fake_code code_with_exits(struct fake_heap *fake, uint8_t third_byte)
{
	const uint8_t exit[] = {0x41, 0xff, third_byte, 0x10};
	struct fake_table table = {0};
	uint64_t words[12 + 3 * 3] = {0};
	struct fake_code code;

	fake_position(&table, 0, 100, 0);
	fake_position(&table, 25, 200, 0);
	fake_position(&table, 50, 300, 0);
	words[9] = fake_smi(60);
	words[10] = fake_smi(1);
	words[11] = fake_smi(2);
	words[12 + 3 + 2] = fake_smi(20);
	words[12 + 6 + 2] = fake_smi(30);
	code = fake_code(fake, TURBOFAN, 100,
			 fake_array(fake, fake->layout.type_protected_fixed, words,
				    ARRAY_SIZE(words)),
			 fake_table_bytes(fake, &table));
	for (uint32_t i = 0; i < 4; i++)
		fake_put(fake, code.start + 1, 60 + i * 4, exit, sizeof(exit));
	return code;
}

static void assert_offset(struct fixture *fixture, uint64_t pc, uint32_t offset)
{
	struct v8_inlined inlined[4];
	size_t n;

	assert_int_equal(inlined_at(fixture, pc, 4, inlined, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(inlined[0].offset, offset);
}

static void test_exits_lead_to_the_call_they_are_for(void **state)
{
	struct fixture *fixture = *state;
	struct fake_code code = code_with_exits(&fixture->fake, 0x55);
	struct v8_inlined inlined[4];
	size_t n;

	assert_offset(fixture, code.start + 20, 100);
	assert_offset(fixture, code.start + 30, 200);
	assert_offset(fixture, code.start + 64, 100);
	assert_offset(fixture, code.start + 68, 200);
	/* That of no call, one too many, and the middle of one. */
	assert_int_equal(inlined_at(fixture, code.start + 60, 4, inlined, &n), -EBADMSG);
	assert_int_equal(inlined_at(fixture, code.start + 72, 4, inlined, &n), -EBADMSG);
	code = code_with_exits(&fixture->fake, 0x95); /* of 7 bytes each */
	assert_int_equal(inlined_at(fixture, code.start + 64, 4, inlined, &n), -EBADMSG);
}

/* Whether it is an exit cannot be told then, and the table would tell something else. */
static void test_exits_of_emptied_data_have_no_place(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	struct fake_code code = code_with_exits(fake, 0x55);
	struct v8_inlined inlined[4];
	size_t n;

	fake_word(fake, code.object, fake->layout.code_deopt,
		  fake_array(fake, fake->layout.type_protected_fixed, NULL, 0));
	assert_int_equal(inlined_at(fixture, code.start + 64, 4, inlined, &n), -ENOENT);
	assert_offset(fixture, code.start + 30, 200);
}

#define CODE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CODE_TEST(test_code_is_found_by_the_header_of_its_instructions),
		cmocka_unit_test_setup_teardown(test_code_with_its_instructions_inside_is_found,
						setup_inline, teardown),
		CODE_TEST(test_code_is_not_looked_for_outside_of_its_mapping),
		CODE_TEST(test_what_is_remembered_is_checked_again),
		CODE_TEST(test_unknown_layouts_find_no_code),
		CODE_TEST(test_inlined_functions_come_innermost_first),
		CODE_TEST(test_inlining_that_makes_no_sense_is_refused),
		CODE_TEST(test_code_that_was_given_up_has_no_places),
		CODE_TEST(test_exits_lead_to_the_call_they_are_for),
		CODE_TEST(test_exits_of_emptied_data_have_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
