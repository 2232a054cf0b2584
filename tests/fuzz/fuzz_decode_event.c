/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Records as the kernel side sends them, with anything in them. First byte: bit 0 keeps queries, bit
 * 1 leaves kind and text length as they are, else they are made to fit.
 */
#include "tests/fuzz/fuzz.h"

#include "aggregator/decode.h"

static void check_event(const struct event *event)
{
	must(event->kind > 0 && event->kind < NT_EVENT_KINDS);
	must(event->text && event->text_len < DECODE_TEXT_MAX);
	must(strlen(event->text) == event->text_len);
	must(event->n_candidates <= EVENT_MAX_CANDIDATES);
	must(event->exec <= 1ULL << 53 && event->counter <= 1ULL << 53);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decoder decoder;
	struct input input = {data, size};
	uint8_t how = take_u8(&input);
	struct nt_event raw;
	struct stacks *stacks;
	struct event event;
	uint8_t *record;

	must(!stacks_new(16, 4096, &stacks));
	decoder.keep_query = how & 1;
	record = malloc(input.left ? input.left : 1);
	must(record);
	if (input.left)
		memcpy(record, input.at, input.left);
	if (!(how & 2) && input.left >= sizeof(raw)) {
		memcpy(&raw, record, sizeof(raw));
		raw.kind %= NT_EVENT_KINDS;
		raw.text_len = (uint16_t)(input.left - sizeof(raw));
		memcpy(record, &raw, sizeof(raw));
	}
	if (!decode_event(&decoder, stacks, record, input.left, &event))
		check_event(&event);
	free(record);
	stacks_free(stacks);
	return 0;
}
