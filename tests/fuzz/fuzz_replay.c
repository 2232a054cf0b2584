/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Any bytes as a recording, replayed to the end. A recording's blocks are compressed and carry a
 * checksum, which no fuzzer gets past: the input is a list of bare blocks (type, length of 3
 * bytes, payload) that are packed here. A first byte of 0 stands before a file as it is.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "aggregator/record_block.h"
#include "aggregator/replay.h"
#include "symbolizer/base.h"
#include "tests/fuzz/sink.h"

#define MAX_EVENTS 20000

static void pack_block(struct input *input, FILE *out)
{
	uint8_t head[4];
	size_t len;

	take(input, head, sizeof(head));
	len = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16;
	if (len > input->left)
		len = input->left;
	must(!record_block_write(out, (enum record_block_type)head[0], input->at, len));
	input->at += len;
	input->left -= len;
}

static void replay_file(FILE *in)
{
	struct event event = {};
	struct replay *replay;
	struct engine *engine;
	uint64_t last = 0;

	if (replay_new(in, &replay))
		return;
	must(replay_header(replay)->node_version && replay_header(replay)->program);
	engine = sink_engine(100);
	for (int i = 0; i < MAX_EVENTS && replay_next(replay, &event) > 0; i++) {
		must(event.kind < NT_EVENT_KINDS && event.text);
		must(strlen(event.text) == event.text_len);
		must(event.n_candidates <= EVENT_MAX_CANDIDATES);
		(void)engine_feed(engine, &event);
		last = event.ts;
	}
	sink_finish(engine, last);
	replay_free(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	must(file);
	if (take_u8(&input)) {
		must(fwrite(RECORD_MAGIC, RECORD_MAGIC_LEN, 1, file) == 1);
		while (input.left)
			pack_block(&input, file);
	} else if (input.left) {
		must(fwrite(input.at, input.left, 1, file) == 1);
	}
	must(!fclose(file));
	file = fmemopen(text, len ? len : 1, "rb");
	must(file);
	replay_file(file);
	(void)fclose(file);
	free(text);
	return 0;
}
