/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_function.h"

#include <stdio.h>

#include "symbolizer/stacks.h"
#include "symbolizer/v8_fake_heap.h"

enum {
	TID = 7,
	HAS_CLASS_VARIABLE = 1 << 10,
	HAS_NAME = 1 << 12,
	HAS_INFERRED_NAME = 1 << 14,
	MODULE = 5,
	FUNCTION = 4,
};

struct fixture {
	struct fake_heap fake;
	struct stacks *stacks;
	struct v8_scripts *scripts;
	struct v8_functions *functions;
};

static int setup(void **state)
{
	struct fixture *fixture = malloc(sizeof(*fixture));

	assert_non_null(fixture);
	fake_start(&fixture->fake, &fake_layout);
	assert_int_equal(stacks_new(10, 1 << 20, &fixture->stacks), 0);
	assert_int_equal(v8_scripts_new(&fixture->fake.heap, fixture->stacks, &fixture->scripts),
			 0);
	assert_int_equal(v8_functions_new(&fixture->fake.heap, fixture->scripts, fixture->stacks,
					  &fixture->functions),
			 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	v8_functions_free(fixture->functions);
	v8_scripts_free(fixture->scripts);
	stacks_free(fixture->stacks);
	free(fixture);
	return 0;
}

/* A script of this source, which is no object when it is NULL. */
static uint64_t script_of(struct fixture *fixture, int32_t id, const char *name, const char *source)
{
	struct fake_heap *fake = &fixture->fake;

	return fake_script(fake, id, name ? fake_string(fake, name) : 0,
			   source ? fake_string(fake, source) : 0);
}

static struct v8_function read_function(struct fixture *fixture, uint64_t shared)
{
	struct v8_function function;

	assert_int_equal(v8_function_read(fixture->functions, TID, shared, &function), 0);
	return function;
}

static const char *name_of(struct fixture *fixture, uint64_t name)
{
	static uint32_t literal;
	uint64_t script = script_of(fixture, 1, "/app.js", "");

	return read_function(fixture, fake_shared(&fixture->fake, name, script, ++literal)).name;
}

static void test_functions_are_named_by_string(void **state)
{
	assert_string_equal(name_of(*state, fake_string(*state, "handler")), "handler");
	assert_string_equal(name_of(*state, fake_string(*state, "")), "(anonymous)");
	assert_string_equal(name_of(*state, fake_smi(0)), "(anonymous)");
	assert_string_equal(name_of(*state, fake_object(*state, fake_layout.type_oddball, 48)),
			    "(anonymous)");
}

/* A ScopeInfo with this many locals, their names inline or not, then what the flags ask for. */
static uint64_t scope(struct fake_heap *fake, uint32_t flags, uint32_t locals, const char *name,
		      const char *inferred)
{
	uint64_t info = fake_object(fake, fake->layout.type_scope_info, 4096);
	uint32_t at = 8 + 8 * fake->layout.scope_first_vars;

	fake_word(fake, info, 8, flags);
	fake_word(fake, info, 16, fake_smi(0));
	fake_word(fake, info, 24, fake_smi((int32_t)locals));
	if ((flags & 15) == MODULE)
		at += 8;
	at += 8 * (locals < fake->layout.scope_inlined_names ? locals : 1) + 8 * locals;
	if (flags & HAS_CLASS_VARIABLE)
		at += 8;
	if (fake->layout.scope_receiver && (flags >> 7 & 3) == 1)
		at += 8;
	if (flags & HAS_NAME) {
		fake_word(fake, info, at, name ? fake_string(fake, name) : fake_smi(0));
		at += 16;
	}
	if (flags & HAS_INFERRED_NAME)
		fake_word(fake, info, at, fake_string(fake, inferred));
	return info;
}

static void test_functions_are_named_by_their_scope(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;

	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME, 0, "simple", NULL)),
			    "simple");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME, 3, "three", NULL)),
			    "three");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME, 74, "most", NULL)),
			    "most");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME, 75, "many", NULL)),
			    "many");
	assert_string_equal(name_of(fixture, scope(fake, MODULE | HAS_NAME, 2, "module", NULL)),
			    "module");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME | HAS_CLASS_VARIABLE,
						   1, "Class", NULL)),
			    "Class");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION, 2, NULL, NULL)), "(anonymous)");
}

static void test_functions_without_a_name_have_the_inferred_one(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint32_t both = FUNCTION | HAS_NAME | HAS_INFERRED_NAME;

	assert_string_equal(name_of(fixture,
				    scope(fake, FUNCTION | HAS_INFERRED_NAME, 1, NULL, "obj.f")),
			    "obj.f");
	assert_string_equal(name_of(fixture, scope(fake, both, 1, NULL, "obj.g")), "obj.g");
	assert_string_equal(name_of(fixture, scope(fake, both, 1, "own", "obj.h")), "own");
}

static void test_older_scopes_have_a_word_about_the_receiver(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;

	fake->layout.scope_receiver = 1;
	fake->layout.scope_first_vars = 3;
	assert_string_equal(
		name_of(fixture, scope(fake, FUNCTION | HAS_NAME | 1 << 7, 1, "on", NULL)), "on");
	assert_string_equal(name_of(fixture, scope(fake, FUNCTION | HAS_NAME, 1, "off", NULL)),
			    "off");
}

/* The error for a function of this name, of which nothing may be kept. */
static int name_error(struct fixture *fixture, uint64_t name)
{
	uint64_t shared =
		fake_shared(&fixture->fake, name, script_of(fixture, 1, "/app.js", ""), 70000);
	struct v8_function function = {0};
	int err = v8_function_read(fixture->functions, TID, shared, &function);

	if (err)
		assert_null(function.name);
	return err;
}

static void test_a_name_that_cannot_be_read_is_not_the_same_as_none(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t info = scope(fake, FUNCTION | HAS_NAME, 0, "x", NULL);

	assert_int_equal(name_error(fixture, 0x555500000001), -EFAULT);
	assert_int_equal(name_error(fixture, fake_object(fake, 200, 32)), -EBADMSG);
	fake_word(fake, info, 24, fake_smi(INT32_MAX));
	assert_int_equal(name_error(fixture, info), -EBADMSG);
	fake_word(fake, info, 24, fake_smi(-1));
	assert_int_equal(name_error(fixture, info), -EBADMSG);
	fake_word(fake, info, 24, fake_smi(1 << 19)); /* far behind the memory there is */
	assert_int_equal(name_error(fixture, info), -EFAULT);
	fake_word(fake, info, 24, fake_smi(0));
	assert_int_equal(name_error(fixture, info), 0);
}

static void test_objects_that_are_being_moved_are_read_where_they_were(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t name = fake_string(fake, "moving");
	uint64_t script = script_of(fixture, 8, "/moving.js", "a");
	uint64_t shared = fake_shared(fake, name, script, 1);

	/* The first word is the address of the new copy, without a tag. */
	fake_word(fake, name, 0, fake_string(fake, "moving") - 1);
	fake_word(fake, script, 0, script_of(fixture, 8, "/moving.js", "a") - 1);
	fake_word(fake, shared, 0, fake_shared(fake, name, script, 1) - 1);
	assert_string_equal(read_function(fixture, shared).name, "moving");
	assert_string_equal(read_function(fixture, shared).script->file, "/moving.js");
}

static void test_initialisers_of_classes_have_the_names_v8_gives_them(void **state)
{
	struct fixture *fixture = *state;
	uint64_t shared = fake_shared(&fixture->fake, fake_string(&fixture->fake, "Class"),
				      script_of(fixture, 1, "/a.js", ""), 3);

	fake_number(&fixture->fake, shared, fake_layout.shared_flags, 24);
	assert_string_equal(read_function(fixture, shared).name, "<instance_members_initializer>");
	fake_number(&fixture->fake, shared, fake_layout.shared_literal, 4);
	fake_number(&fixture->fake, shared, fake_layout.shared_flags, 32 | 26);
	assert_string_equal(read_function(fixture, shared).name, "<static_initializer>");
}

static const char *file_of(struct fixture *fixture, const char *name)
{
	static int32_t id = 1000;
	uint64_t script = script_of(fixture, ++id, name, "");
	uint64_t shared = fake_shared(&fixture->fake, 0, script, 1);

	return read_function(fixture, shared).script->file;
}

static void test_files_are_paths(void **state)
{
	assert_string_equal(file_of(*state, "/srv/app.js"), "/srv/app.js");
	assert_string_equal(file_of(*state, "node:internal/timers"), "node:internal/timers");
	assert_string_equal(file_of(*state, "file:///srv/a%20b%zz.mjs?v=1#x"), "/srv/a b%zz.mjs");
	assert_string_equal(file_of(*state, "file://host/x"), "file://host/x");
	assert_string_equal(file_of(*state, "file:///x%4"), "/x%4");
	assert_string_equal(file_of(*state, "https://example.org/a.mjs?v=1"),
			    "https://example.org/a.mjs?v=1");
	assert_null(file_of(*state, NULL));
}

static void test_functions_without_a_script_are_not_found(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t oddball = fake_object(fake, 131, 48);
	struct v8_function function;

	assert_int_equal(v8_function_read(fixture->functions, TID, fake_shared(fake, 0, oddball, 1),
					  &function),
			 -ENOENT);
	assert_int_equal(v8_function_read(fixture->functions, TID, oddball, &function), -EBADMSG);
	assert_int_equal(v8_function_read(fixture->functions, TID, 5, &function), -EBADMSG);
	assert_int_equal(v8_function_read(fixture->functions, TID, 0x55550001, &function), -EFAULT);
}

static void test_a_debugger_may_stand_before_the_script(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t info = fake_object(fake, fake->layout.type_debug_info, 64);
	uint64_t shared = fake_shared(fake, fake_string(fake, "f"), info, 1);

	fake_word(fake, info, fake->layout.debug_script, script_of(fixture, 9, "/d.js", ""));
	assert_string_equal(read_function(fixture, shared).script->file, "/d.js");
}

static void test_functions_may_move(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t name = fake_string(fake, "f");
	const char *first;
	const char *second;

	first = read_function(fixture,
			      fake_shared(fake, name, script_of(fixture, 5, "/a.js", "x"), 1))
			.name;
	second = read_function(fixture, fake_shared(fake, fake_string(fake, "f"),
						    script_of(fixture, 5, "/a.js", "x"), 1))
			 .name;
	assert_ptr_equal(first, second);
	assert_int_equal(v8_scripts_shed(fixture->scripts), 0);
}

static void test_numbers_of_scripts_may_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct fake_heap *fake = &fixture->fake;
	uint64_t old = fake_shared(fake, fake_string(fake, "old"),
				   script_of(fixture, 5, "/old.js", "x"), 1);
	uint64_t new = fake_shared(fake, fake_string(fake, "new"),
				   script_of(fixture, 5, "/new.js", "x"), 1);
	uint64_t longer = fake_shared(fake, fake_string(fake, "longer"),
				      script_of(fixture, 5, "/new.js", "xx"), 1);
	struct v8_function other;

	assert_string_equal(read_function(fixture, old).name, "old");
	assert_string_equal(read_function(fixture, new).script->file, "/new.js");
	assert_string_equal(read_function(fixture, new).name, "new");
	assert_string_equal(read_function(fixture, longer).name, "longer");
	/* Another thread has numbers of its own. */
	assert_int_equal(v8_function_read(fixture->functions, TID + 1, old, &other), 0);
	assert_string_equal(other.script->file, "/old.js");
	assert_string_equal(read_function(fixture, longer).name, "longer");
}

static void test_more_scripts_than_fit_take_the_place_of_others(void **state)
{
	struct fixture *fixture = *state;
	char name[32];

	for (int32_t id = 1; id < 6000; id++) {
		uint64_t shared;

		(void)snprintf(name, sizeof(name), "/%d.js", id);
		shared = fake_shared(&fixture->fake, 0, script_of(fixture, id, name, "a\nb"), 1);
		assert_string_equal(read_function(fixture, shared).script->file, name);
	}
	assert_true(v8_scripts_shed(fixture->scripts) > 1000);
}

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

#define FUNCTION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void test_async_functions_are_told_by_their_kind(void **state)
{
	struct fixture *fixture = *state;
	uint64_t script = script_of(fixture, 1, "/app.js", "");
	/* a plain function, an async arrow, the last of the async ones, a generator */
	const uint32_t kinds[] = {0, 12, 18, 19};
	const bool is_async[] = {false, true, true, false};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint64_t shared = fake_shared(&fixture->fake, fake_string(&fixture->fake, "f"),
					      script, (uint32_t)i + 1);

		/* with some flags above */
		fake_number(&fixture->fake, shared, fake_layout.shared_flags, kinds[i] | 0x140);
		assert_int_equal(read_function(fixture, shared).is_async, is_async[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FUNCTION_TEST(test_functions_are_named_by_string),
		FUNCTION_TEST(test_async_functions_are_told_by_their_kind),
		FUNCTION_TEST(test_functions_are_named_by_their_scope),
		FUNCTION_TEST(test_functions_without_a_name_have_the_inferred_one),
		FUNCTION_TEST(test_older_scopes_have_a_word_about_the_receiver),
		FUNCTION_TEST(test_a_name_that_cannot_be_read_is_not_the_same_as_none),
		FUNCTION_TEST(test_objects_that_are_being_moved_are_read_where_they_were),
		FUNCTION_TEST(test_initialisers_of_classes_have_the_names_v8_gives_them),
		FUNCTION_TEST(test_files_are_paths),
		FUNCTION_TEST(test_functions_without_a_script_are_not_found),
		FUNCTION_TEST(test_a_debugger_may_stand_before_the_script),
		FUNCTION_TEST(test_functions_may_move),
		FUNCTION_TEST(test_numbers_of_scripts_may_come_back),
		FUNCTION_TEST(test_more_scripts_than_fit_take_the_place_of_others),
		FUNCTION_TEST(test_lines_end_as_javascript_has_it),
		FUNCTION_TEST(test_sources_may_start_inside_of_a_file),
		FUNCTION_TEST(test_the_line_table_of_v8_is_used),
		FUNCTION_TEST(test_places_behind_the_end_are_refused),
		FUNCTION_TEST(test_sources_that_cannot_be_read_have_no_lines),
		FUNCTION_TEST(test_lines_that_could_not_be_read_are_tried_again),
		FUNCTION_TEST(test_lines_that_are_never_to_be_had_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
