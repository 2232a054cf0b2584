/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_async.h"

#include "symbolizer/v8_fake_heap.h"

static uint64_t function_with(struct fake_heap *fake, uint64_t data)
{
	uint64_t shared = fake_shared(fake, fake_string(fake, "f"), 0, 1);

	fake_word(fake, shared, fake->layout.shared_data, data);
	return shared;
}

static uint64_t holder(struct fake_heap *fake, uint32_t type, uint32_t field, uint64_t word)
{
	uint64_t object = fake_object(fake, type, 64);

	fake_word(fake, object, field, word);
	return object;
}

static void expect_bytecodes(struct fake_heap *fake, uint64_t data, uint64_t expected)
{
	uint64_t found = 0;

	assert_int_equal(v8_shared_bytecodes(&fake->heap, function_with(fake, data), &found), 0);
	assert_true(found == expected);
}

static void expect_none(struct fake_heap *fake, uint64_t data)
{
	uint64_t found = 1;

	assert_int_equal(v8_shared_bytecodes(&fake->heap, function_with(fake, data), &found),
			 -EBADMSG);
	assert_true(found == 1);
}

static void test_bytecodes_are_found_behind_whatever_was_compiled(void **state)
{
	struct fake_heap *fake = *state;
	const struct v8_layout *layout = &fake->layout;
	uint64_t bytecodes = fake_object(fake, layout->type_bytecode, 80);
	uint64_t interpreter =
		holder(fake, layout->type_interpreter, layout->interpreter_bytecodes, bytecodes);

	expect_bytecodes(fake, bytecodes, bytecodes);
	expect_bytecodes(fake, interpreter, bytecodes);
	expect_bytecodes(fake, holder(fake, layout->type_code, layout->code_deopt, bytecodes),
			 bytecodes);
	expect_bytecodes(fake, holder(fake, layout->type_code, layout->code_deopt, interpreter),
			 bytecodes);
	expect_bytecodes(fake,
			 holder(fake, layout->type_baseline, layout->baseline_bytecodes, bytecodes),
			 bytecodes);
}

static void test_what_leads_to_no_bytecodes_is_refused(void **state)
{
	struct fake_heap *fake = *state;
	const struct v8_layout *layout = &fake->layout;
	uint64_t loop = fake_object(fake, layout->type_code, 64);
	uint64_t found;

	fake_word(fake, loop, layout->code_deopt, loop);
	expect_none(fake, fake_string(fake, "flushed"));
	expect_none(fake, loop);
	expect_none(fake, fake_smi(1400)); /* a builtin's number */
	assert_int_equal(v8_shared_bytecodes(&fake->heap, fake_string(fake, "x"), &found),
			 -EBADMSG);
	assert_int_equal(v8_shared_bytecodes(&fake->heap, 1ULL << 40 | 1, &found), -EFAULT);
	fake->layout.shared_data = 0;
	expect_none(fake, fake_object(fake, layout->type_bytecode, 80));
}

static void test_place_of_suspension_counts_from_the_first_bytecode(void **state)
{
	struct fake_heap *fake = *state;
	const int32_t first = (int32_t)fake->layout.bytecode_data - 1;
	uint32_t offset = 7;

	assert_int_equal(v8_suspended_at(&fake->layout, fake_smi(first), &offset), 0);
	assert_int_equal(offset, 0);
	assert_int_equal(v8_suspended_at(&fake->layout, fake_smi(first + 1000), &offset), 0);
	assert_int_equal(offset, 1000);
	assert_int_equal(v8_suspended_at(&fake->layout, fake_smi(first - 1), &offset), -EBADMSG);
	assert_int_equal(v8_suspended_at(&fake->layout, fake_smi(-2), &offset), -EBADMSG);
	assert_int_equal(v8_suspended_at(&fake->layout, fake_smi(INT32_MAX), &offset), -EBADMSG);
	assert_int_equal(v8_suspended_at(&fake->layout, FAKE_BASE + 1, &offset), -EBADMSG);
	assert_int_equal(offset, 1000);
}

static void test_combinators_are_named_by_their_builtin(void **state)
{
	const struct nt_config config = {.builtin_all = 10, .builtin_all_settled = 11};

	(void)state;
	assert_string_equal(v8_combinator_name(&config, 10), "Promise.all");
	assert_string_equal(v8_combinator_name(&config, 11), "Promise.allSettled");
	assert_null(v8_combinator_name(&config, 12));
	assert_null(v8_combinator_name(&config, 0)); /* absent ones have no number */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_bytecodes_are_found_behind_whatever_was_compiled),
		FAKE_TEST(test_what_leads_to_no_bytecodes_is_refused),
		FAKE_TEST(test_place_of_suspension_counts_from_the_first_bytecode),
		FAKE_TEST(test_combinators_are_named_by_their_builtin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
