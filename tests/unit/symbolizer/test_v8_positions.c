/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_positions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "symbolizer/base.h"

/* A table in the making. */
struct table {
	uint8_t bytes[256];
	size_t len;
	int64_t position;
};

static void put(struct table *table, uint64_t value)
{
	do {
		table->bytes[table->len++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
}

static uint64_t zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static uint64_t word(uint32_t offset, uint64_t inlined)
{
	return (uint64_t)(offset + 1) << 1 | inlined << 31;
}

/* One entry; `distance` is from the code offset of the last one, which is -1 at first. */
static void entry(struct table *table, uint32_t flag_bits, int64_t distance, bool is_statement,
		  uint64_t position)
{
	if (flag_bits)
		put(table, (uint64_t)distance << flag_bits | is_statement);
	else
		put(table, zigzag(is_statement ? distance : -(distance + 1)));
	put(table, zigzag((int64_t)position - table->position));
	table->position = (int64_t)position;
}

static void assert_found(const struct table *table, uint32_t flag_bits, uint32_t code,
			 uint32_t offset)
{
	struct v8_position position;

	assert_int_equal(v8_positions_find(table->bytes, table->len, flag_bits, code, &position),
			 0);
	assert_int_equal(position.offset, offset);
}

static void check_encoding(uint32_t flag_bits)
{
	struct table table = {0};
	struct v8_position position;

	entry(&table, flag_bits, 4, true, word(100, 0));      /* code offset 3 */
	entry(&table, flag_bits, 10, false, word(90, 0));     /* 13 */
	entry(&table, flag_bits, 0, true, word(95, 0));       /* 13 again */
	entry(&table, flag_bits, 200, false, word(70000, 0)); /* 213 */
	assert_int_equal(v8_positions_find(table.bytes, table.len, flag_bits, 2, &position),
			 -ENOENT);
	assert_found(&table, flag_bits, 3, 100);
	assert_found(&table, flag_bits, 12, 100);
	assert_found(&table, flag_bits, 13, 95);
	assert_found(&table, flag_bits, 212, 95);
	assert_found(&table, flag_bits, 213, 70000);
	assert_found(&table, flag_bits, 1 << 30, 70000);
}

static void test_last_entry_at_or_before_counts(void **state)
{
	(void)state;
	check_encoding(0);
}

static void test_so_it_does_with_flags_in_the_number(void **state)
{
	(void)state;
	check_encoding(2);
}

static void test_inlining_is_told_apart_from_the_offset(void **state)
{
	struct table table = {0};
	struct v8_position position;

	(void)state;
	entry(&table, 0, 1, true, word(1000000, 65535));
	assert_int_equal(v8_positions_find(table.bytes, table.len, 0, 0, &position), 0);
	assert_int_equal(position.offset, 1000000);
	assert_int_equal(position.inlined, 65535);
}

static void test_external_places_are_none_in_the_script(void **state)
{
	struct v8_position position;

	(void)state;
	assert_int_equal(v8_position_decode(word(5, 0) | 1, &position), -ENOENT);
	assert_int_equal(v8_position_decode(0, &position), -ENOENT);
}

static void test_empty_tables_tell_nothing(void **state)
{
	struct v8_position position;

	(void)state;
	assert_int_equal(v8_positions_find(NULL, 0, 0, 0, &position), -ENOENT);
}

static void test_tables_that_are_cut_count_up_to_there(void **state)
{
	struct table table = {0};

	(void)state;
	entry(&table, 0, 1, true, word(10, 0));
	entry(&table, 0, 1, true, word(20000, 0));
	table.len--;
	assert_found(&table, 0, 5, 10);
}

static void test_numbers_without_end_are_refused(void **state)
{
	struct v8_position position = {.offset = 5};
	uint8_t bytes[64];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(v8_positions_find(bytes, sizeof(bytes), 0, 5, &position), -EBADMSG);
	assert_int_equal(v8_positions_find(bytes, sizeof(bytes), 2, 5, &position), -EBADMSG);
	assert_int_equal(position.offset, 5);
}

/* Bytecodes 4 of length 1, 5 of length 3; behind Wide 1 and 5; behind ExtraWide 1 and 9. */
static const struct v8_layout layout = {
	.n_bytecodes = 6,
	.bytecode_sizes = {{1, 1, 1, 1, 1, 3}, {0, 0, 0, 0, 1, 5}, {0, 0, 0, 0, 1, 9}},
};

static const uint8_t code[] = {
	4,                            /* 0 */
	5, 0, 0,                      /* 1 */
	0, 5, 0, 0, 0, 0,             /* 4: wide */
	1, 5, 0, 0, 0, 0, 0, 0, 0, 0, /* 10: extra wide */
	4,                            /* 20 */
};

static int baseline(const struct table *table, uint32_t at, uint32_t *ret)
{
	return v8_baseline_bytecode(&layout, table->bytes, table->len,
				    &(struct v8_bytecodes){.code = code, .len = sizeof(code)}, at,
				    ret);
}

static void test_baseline_code_leads_to_its_bytecode(void **state)
{
	static const struct {
		uint32_t at;
		uint32_t bytecode;
	} expected[] = {{0, 0},   {199, 0}, {200, 0},  {209, 0},  {210, 1},
			{219, 1}, {220, 4}, {230, 10}, {240, 20}, {249, 20}};
	struct table table = {0};
	uint32_t bytecode;

	(void)state;
	put(&table, 200); /* prologue */
	for (int i = 0; i < 5; i++)
		put(&table, 10);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(baseline(&table, expected[i].at, &bytecode), 0);
		assert_int_equal(bytecode, expected[i].bytecode);
	}
	assert_int_equal(baseline(&table, 250, &bytecode), -EBADMSG);
}

static void test_baseline_tables_that_do_not_fit_are_refused(void **state)
{
	static const uint8_t unknown[] = {200, 200, 200};
	const struct v8_bytecodes cut = {.code = code, .len = 11}; /* behind a prefix */
	struct table table = {0};
	uint32_t bytecode = 77;

	(void)state;
	assert_int_equal(baseline(&table, 0, &bytecode), -EBADMSG);
	for (int i = 0; i < 8; i++)
		put(&table, 10);
	assert_int_equal(baseline(&table, 75, &bytecode), -EBADMSG);
	assert_int_equal(v8_baseline_bytecode(&layout, table.bytes, table.len, &cut, 55, &bytecode),
			 -EBADMSG);
	assert_int_equal(v8_baseline_bytecode(&layout, table.bytes, table.len,
					      &(struct v8_bytecodes){unknown, sizeof(unknown)}, 25,
					      &bytecode),
			 -EBADMSG);
	assert_int_equal(v8_baseline_bytecode(&layout, table.bytes, table.len,
					      &(struct v8_bytecodes){NULL, 0}, 5, &bytecode),
			 -EBADMSG);
	assert_int_equal(bytecode, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_entry_at_or_before_counts),
		cmocka_unit_test(test_so_it_does_with_flags_in_the_number),
		cmocka_unit_test(test_inlining_is_told_apart_from_the_offset),
		cmocka_unit_test(test_external_places_are_none_in_the_script),
		cmocka_unit_test(test_empty_tables_tell_nothing),
		cmocka_unit_test(test_tables_that_are_cut_count_up_to_there),
		cmocka_unit_test(test_numbers_without_end_are_refused),
		cmocka_unit_test(test_baseline_code_leads_to_its_bytecode),
		cmocka_unit_test(test_baseline_tables_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
