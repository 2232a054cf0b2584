/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new();
	unsigned char *pieces[500];
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < 500; i++) {
		pieces[i] = arena_alloc(arena, i);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % 8, 0);
		for (k = 0; k < i; k++)
			assert_int_equal(pieces[i][k], 0);
		memset(pieces[i], (int)(i & 0xff), i);
	}
	for (i = 0; i < 500; i++) {
		for (k = 0; k < i; k++)
			assert_int_equal(pieces[i][k], i & 0xff);
	}
	arena_free(arena);
}

static void test_large_piece_leaves_the_rest_of_the_chunk_in_use(void **state)
{
	struct arena *arena = arena_new();
	char *small = arena_alloc(arena, 16);
	size_t before;

	(void)state;
	assert_non_null(arena_alloc(arena, 1 << 20));
	before = arena_bytes(arena);
	assert_ptr_equal(arena_alloc(arena, 16), small + 16);
	assert_int_equal(arena_bytes(arena), before);
	arena_free(arena);
}

static void test_bytes_cover_what_was_given_out(void **state)
{
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_non_null(arena_alloc(arena, 100));
	assert_true(arena_bytes(arena) >= 1000 * 100);
	assert_true(arena_bytes(arena) < 4 * 1000 * 100);
	arena_free(arena);
}

static void test_copy_is_terminated(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	arena_free(arena);
}

static void test_absurd_sizes_give_null(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 7));
	assert_null(arena_copy(arena, "x", SIZE_MAX));
	arena_free(arena);
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(test_large_piece_leaves_the_rest_of_the_chunk_in_use),
		cmocka_unit_test(test_bytes_cover_what_was_given_out),
		cmocka_unit_test(test_copy_is_terminated),
		cmocka_unit_test(test_absurd_sizes_give_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
