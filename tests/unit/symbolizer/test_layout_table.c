/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The fields of a layout, and what the table knows of them. */
#include "symbolizer/layout_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/layout_steps.h"

static void test_every_field_holds_its_own_value(void **state)
{
	struct node_layout layout = {0};

	(void)state;
	for (int i = 0; i < LAYOUT_FIELD_COUNT; i++)
		layout_set(&layout, (enum layout_field)i, (uint64_t)i + 1000, LAYOUT_TABLE);
	for (int i = 0; i < LAYOUT_FIELD_COUNT; i++) {
		assert_int_equal(layout_value(&layout, (enum layout_field)i), i + 1000);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(layout_field_name((enum layout_field)i),
						layout_field_name((enum layout_field)j));
	}
	assert_string_equal(layout_origin_name(LAYOUT_DERIVED), "derived");
}

static void test_an_unknown_release_gets_nothing_from_the_table(void **state)
{
	struct node_layout layout = {.node_major = 27};

	(void)state;
	assert_false(layout_table_knows(
		&(struct node_release){.node_major = 27, .v8_major = 14, .v8_minor = 6}));
	assert_false(layout_table_knows(
		&(struct node_release){.node_major = 20, .v8_major = 11, .v8_minor = 4}));
	layout_table_fill(&layout);
	for (int i = 0; i < LAYOUT_FIELD_COUNT; i++)
		assert_int_equal(layout.origin[i], LAYOUT_ABSENT);
}

static void test_the_table_does_not_replace_what_is_known(void **state)
{
	struct node_layout layout = {.node_major = 20};

	(void)state;
	layout_set(&layout, LAYOUT_FIELD_page_flags, 77, LAYOUT_DERIVED);
	layout_table_fill(&layout);
	assert_int_equal(layout.config.page_flags, 77);
	assert_int_equal(layout.config.page_mask_bits, 18);
	assert_int_equal(layout.origin[LAYOUT_FIELD_page_mask_bits], LAYOUT_TABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_holds_its_own_value),
		cmocka_unit_test(test_an_unknown_release_gets_nothing_from_the_table),
		cmocka_unit_test(test_the_table_does_not_replace_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
