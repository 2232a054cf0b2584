/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Recordings of events that are made up: every field of them, numbers small, large and extreme. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_RECORDING_H
#define NT_TESTS_UNIT_AGGREGATOR_RECORDING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/record.h"
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

static inline int make_stacks(void **state)
{
	(void)state;
	return stacks_new(1000, 1 << 20, &stacks);
}

static inline int drop_stacks(void **state)
{
	(void)state;
	stacks_free(stacks);
	return 0;
}

static inline uint64_t random64(void)
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

static inline const struct stack *random_stack(void)
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
static inline bool is_kind(unsigned int number)
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

static inline struct event random_event(void)
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

static inline struct file record(const struct event *events, size_t n, bool finish)
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

static inline struct file record_random(unsigned int seed, size_t n, struct event *events)
{
	size_t i;

	srand(seed);
	for (i = 0; i < n; i++)
		events[i] = random_event();
	return record(events, n, true);
}

static inline int replay_open(const struct file *file, FILE **ret_in, struct replay **ret_replay)
{
	int err;

	*ret_in = fmemopen(file->data, file->len, "r");
	assert_non_null(*ret_in);
	err = replay_new(*ret_in, ret_replay);
	if (err)
		assert_int_equal(fclose(*ret_in), 0);
	return err;
}

#endif
