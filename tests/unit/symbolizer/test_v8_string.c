/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_string.h"

#include "symbolizer/v8_fake_heap.h"

static void assert_copy(struct fake_heap *fake, uint64_t string, const char *expected)
{
	char buf[256];
	size_t len = 0;

	assert_int_equal(v8_string_copy(&fake->heap, string, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(buf, expected, len);
}

static int copy_error(struct fake_heap *fake, uint64_t string)
{
	char buf[64];
	size_t len = 77;
	int err = v8_string_copy(&fake->heap, string, buf, sizeof(buf), &len);

	if (err)
		assert_int_equal(len, 77);
	return err;
}

static void test_one_byte_strings_are_latin1(void **state)
{
	assert_copy(*state, fake_string(*state, "plain"), "plain");
	assert_copy(*state, fake_string(*state, "gr\xf6\xdf"), "größ");
	assert_copy(*state, fake_string(*state, ""), "");
}

static void test_wide_strings_are_utf16(void **state)
{
	const uint16_t units[] = {'a', 0xe9, 0x540d, 0xd83d, 0xde00};

	assert_copy(*state, fake_wide(*state, units, 5), "aé名😀");
}

static void test_a_half_character_at_the_end_is_kept_as_such(void **state)
{
	const uint16_t units[] = {'a', 0xd83d};

	assert_copy(*state, fake_wide(*state, units, 2), "a\xed\xa0\xbd");
}

static void test_parts_are_put_together(void **state)
{
	uint64_t ab =
		fake_cons(*state, fake_string(*state, "left "), fake_string(*state, "mid "), 9);
	uint64_t all = fake_cons(*state, ab, fake_string(*state, "right"), 14);

	assert_copy(*state, all, "left mid right");
}

static void test_characters_of_two_parts_meet(void **state)
{
	const uint16_t high = 0xd83d;
	const uint16_t low = 0xde00;

	assert_copy(*state,
		    fake_cons(*state, fake_wide(*state, &high, 1), fake_wide(*state, &low, 1), 2),
		    "😀");
}

static uint64_t sliced(struct fake_heap *fake, uint64_t parent, int32_t offset, uint32_t length)
{
	uint64_t string = fake_string_of(fake, FAKE_SLICED | FAKE_ONE_BYTE, length, 32);

	fake_word(fake, string, fake->layout.sliced_parent, parent);
	fake_word(fake, string, fake->layout.sliced_offset, fake_smi(offset));
	return string;
}

static void test_slices_are_parts_of_their_parent(void **state)
{
	uint64_t parent = fake_string(*state, "0123456789");
	uint64_t cons = fake_cons(*state, parent, parent, 20);

	assert_copy(*state, sliced(*state, parent, 3, 4), "3456");
	assert_copy(*state, sliced(*state, cons, 8, 4), "8901");
	assert_copy(*state, sliced(*state, cons, 12, 3), "234");
}

static void test_slices_do_not_leave_their_parent(void **state)
{
	uint64_t parent = fake_string(*state, "0123456789");

	assert_int_equal(copy_error(*state, sliced(*state, parent, 8, 4)), -EBADMSG);
	assert_int_equal(copy_error(*state, sliced(*state, parent, -1, 4)), -EBADMSG);
	assert_int_equal(copy_error(*state, sliced(*state, parent, INT32_MAX, 4)), -EBADMSG);
}

static void test_thin_strings_stand_for_another(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t thin = fake_string_of(fake, FAKE_THIN | FAKE_ONE_BYTE, 5, 24);

	fake_word(fake, thin, fake->layout.thin_actual, fake_string(fake, "other"));
	assert_copy(fake, thin, "other");
}

static void test_external_strings_are_outside_of_the_heap(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t data = fake_alloc(fake, 8);
	uint64_t resource = fake_alloc(fake, 24);
	uint64_t cached = fake_string_of(fake, FAKE_EXTERNAL | FAKE_ONE_BYTE, 4, 32);
	uint64_t uncached =
		fake_string_of(fake, FAKE_EXTERNAL | FAKE_ONE_BYTE | FAKE_UNCACHED, 4, 24);

	fake_put(fake, data + 1, 0, "code", 4);
	fake_word(fake, resource + 1, 8, data);
	fake_word(fake, cached, fake->layout.external_data, data);
	fake_word(fake, uncached, fake->layout.external_resource, resource);
	assert_copy(fake, cached, "code");
	assert_copy(fake, uncached, "code");
}

static void test_long_strings_come_in_order(void **state)
{
	struct fake_heap *fake = *state;
	static char text[100000];
	static char copy[200000];
	size_t len;

	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(
		v8_string_copy(&fake->heap, fake_string(fake, text), copy, sizeof(copy), &len), 0);
	assert_int_equal(len, sizeof(text) - 1);
	assert_memory_equal(copy, text, len);
}

static void test_copies_are_cut_between_characters(void **state)
{
	struct fake_heap *fake = *state;
	char buf[5];
	size_t len;

	assert_int_equal(v8_string_copy(&fake->heap, fake_string(fake, "abc\xf6\xf6"), buf,
					sizeof(buf), &len),
			 0);
	assert_int_equal(len, 5);
	assert_memory_equal(buf, "abc\xc3\xb6", 5);
	assert_int_equal(v8_string_copy(&fake->heap, fake_string(fake, "abcd\xf6"), buf,
					sizeof(buf), &len),
			 0);
	assert_int_equal(len, 4);
}

static void test_a_string_of_itself_ends(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t cons = fake_cons(fake, 0, 0, 1 << 20);
	uint64_t thin = fake_string_of(fake, FAKE_THIN | FAKE_ONE_BYTE, 8, 24);

	fake_word(fake, cons, fake->layout.cons_first, cons);
	fake_word(fake, cons, fake->layout.cons_second, cons);
	fake_word(fake, thin, fake->layout.thin_actual, thin);
	assert_int_equal(copy_error(fake, cons), -EBADMSG);
	assert_int_equal(copy_error(fake, thin), -EBADMSG);
}

static void test_a_tree_without_end_costs_little(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t empty = fake_string(fake, "");
	uint64_t cons = fake_cons(fake, empty, 0, 1 << 30);
	size_t reads = fake->reads;

	fake_word(fake, cons, fake->layout.cons_second, cons);
	assert_int_equal(copy_error(fake, cons), -EBADMSG);
	assert_true(fake->reads - reads < 100);
}

static int count_chars(void *user, const struct v8_chars *chars)
{
	*(size_t *)user += chars->n;
	return 0;
}

static void test_strings_too_deep_are_refused(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t string = fake_string(fake, "x");
	size_t n = 0;

	for (uint32_t i = 2; i < 40; i++)
		string = fake_cons(fake, string, fake_string(fake, "x"), i);
	assert_int_equal(copy_error(fake, string), 0);
	for (uint32_t i = 40; i < 200; i++)
		string = fake_cons(fake, string, fake_string(fake, "x"), i);
	assert_int_equal(v8_string_visit(&fake->heap, string, SIZE_MAX, count_chars, &n), -EBADMSG);
}

static void test_absurd_lengths_are_refused(void **state)
{
	struct fake_heap *fake = *state;
	uint64_t string = fake_string(fake, "short");
	size_t n = 0;

	fake_number(fake, string, fake->layout.string_length, 0xffffffff);
	assert_int_equal(copy_error(fake, string), -EBADMSG);
	fake_number(fake, string, fake->layout.string_length, 1 << 30);
	assert_int_equal(v8_string_visit(&fake->heap, string, SIZE_MAX, count_chars, &n), -EFAULT);
	assert_true(n <= FAKE_SIZE);
}

static void test_what_is_no_string_is_refused(void **state)
{
	struct fake_heap *fake = *state;

	assert_int_equal(copy_error(fake, fake_object(fake, 200, 32)), -EBADMSG);
	assert_int_equal(copy_error(fake, fake_smi(5)), -EBADMSG);
	assert_int_equal(copy_error(fake, 0), -EBADMSG);
	assert_int_equal(copy_error(fake, 0x1001), -EFAULT);
	assert_int_equal(copy_error(fake, FAKE_BASE + FAKE_SIZE - 7), -EFAULT);
	/* The number 4 is no representation. */
	assert_int_equal(copy_error(fake, fake_string_of(fake, 4, 3, 32)), -EBADMSG);
	/* Its map is a number. */
	assert_int_equal(copy_error(fake, fake_alloc(fake, 32) + 1), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_one_byte_strings_are_latin1),
		FAKE_TEST(test_wide_strings_are_utf16),
		FAKE_TEST(test_a_half_character_at_the_end_is_kept_as_such),
		FAKE_TEST(test_parts_are_put_together),
		FAKE_TEST(test_characters_of_two_parts_meet),
		FAKE_TEST(test_slices_are_parts_of_their_parent),
		FAKE_TEST(test_slices_do_not_leave_their_parent),
		FAKE_TEST(test_thin_strings_stand_for_another),
		FAKE_TEST(test_external_strings_are_outside_of_the_heap),
		FAKE_TEST(test_long_strings_come_in_order),
		FAKE_TEST(test_copies_are_cut_between_characters),
		FAKE_TEST(test_a_string_of_itself_ends),
		FAKE_TEST(test_a_tree_without_end_costs_little),
		FAKE_TEST(test_strings_too_deep_are_refused),
		FAKE_TEST(test_absurd_lengths_are_refused),
		FAKE_TEST(test_what_is_no_string_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
