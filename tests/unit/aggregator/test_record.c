/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is recorded comes back as it was. */
#include "aggregator/record.h"

#include <errno.h>

#include "aggregator/decode.h"
#include "aggregator/recording.h"

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
		cmocka_unit_test(test_full_disk_is_reported_and_sticks),
		cmocka_unit_test(test_impossible_events_are_refused),
	};

	return cmocka_run_group_tests(tests, make_stacks, drop_stacks);
}
