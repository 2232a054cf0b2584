/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_spills.h"

#include "symbolizer/base.h"
#include "symbolizer/v8_fake_heap.h"

/* Tables of small functions as they stood in the memory of node. */
static const uint8_t node20[] = {
	0x04, 0x00, 0x00, 0x00, 0xa1, 0x04, 0x00, 0x00, 0x4b, 0x00, 0x05,
	0xc7, 0x01, 0x10, 0x01, 0x06, 0xcb, 0x01, 0x53, 0x01, 0x07, 0xcf,
	0x01, 0xa3, 0x01, 0x00, 0x00, 0x00, 0x0c, 0x0c, 0x0c, 0x0e,
};
static const uint8_t node22[] = {
	0x05, 0x00, 0x00, 0x00, 0xa1, 0x04, 0x00, 0x00, 0x4c, 0x00, 0x05, 0x21, 0x02,
	0x33, 0x01, 0x00, 0x00, 0x00, 0x4a, 0x01, 0x06, 0x25, 0x02, 0x8e, 0x01, 0x07,
	0x29, 0x02, 0xf5, 0x01, 0x00, 0x00, 0x00, 0x30, 0x31, 0x30, 0x30, 0x39,
};
static const uint8_t node24[] = {
	0x0b, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0xa1, 0x04, 0x00, 0x00, 0x3e, 0x00,
	0x05, 0x0d, 0x02, 0x25, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x01, 0x06, 0x11, 0x02, 0x80,
	0x01, 0x07, 0x15, 0x02, 0xe1, 0x01, 0x00, 0x00, 0x00, 0x30, 0x31, 0x30, 0x30, 0x39,
};
static const uint8_t node24_maglev[] = {
	0x0f, 0x00, 0x00, 0x00, 0x1e, 0x00, 0x00, 0x00, 0xa5, 0x00,
	0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x30, 0x00, 0x3a, 0xcc,
};

static int dead_at(uint32_t version, const struct v8_safepoints *table, uint32_t at,
		   uint64_t *ret_dead)
{
	struct v8_layout layout = {.version = version};

	v8_layout_table_fill(&layout);
	return v8_spills_read(&layout, table, at, ret_dead);
}

static void check(uint32_t version, const struct v8_safepoints *table, uint32_t at, uint64_t want)
{
	uint64_t dead = ~want;

	assert_int_equal(dead_at(version, table, at, &dead), 0);
	assert_int_equal(dead, want);
}

/* The numbers of slots are those of the Code then. */
static void test_turbofan_has_a_bit_for_each_slot(void **state)
{
	const struct v8_safepoints table20 = {.bytes = node20, .len = sizeof(node20), .slots = 9};
	const struct v8_safepoints table22 = {.bytes = node22, .len = sizeof(node22), .slots = 11};
	const struct v8_safepoints table24 = {.bytes = node24, .len = sizeof(node24)};

	(void)state;
	check(1103, &table20, 0x4b, 0xc);
	check(1103, &table20, 272, 0xc);
	check(1103, &table20, 0x1a3, 0x8);
	check(1204, &table22, 330, 0x3c);
	check(1204, &table22, 0x133, 0x1c);
	check(1306, &table24, 316, 0x3c);
	check(1306, &table24, 0x125, 0x1c);
	check(1306, &table24, 0x1e1, 0x18);
}

static void test_an_entry_holds_until_the_next_one(void **state)
{
	const struct v8_safepoints table = {.bytes = node24, .len = sizeof(node24)};
	uint64_t dead;

	(void)state;
	check(1306, &table, 0x13b, 0x1c);
	check(1306, &table, 0x13c, 0x3c);
	check(1306, &table, 0x2000, 0x18);
	assert_int_equal(dead_at(1306, &table, 0x3d, &dead), -EBADMSG);
}

static void test_maglev_keeps_what_its_functions_need(void **state)
{
	struct v8_safepoints table = {
		.bytes = node24_maglev,
		.len = sizeof(node24_maglev),
		.is_maglev = true,
		.words = UINT64_MAX,
	};

	(void)state;
	check(1306, &table, 1860, 0);
	table.words = 0x204;
	check(1306, &table, 1860, 0x1fb);
	table.words = 0xf000; /* behind its slots: of others */
	check(1306, &table, 1860, 0x3ff);
}

static void test_slots_without_objects_are_dead(void **state)
{
	uint8_t bytes[sizeof(node24_maglev)];
	struct v8_safepoints table = {
		.bytes = bytes, .len = sizeof(bytes), .is_maglev = true, .words = UINT64_MAX};
	uint64_t dead;

	(void)state;
	memcpy(bytes, node24_maglev, sizeof(bytes));
	bytes[12] = 7;
	check(1306, &table, 1860, 0x380);
	bytes[12] = 11; /* more than there are */
	assert_int_equal(dead_at(1306, &table, 1860, &dead), -EBADMSG);
}

static void test_frames_with_many_slots_are_told_in_part(void **state)
{
	uint8_t bytes[sizeof(node24_maglev)];
	const struct v8_safepoints table = {
		.bytes = bytes, .len = sizeof(bytes), .is_maglev = true, .words = UINT64_MAX};

	(void)state;
	memcpy(bytes, node24_maglev, sizeof(bytes));
	bytes[0] = 200;
	check(1306, &table, 1860, ~0x3ffULL);
}

static void test_tables_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{0, 4},     /* fewer slots than each frame has */
		{3, 1},     /* too many */
		{4, 0},     /* no entries */
		{7, 1},     /* too many */
		{8, 0x81},  /* a pc of no bytes */
		{8, 0xd1},  /* of five */
		{10, 1},    /* a bit map as for a larger frame */
		{4, 6},     /* longer than what there is */
		{17, 0x01}, /* not in order */
	};
	uint8_t bytes[sizeof(node24)];
	const struct v8_safepoints table = {.bytes = bytes, .len = sizeof(bytes)};
	uint64_t dead = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		memcpy(bytes, node24, sizeof(bytes));
		bytes[changes[i].at] = changes[i].value;
		if (changes[i].at == 17)
			bytes[18] = 0;
		assert_int_equal(dead_at(1306, &table, 316, &dead), -EBADMSG);
	}
	assert_int_equal(dead, 77);
}

static void test_damaged_tables_do_no_harm(void **state)
{
	uint8_t bytes[sizeof(node24)];
	uint64_t dead;

	(void)state;
	memcpy(bytes, node24, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		for (int value = 0; value < 256; value++) {
			const struct v8_safepoints table = {.bytes = bytes, .len = sizeof(bytes)};

			bytes[i] = (uint8_t)value;
			(void)dead_at(1306, &table, 316, &dead);
		}
		bytes[i] = node24[i];
	}
	for (size_t len = 0; len < sizeof(bytes); len++) {
		const struct v8_safepoints table = {.bytes = bytes, .len = len};

		assert_int_equal(dead_at(1306, &table, 316, &dead), -EBADMSG);
	}
}

static struct fake_heap *fake_of(void **state, uint32_t version)
{
	struct fake_heap *fake = *state;

	fake->layout.version = version;
	v8_layout_table_fill(&fake->layout);
	return fake;
}

static void test_code_is_looked_up_behind_its_instructions(void **state)
{
	struct fake_heap *fake = fake_of(state, 1306);
	const struct fake_code at = fake_code(fake, 0, 600, 0, 0);
	struct v8_code code = {.kind = V8_CODE_TURBOFAN, .start = at.start, .size = 600};
	uint64_t dead = 0;

	fake_put(fake, code.start + code.size + 1, 0, node24, sizeof(node24));
	assert_int_equal(v8_spills_dead(&fake->heap, &code, code.start + 316, &dead), 0);
	assert_int_equal(dead, 0x3c);
	code.kind = V8_CODE_BASELINE;
	assert_int_equal(v8_spills_dead(&fake->heap, &code, code.start + 316, &dead), -ENOENT);
}

static void test_releases_that_were_not_looked_at_tell_nothing(void **state)
{
	struct v8_code code = {.kind = V8_CODE_MAGLEV, .start = FAKE_BASE, .size = 600};
	uint64_t dead;

	assert_int_equal(v8_spills_dead(&fake_of(state, 1204)->heap, &code, code.start + 316,
					&dead),
			 -ENOENT);
	code.kind = V8_CODE_TURBOFAN;
	fake_of(state, 1002)->layout.safepoint_format = 0;
	assert_int_equal(v8_spills_dead(&((struct fake_heap *)*state)->heap, &code,
					code.start + 316, &dead),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turbofan_has_a_bit_for_each_slot),
		cmocka_unit_test(test_an_entry_holds_until_the_next_one),
		cmocka_unit_test(test_maglev_keeps_what_its_functions_need),
		cmocka_unit_test(test_slots_without_objects_are_dead),
		cmocka_unit_test(test_frames_with_many_slots_are_told_in_part),
		cmocka_unit_test(test_tables_that_make_no_sense_are_refused),
		cmocka_unit_test(test_damaged_tables_do_no_harm),
		FAKE_TEST(test_code_is_looked_up_behind_its_instructions),
		FAKE_TEST(test_releases_that_were_not_looked_at_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
