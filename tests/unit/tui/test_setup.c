/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static size_t parse(struct setup *setup, const char *text)
{
	return setup_parse(setup, text, strlen(text));
}

static void test_what_is_printed_is_read_again(void **state)
{
	struct setup setup = {{0}}, again;
	char text[SETUP_FILE_MAX];
	unsigned int item, round;
	size_t len;

	(void)state;
	for (round = 0; round < 8; round++) {
		for (item = 0; item < SETUP_COUNT; item++)
			setup_step(&setup, (enum setup_item)item, 1);
		again = (struct setup){{0}};
		len = setup_print(&setup, text, sizeof(text));
		assert_true(len > 0);
		assert_int_equal(setup_parse(&again, text, len), 0);
		assert_memory_equal(&setup, &again, sizeof(setup));
	}
	assert_int_equal(setup_print(&setup, text, len), 0);
}

static void test_steps_go_round(void **state)
{
	struct setup setup = {{0}};
	unsigned int item, i;

	(void)state;
	for (item = 0; item < SETUP_COUNT; item++) {
		assert_true(setup_words((enum setup_item)item) >= 2);
		setup_step(&setup, (enum setup_item)item, -1);
		assert_int_equal(setup.choice[item], setup_words((enum setup_item)item) - 1);
		for (i = 0; i < setup_words((enum setup_item)item); i++)
			setup_step(&setup, (enum setup_item)item, 1);
		assert_int_equal(setup.choice[item], setup_words((enum setup_item)item) - 1);
	}
}

static void test_lines_are_forgiving_in_blanks_only(void **state)
{
	struct setup setup = {{0}};

	(void)state;
	assert_int_equal(parse(&setup, "# a comment\n\n\tsort  =\ttime \r\nmouse=off"), 0);
	assert_int_equal(setup.choice[SETUP_SORT], 1);
	assert_int_equal(setup.choice[SETUP_MOUSE], 1);
	assert_int_equal(parse(&setup, "sort\nsort = \n= time\nnothing = x\nSort = age\n"
				       "sort = ages\nmouse = on off\n"),
			 7);
	assert_int_equal(setup.choice[SETUP_SORT], 1);
	assert_int_equal(setup.choice[SETUP_MOUSE], 1);
}

static void test_any_bytes_are_survived(void **state)
{
	char text[512];
	struct setup setup = {{0}};
	unsigned int seed = 1, round, item;
	size_t i;

	(void)state;
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < sizeof(text); i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = "=\n \tsortimeus#\0\xff"[seed >> 16 & 15];
		}
		(void)setup_parse(&setup, text, round % sizeof(text));
		for (item = 0; item < SETUP_COUNT; item++)
			assert_true(setup.choice[item] < setup_words((enum setup_item)item));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_printed_is_read_again),
		cmocka_unit_test(test_steps_go_round),
		cmocka_unit_test(test_lines_are_forgiving_in_blanks_only),
		cmocka_unit_test(test_any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
