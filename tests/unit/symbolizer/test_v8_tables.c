/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"

static int setup(void **state)
{
	struct v8_tables *tables;

	assert_int_equal(v8_tables_new(&tables), 0);
	*state = tables;
	return 0;
}

static int teardown(void **state)
{
	v8_tables_free(*state);
	return 0;
}

static const uint8_t bytes[] = {1, 2, 3, 4, 5};

static void assert_table(const struct v8_tables *tables, uint64_t script, int32_t literal,
			 const void *wanted, size_t wanted_len)
{
	const struct v8_table_key key = {script, literal};
	size_t len = 77;
	const uint8_t *found = v8_tables_find(tables, &key, &len);

	if (!wanted) {
		assert_null(found);
		assert_int_equal(len, 77);
		return;
	}
	assert_non_null(found);
	assert_int_equal(len, wanted_len);
	assert_memory_equal(found, wanted, wanted_len);
}

static void put(struct v8_tables *tables, uint64_t script, int32_t literal, uint64_t attempt,
		const void *data, size_t len)
{
	v8_tables_put(tables, &(struct v8_table_key){script, literal}, attempt, data, len);
}

static void test_tables_are_kept_by_function(void **state)
{
	put(*state, 1, 10, 1, bytes, 5);
	put(*state, 1, 11, 1, bytes, 3);
	assert_table(*state, 1, 10, bytes, 5);
	assert_table(*state, 1, 11, bytes, 3);
	assert_table(*state, 2, 10, NULL, 0);
	put(*state, 1, 10, 2, bytes + 1, 2);
	assert_table(*state, 1, 10, bytes + 1, 2);
}

static void test_what_was_put_in_a_void_attempt_is_forgotten(void **state)
{
	put(*state, 1, 10, 1, bytes, 5);
	put(*state, 1, 11, 2, bytes, 5);
	put(*state, 1, 10, 2, bytes, 5); /* nothing new */
	v8_tables_discard(*state, 2);
	assert_table(*state, 1, 10, bytes, 5);
	assert_table(*state, 1, 11, NULL, 0);
}

static void test_tables_are_bounded(void **state)
{
	uint8_t *large = calloc(1, 64 << 10);
	size_t kept = 0;

	assert_non_null(large);
	put(*state, 1, 1, 1, large, (64 << 10) + 1);
	assert_table(*state, 1, 1, NULL, 0);
	put(*state, 1, 1, 1, large, 0);
	assert_table(*state, 1, 1, NULL, 0);
	for (int32_t i = 0; i < 1000; i++)
		put(*state, 1, i, 1, large, 64 << 10);
	for (int32_t i = 0; i < 1000; i++) {
		size_t len;

		if (v8_tables_find(*state, &(struct v8_table_key){1, i}, &len))
			kept += len;
	}
	assert_int_equal(kept, 8 << 20);
	/* What goes makes room. */
	v8_tables_discard(*state, 1);
	put(*state, 1, 1, 2, large, 64 << 10);
	assert_table(*state, 1, 1, large, 64 << 10);
	free(large);
}

static struct frame frame_of(uint32_t line)
{
	return (struct frame){.function = "f", .file = "/a.js", .line = line, .kind = FRAME_JS};
}

static void test_places_hold_until_the_next_move(void **state)
{
	const struct v8_place place = {.isolate = 1, .moves = 5, .address = 0x1000, .offset = 2};
	const struct v8_place others[] = {
		{2, 5, 0x1000, 2},
		{1, 6, 0x1000, 2},
		{1, 5, 0x1001, 2},
		{1, 5, 0x1000, 3},
	};
	struct frame frames[] = {frame_of(7), frame_of(8)};
	struct frame found[V8_PLACE_FRAMES];

	assert_int_equal(v8_tables_find_place(*state, &place, found, 4), 0);
	v8_tables_put_place(*state, &place, 1, frames, 2);
	assert_int_equal(v8_tables_find_place(*state, &place, found, 4), 2);
	assert_int_equal(found[0].line, 7);
	assert_int_equal(found[1].line, 8);
	assert_int_equal(v8_tables_find_place(*state, &place, found, 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(v8_tables_find_place(*state, &others[i], found, 4), 0);
	v8_tables_discard(*state, 2);
	assert_int_equal(v8_tables_find_place(*state, &place, found, 4), 2);
	v8_tables_discard(*state, 1);
	assert_int_equal(v8_tables_find_place(*state, &place, found, 4), 0);
}

static void test_places_with_many_frames_are_not_kept(void **state)
{
	const struct v8_place place = {1, 1, 1, 1};
	struct frame frames[V8_PLACE_FRAMES + 1] = {{.function = "f"}};
	struct frame found[V8_PLACE_FRAMES + 1];

	v8_tables_put_place(*state, &place, 1, frames, ARRAY_SIZE(frames));
	v8_tables_put_place(*state, &place, 1, frames, 0);
	assert_int_equal(v8_tables_find_place(*state, &place, found, ARRAY_SIZE(found)), 0);
}

#define TABLES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLES_TEST(test_tables_are_kept_by_function),
		TABLES_TEST(test_what_was_put_in_a_void_attempt_is_forgotten),
		TABLES_TEST(test_tables_are_bounded),
		TABLES_TEST(test_places_hold_until_the_next_move),
		TABLES_TEST(test_places_with_many_frames_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
