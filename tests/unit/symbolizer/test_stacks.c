/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/printable.h"

static struct stacks *new_stacks(size_t max_stacks, size_t max_name_bytes)
{
	struct stacks *stacks;

	assert_int_equal(stacks_new(max_stacks, max_name_bytes, &stacks), 0);
	return stacks;
}

static void test_equal_names_are_one_string(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);
	const char *name = stacks_name(stacks, "handler and more", 7);

	(void)state;
	assert_string_equal(name, "handler");
	assert_ptr_equal(stacks_name(stacks, "handler", 7), name);
	assert_ptr_not_equal(stacks_name(stacks, "handle", 6), name);
	assert_string_equal(stacks_name(stacks, "", 0), "");
	assert_int_equal(stacks_dropped(stacks), 0);
	stacks_free(stacks);
}

static void test_names_stay_where_they_are(void **state)
{
	struct stacks *stacks = new_stacks(10, 1 << 20);
	const char *names[5000];
	char text[16];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		int len = snprintf(text, sizeof(text), "name%d", i);

		names[i] = stacks_name(stacks, text, (size_t)len);
	}
	for (int i = 0; i < 5000; i++) {
		int len = snprintf(text, sizeof(text), "name%d", i);

		assert_string_equal(names[i], text);
		assert_ptr_equal(stacks_name(stacks, text, (size_t)len), names[i]);
	}
	stacks_free(stacks);
}

static void test_full_name_table_counts_and_says_unknown(void **state)
{
	struct stacks *stacks = new_stacks(10, 8);
	const char *first = stacks_name(stacks, "1234567", 7);

	(void)state;
	assert_string_equal(first, "1234567");
	assert_string_equal(stacks_name(stacks, "x", 1), "?");
	assert_int_equal(stacks_dropped(stacks), 1);
	assert_ptr_equal(stacks_name(stacks, "1234567", 7), first);
	assert_int_equal(stacks_dropped(stacks), 1);
	stacks_free(stacks);
}

static void test_names_are_made_printable(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);

	(void)state;
	assert_string_equal(stacks_name(stacks, "a\x1b[31mb\0c", 8), "a?[31mb?");
	assert_string_equal(stacks_name(stacks, "\xc3\xa9\xff", 3), "\xc3\xa9?");
	stacks_free(stacks);
}

static void test_long_names_are_cut(void **state)
{
	struct stacks *stacks = new_stacks(10, 10000);
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(strlen(stacks_name(stacks, text, sizeof(text))), 512);
	stacks_free(stacks);
}

static void test_first_stack_of_an_id_stays(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);
	struct frame frames[2] = {
		{.function = "leaf", .address = 1, .line = 10, .kind = FRAME_JS},
		{.function = "root", .address = 2, .kind = FRAME_NATIVE},
	};
	const struct stack *stack = stacks_add(stacks, 77, frames, 2);

	(void)state;
	assert_non_null(stack);
	assert_int_equal(stack->id, 77);
	assert_int_equal(stack->n_frames, 2);
	assert_memory_equal(stack->frames, frames, sizeof(frames));
	assert_ptr_equal(stacks_add(stacks, 77, frames + 1, 1), stack);
	assert_int_equal(stack->n_frames, 2);
	assert_ptr_equal(stacks_find(stacks, 77), stack);
	assert_int_equal(stacks_count(stacks), 1);
	stacks_free(stacks);
}

static void test_unknown_id_has_no_stack(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);

	(void)state;
	assert_null(stacks_find(stacks, 0));
	assert_non_null(stacks_add(stacks, 1, NULL, 0));
	assert_null(stacks_find(stacks, 2));
	stacks_free(stacks);
}

static void test_full_table_counts_and_keeps_what_it_has(void **state)
{
	struct stacks *stacks = new_stacks(3, 1000);
	struct frame frame = {.function = "f"};

	(void)state;
	for (uint64_t id = 0; id < 5; id++) {
		frame.line = (uint32_t)id;
		assert_int_equal(stacks_add(stacks, id, &frame, 1) != NULL, id < 3);
	}
	assert_int_equal(stacks_count(stacks), 3);
	assert_int_equal(stacks_dropped(stacks), 2);
	assert_non_null(stacks_find(stacks, 2));
	assert_null(stacks_find(stacks, 3));
	stacks_free(stacks);
}

static void test_stacks_stay_where_they_are(void **state)
{
	struct stacks *stacks = new_stacks(4000, 1000);
	static const struct stack *kept[4000];
	struct frame frames[20] = {{.function = "f"}};

	(void)state;
	for (uint64_t id = 0; id < 4000; id++) {
		frames[19].line = (uint32_t)id;
		kept[id] = stacks_add(stacks, id << 40, frames, 20);
	}
	for (uint64_t id = 0; id < 4000; id++) {
		assert_ptr_equal(stacks_find(stacks, id << 40), kept[id]);
		assert_int_equal(kept[id]->id, id << 40);
	}
	stacks_free(stacks);
}

static void test_the_same_frames_are_one_stack_wherever_code_moves(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);
	struct frame frames[2] = {
		{.function = "f", .address = 100, .line = 1, .kind = FRAME_JS},
		{.function = "n", .address = 200, .kind = FRAME_NATIVE},
	};
	const struct stack *stack = stacks_add(stacks, 1, frames, 2);

	(void)state;
	frames[0].address = 101;
	assert_ptr_equal(stacks_add(stacks, 2, frames, 2), stack);
	assert_ptr_equal(stacks_find(stacks, 2), stack);
	assert_int_equal(stacks_count(stacks), 1);
	assert_ptr_not_equal(stacks_add(stacks, 3, frames, 1), stack);
	frames[0].line = 2;
	assert_ptr_not_equal(stacks_add(stacks, 4, frames, 2), stack);
	frames[0].line = 1;
	frames[1].address = 201;
	assert_ptr_not_equal(stacks_add(stacks, 5, frames, 2), stack);
	assert_int_equal(stacks_count(stacks), 4);
	stacks_free(stacks);
}

static void test_ids_that_nobody_asks_for_give_way(void **state)
{
	struct stacks *stacks = new_stacks(100, 1000);
	struct frame frame = {.function = "f", .kind = FRAME_JS};
	const struct stack *stack = stacks_add(stacks, 1, &frame, 1);

	(void)state;
	for (uint64_t id = 2; id < 100000; id++) {
		assert_ptr_equal(stacks_add(stacks, id * 0x123456789, &frame, 1), stack);
		assert_ptr_equal(stacks_find(stacks, 1), stack);
	}
	assert_null(stacks_find(stacks, 2 * 0x123456789ULL));
	for (uint64_t id = 99999; id > 99950; id--)
		assert_ptr_equal(stacks_find(stacks, id * 0x123456789), stack);
	assert_int_equal(stacks_evicted(stacks), 99999 - 100);
	assert_int_equal(stacks_count(stacks), 1);
	assert_int_equal(stacks_dropped(stacks), 0);
	stacks_free(stacks);
}

static void test_deep_stacks_lose_their_outermost_frames(void **state)
{
	struct stacks *stacks = new_stacks(10, 1000);
	static struct frame frames[2000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i].address = i;
	assert_int_equal(stacks_add(stacks, 1, frames, ARRAY_SIZE(frames))->n_frames, 256);
	assert_int_equal(stacks_find(stacks, 1)->frames[255].address, 255);
	stacks_free(stacks);
}

static void assert_printable(const char *text, const char *wanted)
{
	char copy[64];

	assert_int_equal(printable_copy(copy, sizeof(copy), text, strlen(text)), strlen(wanted));
	assert_string_equal(copy, wanted);
}

static void test_good_utf8_passes(void **state)
{
	(void)state;
	assert_printable("plain", "plain");
	assert_printable("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
			 "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void test_bad_utf8_is_replaced(void **state)
{
	(void)state;
	assert_printable("\xff\xfe", "??");
	assert_printable("\xc3(", "?(");
	assert_printable("\xe2\x82", "??");
	assert_printable("\xc0\xaf", "??");        /* overlong */
	assert_printable("\xed\xa0\x80", "?");     /* surrogate */
	assert_printable("\xf4\x90\x80\x80", "?"); /* beyond Unicode */
}

static void test_control_and_direction_characters_are_replaced(void **state)
{
	(void)state;
	assert_printable("a\nb\x7f", "a?b?");
	assert_printable("\xc2\x9b", "?");     /* C1 CSI */
	assert_printable("\xe2\x80\xae", "?"); /* right-to-left override */
	assert_printable("\xe2\x81\xa6", "?"); /* isolate */
	assert_printable("\xe2\x80\xa8", "?"); /* line separator */
}

static void test_cut_is_between_characters(void **state)
{
	char copy[4];

	(void)state;
	assert_int_equal(printable_copy(copy, sizeof(copy), "ab\xc3\xa9", 4), 2);
	assert_string_equal(copy, "ab");
	assert_int_equal(printable_copy(copy, 1, "ab", 2), 0);
	assert_string_equal(copy, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_names_are_one_string),
		cmocka_unit_test(test_names_stay_where_they_are),
		cmocka_unit_test(test_full_name_table_counts_and_says_unknown),
		cmocka_unit_test(test_names_are_made_printable),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_first_stack_of_an_id_stays),
		cmocka_unit_test(test_unknown_id_has_no_stack),
		cmocka_unit_test(test_full_table_counts_and_keeps_what_it_has),
		cmocka_unit_test(test_stacks_stay_where_they_are),
		cmocka_unit_test(test_the_same_frames_are_one_stack_wherever_code_moves),
		cmocka_unit_test(test_ids_that_nobody_asks_for_give_way),
		cmocka_unit_test(test_deep_stacks_lose_their_outermost_frames),
		cmocka_unit_test(test_good_utf8_passes),
		cmocka_unit_test(test_bad_utf8_is_replaced),
		cmocka_unit_test(test_control_and_direction_characters_are_replaced),
		cmocka_unit_test(test_cut_is_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
