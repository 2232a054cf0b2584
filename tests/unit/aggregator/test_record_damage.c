/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Recordings that were cut, damaged or made by an enemy. */
#include "aggregator/replay.h"

#include <endian.h>
#include <errno.h>

#include "aggregator/record_block.h"
#include "aggregator/recording.h"

/* Reads all that can be read; returns how many events, and how it ended in *ret_end. */
static size_t drain(const struct file *file, int *ret_end, bool *ret_complete)
{
	struct replay *replay;
	struct event event;
	FILE *in;
	size_t n = 0;

	*ret_complete = false;
	*ret_end = replay_open(file, &in, &replay);
	if (*ret_end)
		return 0;
	while ((*ret_end = replay_next(replay, &event)) == 1) {
		assert_int_equal(strlen(event.text), event.text_len);
		n++;
	}
	*ret_complete = replay_complete(replay);
	replay_free(replay);
	assert_int_equal(fclose(in), 0);
	return n;
}

static void test_file_cut_anywhere_gives_the_whole_blocks_before(void **state)
{
	struct event *events = calloc(1500, sizeof(*events));
	struct file file = record_random(3, 1500, events);
	struct file cut = file;
	size_t before = 0, step;

	(void)state;
	for (cut.len = 1; cut.len < file.len; cut.len += step) {
		bool is_inside = cut.len > 500 && cut.len + 500 < file.len;
		bool complete;
		size_t n;
		int end;

		n = drain(&cut, &end, &complete);
		assert_true(end == 0 || (end == -EBADMSG && n == 0));
		assert_true(n == 0 || n == 1024 || n == 1500);
		assert_true(n >= before);
		assert_false(complete);
		before = n;
		step = is_inside ? 97 : 1; /* each byte near the start and the end */
	}
	assert_int_equal(before, 1500);
	free(file.data);
	free(events);
}

static void test_unfinished_recording_is_not_complete(void **state)
{
	struct event *events = calloc(1100, sizeof(*events));
	struct file file = record_random(4, 1100, events);
	bool complete;
	int end;

	(void)state;
	free(file.data);
	file = record(events, 1100, false);
	assert_int_equal(drain(&file, &end, &complete), 1024);
	assert_int_equal(end, 0);
	assert_false(complete);
	free(file.data);
	free(events);
}

static void test_flipped_bytes_are_noticed(void **state)
{
	struct event *events = calloc(300, sizeof(*events));
	struct file file = record_random(5, 300, events);
	int round;

	(void)state;
	for (round = 0; round < 1000; round++) {
		size_t at = (size_t)rand() % file.len;
		char flip = (char)(1 << rand() % 8);
		bool complete;
		int end;

		file.data[at] ^= flip;
		(void)drain(&file, &end, &complete);
		/* A length that grows beyond the end looks like a cut file. */
		assert_true(end == -EBADMSG || (end == 0 && !complete));
		file.data[at] ^= flip;
	}
	free(file.data);
	free(events);
}

/* Appends a block whose checksums are right to what may be nonsense inside. */
static void add_block(FILE *out, unsigned int type, const uint8_t *payload, size_t len)
{
	assert_int_equal(record_block_write(out, (enum record_block_type)type, payload, len), 0);
}

static struct file crafted(unsigned int type, const uint8_t *payload, size_t len)
{
	struct file start = record(NULL, 0, false);
	struct file file;
	FILE *out = open_memstream(&file.data, &file.len);

	assert_non_null(out);
	assert_int_equal(fwrite(start.data, 1, start.len, out), start.len);
	add_block(out, type, payload, len);
	assert_int_equal(fclose(out), 0);
	free(start.data);
	return file;
}

static void expect_end(struct file file, int wanted)
{
	bool complete;
	int end;

	assert_int_equal(drain(&file, &end, &complete), 0);
	assert_int_equal(end, wanted);
	free(file.data);
}

static void test_unknown_blocks_are_skipped(void **state)
{
	(void)state;
	expect_end(crafted(99, (const uint8_t *)"nonsense", 8), 0);
	expect_end(crafted(0, (const uint8_t *)"nonsense", 8), 0);
}

static void test_messages_that_contradict_themselves_are_damaged(void **state)
{
	/* field << 3 | wire type, length, contents; see aggregator/record.proto */
	static const uint8_t short_column[] = {0x08, 2, 0x12, 1, 0};
	static const uint8_t too_many[] = {0x08, 0x81, 0x08};
	static const uint8_t unknown_stack[] = {0x08, 1, 0x2a, 1, 4, 0x6a, 1, 2};
	static const uint8_t negative_stack[] = {0x08, 1, 0x2a, 1, 4, 0x6a, 1, 1};
	static const uint8_t text_missing[] = {0x08, 1, 0x2a, 1, 4, 0x8a, 1, 1, 4};
	static const uint8_t pairs_missing[] = {0x08, 1, 0x2a, 1, 4, 0xb2, 1, 1, 2};
	static const uint8_t bad_framing[] = {0x08, 1, 0x2a, 1, 4, 0x9a, 1, 1, 14};
	static const uint8_t frames_missing[] = {0x0a, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x12, 1, 3};
	static const uint8_t no_message[] = {0xff, 0xff, 0xff};

	(void)state;
#define DAMAGED(type, payload) expect_end(crafted(type, payload, sizeof(payload)), -EBADMSG)
	DAMAGED(RECORD_BLOCK_EVENTS, short_column);
	DAMAGED(RECORD_BLOCK_EVENTS, too_many);
	DAMAGED(RECORD_BLOCK_EVENTS, unknown_stack);
	DAMAGED(RECORD_BLOCK_EVENTS, negative_stack);
	DAMAGED(RECORD_BLOCK_EVENTS, text_missing);
	DAMAGED(RECORD_BLOCK_EVENTS, pairs_missing);
	DAMAGED(RECORD_BLOCK_EVENTS, bad_framing);
	DAMAGED(RECORD_BLOCK_STACKS, frames_missing);
	DAMAGED(RECORD_BLOCK_EVENTS, no_message);
	DAMAGED(RECORD_BLOCK_NAMES, no_message);
	DAMAGED(RECORD_BLOCK_STACKS, no_message);
	DAMAGED(RECORD_BLOCK_FOOTER, no_message);
#undef DAMAGED
}

static void test_unknown_kinds_are_skipped(void **state)
{
	/* Of kind 127, which does not exist, and of kind STACK, which is never recorded. */
	static const uint8_t payload[] = {0x08, 2, 0x2a, 3, 0xfe, 1, 2 * NT_EVENT_STACK};

	(void)state;
	expect_end(crafted(RECORD_BLOCK_EVENTS, payload, sizeof(payload)), 0);
}

static void test_text_of_the_file_is_sanitized_again(void **state)
{
	/* One INIT event with the text "\x1b[m" */
	static const uint8_t payload[] = {
		0x08, 1, 0x2a, 1, 2 * NT_EVENT_INIT, 0x8a, 1, 1, 6, 0xba, 1, 3, 0x1b, '[', 'm'};
	struct file file = crafted(RECORD_BLOCK_EVENTS, payload, sizeof(payload));
	struct replay *replay;
	struct event event;
	FILE *in;

	(void)state;
	assert_int_equal(replay_open(&file, &in, &replay), 0);
	assert_int_equal(replay_next(replay, &event), 1);
	assert_string_equal(event.text, "\\x1b[m");
	replay_free(replay);
	assert_int_equal(fclose(in), 0);
	free(file.data);
}

static void test_random_messages_never_crash(void **state)
{
	int round;

	(void)state;
	srand(6);
	for (round = 0; round < 2000; round++) {
		uint8_t payload[200];
		size_t len = (size_t)rand() % sizeof(payload);
		struct file file;
		bool complete;
		size_t i;
		int end;

		/* Mostly plausible: small numbers, known tags. */
		for (i = 0; i < len; i++)
			payload[i] = (uint8_t)(rand() % 4 ? rand() % 8 : rand());
		file = crafted((unsigned int)rand() % 7, payload, len);
		(void)drain(&file, &end, &complete);
		assert_true(end == 0 || end == -EBADMSG);
		free(file.data);
	}
}

static void test_sizes_are_capped(void **state)
{
	size_t len = RECORD_MAX_PAYLOAD + 1;
	uint8_t *bomb = calloc(1, len);
	struct file file = record(NULL, 0, false);
	FILE *null = fopen("/dev/null", "we");
	uint32_t huge = htole32(UINT32_MAX);

	(void)state;
	assert_int_equal(record_block_write(null, RECORD_BLOCK_NAMES, bomb, len), -EMSGSIZE);
	(void)fclose(null);
	free(bomb);
	memcpy(file.data + RECORD_MAGIC_LEN, &huge, sizeof(huge));
	expect_end(file, -EBADMSG);
}

static void test_other_files_are_refused(void **state)
{
	struct file file = {.data = strdup("not a recording, but long enough"), .len = 30};

	(void)state;
	expect_end(file, -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_cut_anywhere_gives_the_whole_blocks_before),
		cmocka_unit_test(test_unfinished_recording_is_not_complete),
		cmocka_unit_test(test_flipped_bytes_are_noticed),
		cmocka_unit_test(test_unknown_blocks_are_skipped),
		cmocka_unit_test(test_messages_that_contradict_themselves_are_damaged),
		cmocka_unit_test(test_unknown_kinds_are_skipped),
		cmocka_unit_test(test_text_of_the_file_is_sanitized_again),
		cmocka_unit_test(test_random_messages_never_crash),
		cmocka_unit_test(test_sizes_are_capped),
		cmocka_unit_test(test_other_files_are_refused),
	};

	return cmocka_run_group_tests(tests, make_stacks, drop_stacks);
}
