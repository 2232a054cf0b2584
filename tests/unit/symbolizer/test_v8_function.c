/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_function.h"

#include <stdio.h>

#include "symbolizer/v8_functions_fixture.h"

enum {
	HAS_CLASS_VARIABLE = 1 << 10,
	HAS_NAME = 1 << 12,
	HAS_INFERRED_NAME = 1 << 14,
	MODULE = 5,
	FUNCTION = 4,
};

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
		TEST(test_functions_are_named_by_string),
		TEST(test_async_functions_are_told_by_their_kind),
		TEST(test_functions_are_named_by_their_scope),
		TEST(test_functions_without_a_name_have_the_inferred_one),
		TEST(test_older_scopes_have_a_word_about_the_receiver),
		TEST(test_a_name_that_cannot_be_read_is_not_the_same_as_none),
		TEST(test_objects_that_are_being_moved_are_read_where_they_were),
		TEST(test_initialisers_of_classes_have_the_names_v8_gives_them),
		TEST(test_files_are_paths),
		TEST(test_functions_without_a_script_are_not_found),
		TEST(test_a_debugger_may_stand_before_the_script),
		TEST(test_functions_may_move),
		TEST(test_numbers_of_scripts_may_come_back),
		TEST(test_more_scripts_than_fit_take_the_place_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
