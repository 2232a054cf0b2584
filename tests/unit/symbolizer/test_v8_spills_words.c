/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_spills.h"

#include "symbolizer/base.h"
#include "symbolizer/v8_fake_heap.h"

/* The table of a small function of node 16 as it stood in its memory, and what V8 itself said of it
 * (--print-opt-code: which of its slots hold objects, those of the lowest address first). */
static const uint8_t node16[] = {
	0x0a, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x55, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x00, 0x00, 0x23, 0x04, 0x00, 0x00, 0x7e, 0x00, 0x00, 0x00, 0x11, 0x00, 0x00, 0x00,
	0x2a, 0x04, 0x00, 0x00, 0xa7, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x31, 0x04,
	0x00, 0x00, 0x72, 0x01, 0x00, 0x00, 0x13, 0x00, 0x00, 0x00, 0x38, 0x04, 0x00, 0x00,
	0x11, 0x02, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x3f, 0x04, 0x00, 0x00, 0xcd, 0x02,
	0x00, 0x00, 0x15, 0x00, 0x00, 0x00, 0x46, 0x04, 0x00, 0x00, 0x5a, 0x03, 0x00, 0x00,
	0x16, 0x00, 0x00, 0x00, 0x4d, 0x04, 0x00, 0x00, 0x71, 0x03, 0x00, 0x00, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x89, 0x03, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xa5, 0x03, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0x10, 0x18, 0x1c, 0x1a, 0x1c, 0x18, 0x10, 0x1e, 0x1e, 0x1e,
};
static const struct {
	uint32_t at;
	uint64_t dead;
} said[] = {
	{0x55, 0x1e},  {0x7e, 0x1c},  {0xa7, 0x18},  {0x172, 0x14}, {0x211, 0x18},
	{0x2cd, 0x1c}, {0x35a, 0x1e}, {0x371, 0x10}, {0x389, 0x10}, {0x3a5, 0x10},
};

enum {
	SLOTS = 10,
	CODE = 1108, /* bytes */
};

static int dead_at(const struct v8_safepoints *table, uint32_t at, uint64_t *ret_dead)
{
	struct v8_layout layout = {.version = 904};

	v8_layout_table_fill(&layout);
	return v8_spills_read(&layout, table, at, ret_dead);
}

static void test_each_call_has_a_bit_for_each_slot(void **state)
{
	const struct v8_safepoints table = {.bytes = node16, .len = sizeof(node16), .slots = SLOTS};
	uint64_t dead = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		assert_int_equal(dead_at(&table, said[i].at, &dead), 0);
		assert_int_equal(dead, said[i].dead);
	}
}

static void test_an_entry_is_of_no_other_call(void **state)
{
	const struct v8_safepoints table = {.bytes = node16, .len = sizeof(node16), .slots = SLOTS};
	uint64_t dead;

	(void)state;
	assert_int_equal(dead_at(&table, 0x56, &dead), -EBADMSG);
	assert_int_equal(dead_at(&table, 0x54, &dead), -EBADMSG);
	assert_int_equal(dead_at(&table, 0x2000, &dead), -EBADMSG);
}

/* RemoveDuplicates() */
static void test_one_entry_can_be_of_all_calls(void **state)
{
	uint8_t bytes[] = {
		0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1c,
	};
	const struct v8_safepoints table = {.bytes = bytes, .len = sizeof(bytes), .slots = SLOTS};
	uint64_t dead = 0;

	(void)state;
	assert_int_equal(dead_at(&table, 0x2000, &dead), 0);
	assert_int_equal(dead, 0x18);
	bytes[4] = 0; /* no slot of it ever holds an object: TrimEntries() */
	assert_int_equal(dead_at(&table, 0x55, &dead), 0);
	assert_int_equal(dead, 0x1f);
	bytes[8] = 0x55; /* a place of its own, far behind */
	assert_int_equal(dead_at(&table, 0x55, &dead), -EBADMSG);
}

static void test_tables_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{0, 0},     /* no entries */
		{0, 11},    /* longer than what there is */
		{3, 0x80},  /* too many */
		{4, 3},     /* bits as for a larger frame */
		{7, 0x80},  /* many more */
		{20, 0x54}, /* not in order */
	};
	uint8_t bytes[sizeof(node16)];
	struct v8_safepoints table = {.bytes = bytes, .len = sizeof(bytes), .slots = SLOTS};
	uint64_t dead = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		memcpy(bytes, node16, sizeof(bytes));
		bytes[changes[i].at] = changes[i].value;
		assert_int_equal(dead_at(&table, 0x55, &dead), -EBADMSG);
	}
	memcpy(bytes, node16, sizeof(bytes));
	table.slots = 4; /* fewer than each frame has */
	assert_int_equal(dead_at(&table, 0x55, &dead), -EBADMSG);
	table.slots = 0; /* its number of entries is not that of slots */
	assert_int_equal(dead_at(&table, 0x55, &dead), -EBADMSG);
	assert_int_equal(dead, 77);
}

static void test_damaged_tables_do_no_harm(void **state)
{
	uint8_t bytes[sizeof(node16)];
	uint64_t dead;

	(void)state;
	memcpy(bytes, node16, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		for (int value = 0; value < 256; value++) {
			const struct v8_safepoints table = {
				.bytes = bytes, .len = sizeof(bytes), .slots = SLOTS};

			bytes[i] = (uint8_t)value;
			(void)dead_at(&table, 0x172, &dead);
		}
		bytes[i] = node16[i];
	}
	for (size_t len = 0; len < sizeof(bytes); len++) {
		const struct v8_safepoints table = {.bytes = bytes, .len = len, .slots = SLOTS};

		assert_int_equal(dead_at(&table, 0x172, &dead), -EBADMSG);
	}
}

static void test_it_stands_behind_the_instructions(void **state)
{
	struct fake_heap *fake = *state;
	struct fake_code at;
	struct v8_code code = {.kind = V8_CODE_TURBOFAN, .size = CODE, .slots = SLOTS};
	uint64_t dead = 0;

	fake->layout.version = 904;
	v8_layout_table_fill(&fake->layout);
	at = fake_code(fake, 0, CODE, 0, 0);
	code.start = at.start;
	fake_put(fake, code.start + code.size + 1, 0, node16, sizeof(node16));
	assert_int_equal(v8_spills_dead(&fake->heap, &code, code.start + 0xa7, &dead), 0);
	assert_int_equal(dead, 0x18);
	code.kind = V8_CODE_BASELINE;
	assert_int_equal(v8_spills_dead(&fake->heap, &code, code.start + 0xa7, &dead), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_call_has_a_bit_for_each_slot),
		cmocka_unit_test(test_an_entry_is_of_no_other_call),
		cmocka_unit_test(test_one_entry_can_be_of_all_calls),
		cmocka_unit_test(test_tables_that_make_no_sense_are_refused),
		cmocka_unit_test(test_damaged_tables_do_no_harm),
		FAKE_TEST(test_it_stands_behind_the_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
