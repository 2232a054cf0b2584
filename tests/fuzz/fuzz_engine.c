/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Events as no node sends them. Each takes a few bytes of the input: small numbers, so that ids,
 * streams and tokens meet, or now and then a huge one.
 */
#include "tests/fuzz/fuzz.h"

#include "aggregator/event.h"
#include "symbolizer/base.h"
#include "tests/fuzz/sink.h"

#define MAX_EVENTS 3000

static const char *const texts[] = {
	"",          "TCPWRAP",   "HTTPINCOMINGMESSAGE", "FSREQCALLBACK",     "Timeout",
	"Immediate", "ZLIB",      "MESSAGEPORT",         "PROCESSWRAP",       "/path?query",
	"/",         "localhost", "127.0.0.1:80",        "GET http://host/x", "QUERYWRAP",
	"a;b c 5",
};

static uint64_t number(struct input *input)
{
	uint8_t first = take_u8(input);

	if (first < 0xf0)
		return first % 24;
	return first < 0xfc ? first * 40ULL : take_u64(input);
}

static void fill_ids(struct input *input, struct event *event, uint64_t *counter)
{
	event->exec = number(input);
	event->trigger = number(input);
	*counter += take_u8(input) % 4;
	event->counter = take_u8(input) == 0xff ? take_u64(input) : *counter;
	event->immediates = (uint32_t)number(input);
	event->tick = take_u8(input);
	event->entered = (event->tick >> 1) % 3;
	event->tick &= 1;
}

static void fill_rest(struct input *input, struct event *event)
{
	event->arg = (uint32_t)number(input);
	event->a = number(input);
	event->b = number(input);
	event->c = number(input);
	event->text = texts[take_u8(input) % ARRAY_SIZE(texts)];
	event->text_len = (uint32_t)strlen(event->text);
	if (event->kind == NT_EVENT_STREAM_WRITE || event->kind == NT_EVENT_STREAM_READ) {
		event->status = take_u16(input) % 600;
		event->framing = (enum body_framing)(take_u8(input) % (BODY_UNTIL_CLOSE + 1));
		event->content_length = number(input);
		event->head_length = (uint32_t)number(input);
	}
	if (event->kind != NT_EVENT_TICK_BOUNDARY)
		return;
	event->n_candidates = take_u8(input) % (EVENT_MAX_CANDIDATES + 1);
	for (uint32_t i = 0; i < event->n_candidates; i++) {
		event->candidates[i].id = number(input);
		event->candidates[i].trigger = number(input);
	}
}

/* Returns whether there was one. */
static bool take_event(struct input *input, struct event *event, uint32_t *seq, uint64_t *counter)
{
	uint8_t how;

	if (!input->left)
		return false;
	event->kind = (enum nt_event_kind)(take_u8(input) % NT_EVENT_KINDS);
	how = take_u8(input);
	event->tid = how & 3;
	event->has_ids = how & 0x1c;
	event->seq = seq[event->tid]++;
	if ((how & 0xe0) == 0xe0)
		event->seq += take_u8(input);
	event->ts += (uint64_t)take_u16(input) << (how >> 5 == 6 ? 16 : 4);
	if (event->has_ids)
		fill_ids(input, event, &counter[event->tid]);
	fill_rest(input, event);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct engine *engine = sink_engine(1 + take_u8(&input) % 32U);
	struct event event = {.ts = NS_PER_SEC};
	uint64_t counter[4] = {10, 10, 10, 10};
	uint32_t seq[4] = {};

	for (int i = 0; i < MAX_EVENTS && take_event(&input, &event, seq, counter); i++) {
		(void)engine_feed(engine, &event);
		event = (struct event){.ts = event.ts};
	}
	sink_finish(engine, event.ts);
	return 0;
}
