/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_deopt.h"

#include "symbolizer/base.h"
#include "symbolizer/v8_fake_heap.h"

/* Operations, by their numbers in the table. */
enum {
	INTERPRETED_RETURNS = 0, /* 6 operands */
	INTERPRETED = 1,         /* 4 */
	CONTINUATION = 2,        /* 3 */
	BEGIN = 14,              /* 3 */
	VALUE = 16,              /* 1 */
	SLOT = 40,               /* 1 */
	MAGLEV = 11,             /* kind of code */
};

static struct v8_layout layout;

static int load_layout(void **state)
{
	(void)state;
	layout = fake_layout;
	layout.version = 1306;
	v8_layout_table_fill(&layout);
	return 0;
}

static uint64_t signed_operand(int64_t value)
{
	return value < 0 ? (uint64_t)-value << 1 | 1 : (uint64_t)value << 1;
}

static void operation(struct fake_table *table, uint8_t code, size_t n, const int64_t *operands)
{
	table->bytes[table->len++] = code;
	for (size_t i = 0; i < n; i++)
		fake_vlq(table, signed_operand(operands[i]));
}

#define OPERATION(table, code, ...)                                          \
	operation(table, code, ARRAY_SIZE(((const int64_t[]){__VA_ARGS__})), \
		  (const int64_t[]){__VA_ARGS__})

/* Returns where it starts. `earlier`: where the one that it refers to starts, -1 none. */
static size_t begin(struct fake_table *table, int64_t earlier, int32_t frames)
{
	size_t at = table->len;

	table->bytes[table->len++] = BEGIN;
	fake_vlq(table, earlier < 0 ? 0 : at - (size_t)earlier);
	fake_vlq(table, signed_operand(frames));
	fake_vlq(table, signed_operand(frames));
	return at;
}

static int read_at(const struct fake_table *table, size_t at, size_t max,
		   struct v8_translated *ret_frames, size_t *ret_n)
{
	const struct v8_cursor all = {table->bytes, table->bytes + table->len};

	return v8_translation_read(&layout, &all, at, max, ret_frames, ret_n);
}

static void assert_translated(const struct v8_translated *frame, int32_t bytecode, uint32_t literal,
			      uint32_t bytecodes)
{
	assert_int_equal(frame->bytecode, bytecode);
	assert_int_equal(frame->literal, literal);
	assert_int_equal(frame->bytecodes, bytecodes);
}

static void test_interpreted_frames_are_told_outermost_first(void **state)
{
	struct fake_table table = {0};
	struct v8_translated frames[4];
	size_t n;

	(void)state;
	(void)begin(&table, -1, 3);
	OPERATION(&table, INTERPRETED_RETURNS, 300, 1, 2, 7, 0, 1);
	OPERATION(&table, VALUE, -5);
	OPERATION(&table, CONTINUATION, 4, 4, 4); /* of a builtin: no frame of JavaScript */
	OPERATION(&table, VALUE, 5);
	OPERATION(&table, INTERPRETED, -1, 3, 4, 0);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), 0);
	assert_int_equal(n, 2);
	assert_translated(&frames[0], 300, 1, 2);
	assert_translated(&frames[1], -1, 3, 4);
}

static void put_reference(struct fake_table *table, uint32_t count, bool in_code)
{
	if (in_code) {
		table->bytes[table->len++] = (uint8_t)(layout.n_translation_operands + count);
		return;
	}
	table->bytes[table->len++] = (uint8_t)(layout.n_translation_operands - 1);
	fake_vlq(table, count);
}

/* The second frame and what is in front of it are those of the earlier translation. */
static void check_references(bool in_code)
{
	struct fake_table table = {0};
	struct v8_translated frames[4];
	size_t earlier, at, n;

	earlier = begin(&table, -1, 3);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	OPERATION(&table, VALUE, 1);
	OPERATION(&table, INTERPRETED, 20, 3, 4, 0);
	OPERATION(&table, VALUE, 2);
	OPERATION(&table, INTERPRETED, 30, 5, 6, 0);
	at = begin(&table, (int64_t)earlier, 3);
	OPERATION(&table, INTERPRETED, 11, 1, 2, 0);
	put_reference(&table, 2, in_code);
	OPERATION(&table, VALUE, 3);
	OPERATION(&table, INTERPRETED, 31, 7, 8, 0);
	assert_int_equal(read_at(&table, at, 4, frames, &n), 0);
	assert_int_equal(n, 3);
	assert_translated(&frames[0], 11, 1, 2);
	assert_translated(&frames[1], 20, 3, 4);
	assert_translated(&frames[2], 31, 7, 8);
	assert_int_equal(read_at(&table, earlier, 4, frames, &n), 0);
	assert_translated(&frames[2], 30, 5, 6);
}

static void test_references_take_operations_from_the_earlier_one(void **state)
{
	(void)state;
	check_references(false);
	check_references(true);
}

static void test_two_references_in_a_row_go_on_where_they_should(void **state)
{
	struct fake_table table = {0};
	struct v8_translated frames[4];
	size_t earlier, at, n;

	(void)state;
	earlier = begin(&table, -1, 3);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	OPERATION(&table, INTERPRETED, 20, 3, 4, 0);
	OPERATION(&table, INTERPRETED, 30, 5, 6, 0);
	at = begin(&table, (int64_t)earlier, 3);
	put_reference(&table, 1, true);
	OPERATION(&table, INTERPRETED, 21, 3, 4, 0);
	put_reference(&table, 1, false);
	assert_int_equal(read_at(&table, at, 4, frames, &n), 0);
	assert_translated(&frames[0], 10, 1, 2);
	assert_translated(&frames[1], 21, 3, 4);
	assert_translated(&frames[2], 30, 5, 6);
}

static void test_translations_that_make_no_sense_are_refused(void **state)
{
	struct v8_translated frames[4];
	struct fake_table table = {0};
	size_t n = 77;

	(void)state;
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG);
	(void)begin(&table, -1, 2);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG); /* ends too early */
	OPERATION(&table, INTERPRETED, 20, -1, 2, 0);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG);
	assert_int_equal(read_at(&table, 1, 4, frames, &n), -EBADMSG); /* no beginning */
	assert_int_equal(read_at(&table, 1000, 4, frames, &n), -EBADMSG);

	table.len = 0;
	(void)begin(&table, -1, 2);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	OPERATION(&table, INTERPRETED, 20, 1, 2, 0);
	assert_int_equal(read_at(&table, 0, 1, frames, &n), -EBADMSG); /* too many */
	assert_int_equal(n, 77);
	assert_int_equal(read_at(&table, 0, 2, frames, &n), 0);
}

static void test_references_that_lead_nowhere_are_refused(void **state)
{
	struct v8_translated frames[4];
	struct fake_table table = {0};
	size_t at, n = 77;

	(void)state;
	(void)begin(&table, -1, 1);
	put_reference(&table, 1, false); /* to nothing */
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG);
	table.len = 0;
	(void)begin(&table, -1, 1);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	at = begin(&table, 0, 2);
	put_reference(&table, 200, false); /* further than there is */
	assert_int_equal(read_at(&table, at, 4, frames, &n), -EBADMSG);
	table.len = 0;
	table.bytes[table.len++] = BEGIN;
	fake_vlq(&table, 500); /* before the first one */
	fake_vlq(&table, signed_operand(1));
	fake_vlq(&table, signed_operand(1));
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG);
	assert_int_equal(n, 77);
}

static void test_translations_without_frames_tell_nothing(void **state)
{
	struct v8_translated frames[4];
	struct fake_table table = {0};
	size_t n;

	(void)state;
	(void)begin(&table, -1, 1);
	OPERATION(&table, CONTINUATION, 1, 2, 3);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -ENOENT);
	table.len = 0;
	(void)begin(&table, -1, 0);
	assert_int_equal(read_at(&table, 0, 4, frames, &n), -EBADMSG);
}

/* Every cut and every changed byte of a good one: an answer or a refusal, and no more. */
static void test_damaged_translations_do_no_harm(void **state)
{
	struct v8_translated frames[4];
	struct fake_table table = {0};
	size_t at, n;

	(void)state;
	(void)begin(&table, -1, 2);
	OPERATION(&table, INTERPRETED_RETURNS, 300, 1, 2, 7, 0, 1);
	OPERATION(&table, INTERPRETED, 20, 3, 4, 0);
	at = begin(&table, 0, 2);
	put_reference(&table, 2, false);
	for (size_t i = 0; i < table.len; i++) {
		uint8_t good = table.bytes[i];

		for (int value = 0; value < 256; value++) {
			table.bytes[i] = (uint8_t)value;
			(void)read_at(&table, 0, 4, frames, &n);
			(void)read_at(&table, at, 4, frames, &n);
		}
		table.bytes[i] = good;
	}
}

/* The words that hold what the frames need, in this translation and in that which it refers to. */
static void test_words_of_all_frames_are_told_to_the_end(void **state)
{
	struct fake_table table = {0};
	struct v8_cursor all = {table.bytes, NULL};
	uint64_t words = 0;
	size_t earlier, at, next;

	(void)state;
	earlier = begin(&table, -1, 1);
	OPERATION(&table, INTERPRETED, 10, 1, 2, 0);
	OPERATION(&table, SLOT, 5);
	OPERATION(&table, SLOT, 8);
	at = begin(&table, (int64_t)earlier, 2);
	put_reference(&table, 2, true); /* the frame and its first value */
	OPERATION(&table, SLOT, 7);
	OPERATION(&table, VALUE, 9); /* in a register */
	OPERATION(&table, INTERPRETED, 31, 7, 8, 0);
	OPERATION(&table, SLOT, 68);
	OPERATION(&table, SLOT, 69); /* too far */
	OPERATION(&table, SLOT, -2); /* an argument */
	next = begin(&table, -1, 1);
	OPERATION(&table, SLOT, 20);
	all.end = table.bytes + table.len;
	assert_int_equal(v8_translation_words(&layout, &all, earlier, &words), 0);
	assert_int_equal(words, 0x9);
	assert_int_equal(v8_translation_words(&layout, &all, at, &words), 0);
	assert_int_equal(words, 0x8000000000000005);
	assert_int_equal(v8_translation_words(&layout, &all, next, &words), 0);
	assert_int_equal(words, 0x8000);
	assert_int_equal(v8_translation_words(&layout, &all, next + 1, &words), -EBADMSG);
	assert_int_equal(v8_translation_words(&layout, &all, table.len, &words), -EBADMSG);
}

/* Entries of 2 bytes for a pc, 1 for the number, and one register byte. */
static void put_safepoints(struct fake_heap *fake, const struct fake_code *code, uint32_t size)
{
	const uint32_t head[] = {0, 3, 1 | 1 << 1 | 2 << 4 | 1 << 7, 0};
	const uint8_t entries[3][7] = {
		{8, 0, 0, 0xff, 0xff, 0, 0},    /* returns to 8, cannot be given up there */
		{16, 0, 2, 0xff, 0xff, 0, 0},   /* 16, entry 1 */
		{44, 1, 101, 0xff, 0xff, 0, 0}, /* 300, entry 100: there is none */
	};

	fake_put(fake, code->start + size + 1, 0, head, sizeof(head));
	fake_put(fake, code->start + size + 1, sizeof(head), entries, sizeof(entries));
}

struct scene {
	struct fake_code code;
	uint64_t outer;
	uint64_t inner;
	uint64_t bytecodes;
};

/* At 16, `inner` at bytecode 20 was called from `outer` at bytecode 10. */
static struct scene make_scene(struct fake_heap *fake)
{
	struct scene scene = {.outer = fake_shared(fake, 0, 0, 1),
			      .inner = fake_shared(fake, 0, 0, 2),
			      .bytecodes = fake_bytecodes(fake, "code", 4, 0)};
	const uint64_t literals[] = {scene.outer, scene.inner};
	const uint64_t protected[] = {scene.bytecodes};
	struct fake_table table = {0};
	uint64_t words[18] = {0};

	table.bytes[table.len++] = VALUE;
	words[12 + 1 * 3 + 1] = fake_smi((int32_t)begin(&table, -1, 2));
	OPERATION(&table, INTERPRETED, 10, 0, 0, 0);
	OPERATION(&table, INTERPRETED, 20, 1, 0, 0);
	words[0] = fake_table_bytes(fake, &table);
	words[2] = fake_array(fake, fake->layout.type_protected_fixed, protected, 1);
	words[3] = fake_array(fake, fake->layout.type_trusted_fixed, literals, 2);
	scene.code = fake_code(
		fake, MAGLEV, 400,
		fake_array(fake, fake->layout.type_protected_fixed, words, ARRAY_SIZE(words)), 0);
	put_safepoints(fake, &scene.code, 400);
	return scene;
}

static int frames_at(struct fake_heap *fake, const struct scene *scene, uint32_t at, size_t max,
		     struct v8_deopt_frame *ret_frames, size_t *ret_n)
{
	uint64_t deopt = 0;
	struct v8_code code = {.kind = V8_CODE_MAGLEV, .start = scene->code.start, .size = 400};

	assert_int_equal(
		v8_read_word(&fake->heap, scene->code.object, fake->layout.code_deopt, &deopt), 0);
	code.deopt = deopt;
	return v8_deopt_frames(&fake->heap, &code, scene->code.start + at, max, ret_frames, ret_n);
}

static struct fake_heap *fake_of(void **state)
{
	struct fake_heap *fake = *state;

	fake->layout = layout;
	return fake;
}

static void test_return_addresses_lead_to_their_translation(void **state)
{
	struct fake_heap *fake = fake_of(state);
	struct scene scene = make_scene(fake);
	struct v8_deopt_frame frames[4];
	size_t n;

	assert_int_equal(frames_at(fake, &scene, 16, 4, frames, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(frames[0].shared, scene.inner);
	assert_int_equal(frames[0].offset, 20);
	assert_int_equal(frames[0].bytecodes, scene.bytecodes);
	assert_int_equal(frames[1].shared, scene.outer);
	assert_int_equal(frames[1].offset, 10);
}

static void test_return_addresses_without_an_entry_have_none(void **state)
{
	struct fake_heap *fake = fake_of(state);
	struct scene scene = make_scene(fake);
	struct v8_deopt_frame frames[4];
	size_t n = 77;

	assert_int_equal(frames_at(fake, &scene, 8, 4, frames, &n), -ENOENT);
	assert_int_equal(frames_at(fake, &scene, 17, 4, frames, &n), -ENOENT);
	assert_int_equal(frames_at(fake, &scene, 300, 4, frames, &n), -ENOENT);
	assert_int_equal(frames_at(fake, &scene, 16, 1, frames, &n), -EBADMSG);
	assert_int_equal(n, 77);
}

static void test_safepoint_tables_that_make_no_sense_are_refused(void **state)
{
	static const uint32_t heads[][4] = {
		{0, 3, 0, 0},
		{0, 0, 1 | 2 << 4 | 1 << 7, 0},
		{0, 0xffffffff, 1 | 2 << 4 | 1 << 7, 0},
		{0, 3, 1 | 7 << 4 | 1 << 7, 0},
		{0, 3, 1 | 2 << 4 | 1 << 12, 0},
	};
	struct fake_heap *fake = fake_of(state);
	struct scene scene = make_scene(fake);
	struct v8_deopt_frame frames[4];
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		fake_put(fake, scene.code.start + 400 + 1, 0, heads[i], sizeof(heads[i]));
		assert_int_equal(frames_at(fake, &scene, 16, 4, frames, &n), -EBADMSG);
	}
}

static void test_emptied_data_and_unknown_layouts_tell_nothing(void **state)
{
	struct fake_heap *fake = fake_of(state);
	struct scene scene = make_scene(fake);
	struct v8_deopt_frame frames[4];
	size_t n;

	fake->layout.deopt_entries = 0;
	assert_int_equal(frames_at(fake, &scene, 16, 4, frames, &n), -ENOENT);
	fake->layout = layout;
	fake_word(fake, scene.code.object, fake->layout.code_deopt,
		  fake_array(fake, fake->layout.type_protected_fixed, NULL, 0));
	assert_int_equal(frames_at(fake, &scene, 16, 4, frames, &n), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interpreted_frames_are_told_outermost_first),
		cmocka_unit_test(test_references_take_operations_from_the_earlier_one),
		cmocka_unit_test(test_two_references_in_a_row_go_on_where_they_should),
		cmocka_unit_test(test_translations_that_make_no_sense_are_refused),
		cmocka_unit_test(test_references_that_lead_nowhere_are_refused),
		cmocka_unit_test(test_translations_without_frames_tell_nothing),
		cmocka_unit_test(test_damaged_translations_do_no_harm),
		cmocka_unit_test(test_words_of_all_frames_are_told_to_the_end),
		FAKE_TEST(test_return_addresses_lead_to_their_translation),
		FAKE_TEST(test_return_addresses_without_an_entry_have_none),
		FAKE_TEST(test_safepoint_tables_that_make_no_sense_are_refused),
		FAKE_TEST(test_emptied_data_and_unknown_layouts_tell_nothing),
	};

	return cmocka_run_group_tests(tests, load_layout, NULL);
}
