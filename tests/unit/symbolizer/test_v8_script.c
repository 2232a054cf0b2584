/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where in its file a place of a script is. */
#include "symbolizer/v8_script.h"

#include "symbolizer/v8_functions_fixture.h"

static void assert_place(struct fixture *fixture, struct v8_script *script, uint32_t offset,
			 uint32_t line, uint32_t column)
{
	uint32_t found_line = 0;
	uint32_t found_column = 0;

	assert_int_equal(
		v8_script_locate(fixture->scripts, script, offset, &found_line, &found_column), 0);
	assert_int_equal(found_line, line);
	assert_int_equal(found_column, column);
}

static void test_lines_end_as_javascript_has_it(void **state)
{
	struct fixture *fixture = *state;
	const uint16_t wide[] = {'a', 0x2028, 'b', 0x2029, 'c', 0x540d, '\n', 'd'};
	struct v8_script *script;
	uint64_t object = script_of(fixture, 3, "/a.js", "one\ntwo\r\nthree\rfour\r");

	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	assert_place(fixture, script, 0, 1, 1);
	assert_place(fixture, script, 3, 1, 4);
	assert_place(fixture, script, 4, 2, 1);
	assert_place(fixture, script, 8, 2, 5);
	assert_place(fixture, script, 9, 3, 1);
	assert_place(fixture, script, 15, 4, 1);
	assert_place(fixture, script, 18, 4, 4);
	assert_place(fixture, script, 20, 5, 1);
	object = fake_script(&fixture->fake, 4, 0, fake_wide(&fixture->fake, wide, 8));
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	assert_place(fixture, script, 2, 2, 1);
	assert_place(fixture, script, 5, 3, 2);
	assert_place(fixture, script, 7, 4, 1);
}

static void test_sources_may_start_inside_of_a_file(void **state)
{
	struct fixture *fixture = *state;
	uint64_t object = script_of(fixture, 3, "/a.html", "x\ny");
	struct v8_script *script;

	fake_word(&fixture->fake, object, fake_layout.script_line_offset, fake_smi(10));
	fake_word(&fixture->fake, object, fake_layout.script_column_offset, fake_smi(4));
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	assert_place(fixture, script, 0, 11, 5);
	assert_place(fixture, script, 2, 12, 1);
}

static void test_the_line_table_of_v8_is_used(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	const uint64_t ends[] = {fake_smi(2), fake_smi(5), fake_smi(9)};
	const uint64_t odd[] = {fake_smi(5), fake_smi(2)};
	uint64_t object = script_of(fixture, 3, "/a.js", "0123456789");
	struct v8_script *script;

	fake_word(fake, object, fake->layout.script_line_ends,
		  fake_array(fake, fake->layout.type_fixed_array, ends, 3));
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	assert_place(fixture, script, 6, 3, 1);
	/* One that makes no sense is not: then the source counts. */
	object = script_of(fixture, 4, "/b.js", "012\n456789");
	fake_word(fake, object, fake->layout.script_line_ends,
		  fake_array(fake, fake->layout.type_fixed_array, odd, 2));
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, object, &script), 0);
	assert_place(fixture, script, 6, 2, 3);
}

static void test_places_behind_the_end_are_refused(void **state)
{
	struct fixture *fixture = *state;
	uint32_t line = 77;
	uint32_t column = 77;
	struct v8_script *script;

	assert_int_equal(v8_scripts_get(fixture->scripts, TID,
					script_of(fixture, 3, "/a.js", "abc"), &script),
			 0);
	assert_place(fixture, script, 3, 1, 4);
	assert_int_equal(v8_script_locate(fixture->scripts, script, 4, &line, &column), -EBADMSG);
	assert_int_equal(line, 77);
	assert_int_equal(column, 77);
}

static void test_sources_that_cannot_be_read_have_no_lines(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t source = fake_string(fake, "abc");
	struct v8_script *script;
	uint32_t line;
	uint32_t column;

	fake_number(fake, source, fake->layout.string_length, INT32_MAX);
	assert_int_equal(v8_scripts_get(fixture->scripts, TID, script_of(fixture, 3, "/a.js", NULL),
					&script),
			 0);
	assert_int_equal(v8_script_locate(fixture->scripts, script, 0, &line, &column), -ENOENT);
	assert_int_equal(
		v8_scripts_get(fixture->scripts, TID, fake_script(fake, 4, 0, source), &script), 0);
	assert_int_equal(v8_script_locate(fixture->scripts, script, 0, &line, &column), -ENOENT);
	/* Within what is looked at, but not within memory. */
	fake_number(fake, source, fake->layout.string_length, 32 << 20);
	assert_int_equal(
		v8_scripts_get(fixture->scripts, TID, fake_script(fake, 5, 0, source), &script), 0);
	assert_int_equal(v8_script_locate(fixture->scripts, script, 0, &line, &column), -ENOENT);
}

static void test_lines_that_could_not_be_read_are_tried_again(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t source = fake_cons(fake, fake_string(fake, "a\n"), 0x555500000001, 4);
	struct v8_script *script;
	uint32_t line;
	uint32_t column;

	assert_int_equal(
		v8_scripts_get(fixture->scripts, TID, fake_script(fake, 5, 0, source), &script), 0);
	assert_int_equal(v8_script_locate(fixture->scripts, script, 3, &line, &column), -ENOENT);
	fake_word(fake, source, fake->layout.cons_second, fake_string(fake, "b\n"));
	assert_place(fixture, script, 3, 2, 2);
}

static void test_lines_that_are_never_to_be_had_cost_little(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t source = fake_string(fake, "abc");
	struct v8_script *script;
	uint32_t line;
	uint32_t column;
	size_t reads;

	fake_number(fake, source, fake->layout.string_length, 32 << 20);
	assert_int_equal(
		v8_scripts_get(fixture->scripts, TID, fake_script(fake, 5, 0, source), &script), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(v8_script_locate(fixture->scripts, script, 0, &line, &column),
				 -ENOENT);
	reads = fake->reads;
	assert_int_equal(v8_script_locate(fixture->scripts, script, 0, &line, &column), -ENOENT);
	assert_int_equal(fake->reads, reads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_end_as_javascript_has_it),
		TEST(test_sources_may_start_inside_of_a_file),
		TEST(test_the_line_table_of_v8_is_used),
		TEST(test_places_behind_the_end_are_refused),
		TEST(test_sources_that_cannot_be_read_have_no_lines),
		TEST(test_lines_that_could_not_be_read_are_tried_again),
		TEST(test_lines_that_are_never_to_be_had_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
