/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/decode.h"
#include "aggregator/record_block.h"
#include "aggregator/replay.h"
#include "symbolizer/base.h"

#define MAX_FRAMES 5

static const struct record_header header = {
	.pid = 4121,
	.node_version = "v20.20.2",
	.program = "ntrace-bpf 0.1.0",
	.keep_query = true,
	.start_ns = 123456789,
	.start_unix_ns = 1700000000000000000ULL,
};

struct file {
	char *data;
	size_t len;
};

static struct stacks *stacks;

static int make_stacks(void **state)
{
	(void)state;
	return stacks_new(1000, 1 << 20, &stacks);
}

static int drop_stacks(void **state)
{
	(void)state;
	stacks_free(stacks);
	return 0;
}

static uint64_t random64(void)
{
	/* Small, large and extreme numbers alike. */
	switch (rand() % 4) {
	case 0:
		return (uint64_t)rand() % 3;
	case 1:
		return (uint64_t)rand();
	case 2:
		return (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11;
	default:
		return UINT64_MAX - (uint64_t)rand() % 3;
	}
}

static const struct stack *random_stack(void)
{
	static const char *const functions[] = {"handler", "uv_run", "js", "Module._load"};
	struct frame frames[MAX_FRAMES] = {0};
	uint64_t id = (uint64_t)rand() % 50 + 1;
	size_t n = id % MAX_FRAMES + 1;
	size_t i;

	if (rand() % 3 == 0)
		return NULL;
	for (i = 0; i < n; i++) {
		const char *name = functions[(id + i) % ARRAY_SIZE(functions)];

		frames[i].function = stacks_name(stacks, name, strlen(name));
		frames[i].file = (id + i) % 3 ? stacks_name(stacks, "/app.js", 7) : NULL;
		frames[i].address = id * 1000 - i;
		frames[i].line = (uint32_t)(id + i);
		frames[i].column = (uint32_t)i;
		frames[i].kind = (enum frame_kind)((id + i) % FRAME_KINDS);
		frames[i].of_function = (id * 7 + i) % 5 == 0;
	}
	return stacks_add(stacks, id, frames, n);
}

/* Numbers of kinds that are gone stay unused. */
static bool is_kind(unsigned int number)
{
	switch (number) {
#define KIND_CASE(name, lower, value) case value:
		NT_EVENTS(KIND_CASE)
#undef KIND_CASE
		return true;
	default:
		return false;
	}
}

static struct event random_event(void)
{
	static const char text[] = "/users/42 caf\xc3\xa9 http://host/path";
	struct event event = {0};
	uint32_t i;

	do {
		event.kind = (enum nt_event_kind)(1 + rand() % (NT_EVENT_KINDS - 1));
	} while (event.kind == NT_EVENT_STACK || !is_kind(event.kind));
	event.ts = random64();
	event.tid = (uint32_t)random64();
	event.seq = (uint32_t)random64();
	event.arg = (uint32_t)random64();
	event.has_ids = rand() % 2;
	event.tick = (uint8_t)rand();
	event.immediates = (uint32_t)random64();
	event.exec = random64();
	event.trigger = random64();
	event.counter = random64();
	event.stack = random_stack();
	event.a = random64();
	event.b = random64();
	event.c = random64();
	event.text = "";
	if (rand() % 2) {
		event.text = text;
		event.text_len = sizeof(text) - 1;
	}
	event.status = (uint32_t)random64();
	event.framing = (enum body_framing)(rand() % (BODY_UNTIL_CLOSE + 1));
	event.content_length = random64();
	event.head_length = (uint32_t)random64();
	event.n_candidates = (uint32_t)rand() % (EVENT_MAX_CANDIDATES + 1);
	for (i = 0; i < event.n_candidates; i++)
		event.candidates[i] = (struct timer_candidate){random64(), random64()};
	return event;
}

static struct file record(const struct event *events, size_t n, bool finish)
{
	struct recorder *recorder;
	struct file file;
	FILE *out = open_memstream(&file.data, &file.len);
	size_t i;

	assert_non_null(out);
	assert_int_equal(recorder_new(out, &header, &recorder), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(recorder_event(recorder, &events[i]), 0);
	if (finish)
		assert_int_equal(recorder_finish(recorder, 77, 88), 0);
	recorder_free(recorder);
	assert_int_equal(fclose(out), 0);
	return file;
}

static struct file record_random(unsigned int seed, size_t n, struct event *events)
{
	size_t i;

	srand(seed);
	for (i = 0; i < n; i++)
		events[i] = random_event();
	return record(events, n, true);
}

static void expect_same_stack(const struct stack *a, const struct stack *b)
{
	uint32_t i;

	assert_int_equal(!a, !b);
	if (!a || !b)
		return;
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->n_frames, b->n_frames);
	for (i = 0; i < a->n_frames; i++) {
		assert_string_equal(a->frames[i].function, b->frames[i].function);
		assert_int_equal(!a->frames[i].file, !b->frames[i].file);
		if (a->frames[i].file)
			assert_string_equal(a->frames[i].file, b->frames[i].file);
		assert_true(a->frames[i].address == b->frames[i].address);
		assert_int_equal(a->frames[i].line, b->frames[i].line);
		assert_int_equal(a->frames[i].column, b->frames[i].column);
		assert_int_equal(a->frames[i].kind, b->frames[i].kind);
		assert_int_equal(a->frames[i].of_function, b->frames[i].of_function);
	}
}

static void expect_same(const struct event *a, const struct event *b)
{
	assert_true(a->ts == b->ts && a->exec == b->exec && a->trigger == b->trigger);
	assert_true(a->counter == b->counter && a->a == b->a && a->b == b->b && a->c == b->c);
	assert_true(a->content_length == b->content_length);
	assert_int_equal(a->tid, b->tid);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->arg, b->arg);
	assert_int_equal(a->has_ids, b->has_ids);
	assert_int_equal(a->tick, b->tick);
	assert_int_equal(a->immediates, b->immediates);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->framing, b->framing);
	assert_int_equal(a->head_length, b->head_length);
	assert_int_equal(a->text_len, b->text_len);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->n_candidates, b->n_candidates);
	assert_memory_equal(a->candidates, b->candidates,
			    a->n_candidates * sizeof(a->candidates[0]));
	expect_same_stack(a->stack, b->stack);
}

static int replay_open(const struct file *file, FILE **ret_in, struct replay **ret_replay)
{
	int err;

	*ret_in = fmemopen(file->data, file->len, "r");
	assert_non_null(*ret_in);
	err = replay_new(*ret_in, ret_replay);
	if (err)
		assert_int_equal(fclose(*ret_in), 0);
	return err;
}

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

static void test_events_come_out_as_they_went_in(void **state)
{
	static const size_t counts[] = {0, 1, 100, 1024, 1025, 5000};
	struct event *events = calloc(5000, sizeof(*events));
	size_t round;

	(void)state;
	for (round = 0; round < ARRAY_SIZE(counts); round++) {
		struct file file = record_random((unsigned int)round, counts[round], events);
		struct replay *replay;
		struct event event;
		FILE *in;
		size_t i;

		assert_int_equal(replay_open(&file, &in, &replay), 0);
		for (i = 0; i < counts[round]; i++) {
			assert_int_equal(replay_next(replay, &event), 1);
			expect_same(&events[i], &event);
		}
		assert_false(counts[round] && replay_complete(replay));
		assert_int_equal(replay_next(replay, &event), 0);
		assert_true(replay_complete(replay));
		assert_int_equal(replay_lost(replay), 77);
		assert_int_equal(replay_end_ns(replay), 88);
		replay_free(replay);
		assert_int_equal(fclose(in), 0);
		free(file.data);
	}
	free(events);
}

static void test_header_comes_out_as_it_went_in(void **state)
{
	struct file file = record(NULL, 0, true);
	const struct record_header *read;
	struct replay *replay;
	FILE *in;

	(void)state;
	assert_int_equal(replay_open(&file, &in, &replay), 0);
	read = replay_header(replay);
	assert_int_equal(read->pid, 4121);
	assert_string_equal(read->node_version, "v20.20.2");
	assert_string_equal(read->program, "ntrace-bpf 0.1.0");
	assert_true(read->keep_query);
	assert_int_equal(read->start_ns, header.start_ns);
	assert_int_equal(read->start_unix_ns, header.start_unix_ns);
	replay_free(replay);
	assert_int_equal(fclose(in), 0);
	free(file.data);
}

static void test_typical_events_are_small(void **state)
{
	struct event *events = calloc(2000, sizeof(*events));
	struct file file;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		events[i] =
			(struct event){.ts = 1000000000 + i * 7321,
				       .tid = 1,
				       .seq = (uint32_t)i,
				       .kind = i % 2 ? NT_EVENT_SCOPE_OPEN : NT_EVENT_SCOPE_CLOSE,
				       .has_ids = true,
				       .exec = i / 2,
				       .counter = i / 2,
				       .a = 0x7ffc00001000,
				       .text = ""};
	}
	file = record(events, 2000, true);
	assert_true(file.len < 2000 * 8);
	free(file.data);
	free(events);
}

static void test_file_cut_anywhere_gives_the_whole_blocks_before(void **state)
{
	struct event *events = calloc(1500, sizeof(*events));
	struct file file = record_random(3, 1500, events);
	struct file cut = file;
	size_t before = 0;

	(void)state;
	/* Each byte near the start and the end, steps between. */
	for (cut.len = 1;
	     cut.len<file.len; cut.len += cut.len> 500 && cut.len + 500 < file.len ? 97 : 1) {
		bool complete;
		size_t n;
		int end;

		n = drain(&cut, &end, &complete);
		assert_true(end == 0 || (end == -EBADMSG && n == 0));
		assert_true(n == 0 || n == 1024 || n == 1500);
		assert_true(n >= before);
		assert_false(complete);
		before = n;
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

static void test_full_disk_is_reported_and_sticks(void **state)
{
	struct event event = {.kind = NT_EVENT_INIT, .text = ""};
	struct recorder *recorder;
	FILE *full = fopen("/dev/full", "we");
	int err = 0;
	size_t i;

	(void)state;
	assert_non_null(full);
	assert_int_equal(recorder_new(full, &header, &recorder), 0); /* still buffered */
	for (i = 0; !err && i < 100000; i++) {
		event.ts = random64();
		event.a = random64();
		err = recorder_event(recorder, &event);
	}
	assert_int_equal(err, -ENOSPC);
	assert_int_equal(recorder_event(recorder, &event), -ENOSPC);
	assert_int_equal(recorder_finish(recorder, 0, 0), -ENOSPC);
	recorder_free(recorder);
	recorder_free(NULL);
	(void)fclose(full);
}

static void test_impossible_events_are_refused(void **state)
{
	struct event event = {
		.kind = NT_EVENT_INIT, .text = "", .n_candidates = EVENT_MAX_CANDIDATES + 1};
	struct recorder *recorder;
	FILE *null = fopen("/dev/null", "we");

	(void)state;
	assert_non_null(null);
	assert_int_equal(recorder_new(null, &header, &recorder), 0);
	assert_int_equal(recorder_event(recorder, &event), -EBADMSG);
	event.n_candidates = 0;
	event.text_len = DECODE_TEXT_MAX;
	assert_int_equal(recorder_event(recorder, &event), -EBADMSG);
	recorder_free(recorder);
	(void)fclose(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_come_out_as_they_went_in),
		cmocka_unit_test(test_header_comes_out_as_it_went_in),
		cmocka_unit_test(test_typical_events_are_small),
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
		cmocka_unit_test(test_full_disk_is_reported_and_sticks),
		cmocka_unit_test(test_impossible_events_are_refused),
	};

	return cmocka_run_group_tests(tests, make_stacks, drop_stacks);
}
