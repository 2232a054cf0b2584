/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tests/replay/properties.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/record_block.h"
#include "symbolizer/base.h"

#define BLOCK_HEAD  8 /* length and checksum */
#define MAX_DROPS   40
#define FLIP_STRIDE 97

struct damage {
	const uint8_t *data;
	size_t size;
	const struct capture_options *options;
	const struct capture *whole;
	unsigned int broken;
};

static void broken(struct damage *damage, const char *what, uint64_t where)
{
	printf("%s at %" PRIu64 "\n", what, where);
	damage->broken++;
}

static bool same(const struct capture *a, const struct capture *b)
{
	return a->n_requests == b->n_requests && a->totals.events == b->totals.events &&
	       a->totals.ops == b->totals.ops && a->unowned_len == b->unowned_len;
}

/* What is left must be a part of the whole, and sound in itself. */
static void replay_cut(struct damage *damage, size_t size)
{
	struct capture capture;
	int err = capture_run(damage->data, size, damage->options, &capture);

	if (err == -EBADMSG) /* not even a header */
		return;
	if (err) {
		broken(damage, strerror(-err), size);
		return;
	}
	if (capture.err)
		broken(damage, "a cut recording is taken for a damaged one", size);
	if (capture.complete && size != damage->size)
		broken(damage, "a cut recording is taken for a complete one", size);
	if (capture.totals.events > damage->whole->totals.events)
		broken(damage, "a cut recording has more events", size);
	if (size == damage->size && !same(&capture, damage->whole))
		broken(damage, "the same recording gives something else", size);
	if (properties_check(&capture))
		broken(damage, "broken promises of a recording cut", size);
	capture_done(&capture);
}

static void cut_around_blocks(struct damage *damage)
{
	size_t at = RECORD_MAGIC_LEN, n_blocks = 0;
	uint32_t length;

	while (at + BLOCK_HEAD <= damage->size) {
		memcpy(&length, damage->data + at, sizeof(length));
		length = le32toh(length);
		replay_cut(damage, at);
		replay_cut(damage, at + 1);
		replay_cut(damage, at + BLOCK_HEAD);
		replay_cut(damage, at + BLOCK_HEAD + length / 2);
		at += BLOCK_HEAD + length;
		replay_cut(damage, at - 1);
		n_blocks++;
	}
	replay_cut(damage, damage->size);
	if (at != damage->size || n_blocks < 3)
		broken(damage, "the blocks do not fill the file", at);
}

/* The checksum knows. */
static void change_bytes(struct damage *damage)
{
	uint8_t *copy = malloc(damage->size);
	struct capture capture;

	if (!copy) {
		broken(damage, "no memory", 0);
		return;
	}
	memcpy(copy, damage->data, damage->size);
	for (size_t at = 0; at < damage->size; at += FLIP_STRIDE) {
		copy[at] ^= 0x10;
		if (!capture_run(copy, damage->size, damage->options, &capture)) {
			if (!capture.err && capture.complete)
				broken(damage, "a changed byte is not noticed", at);
			capture_done(&capture);
		}
		copy[at] ^= 0x10;
	}
	free(copy);
}

static bool any_flag(const struct capture *capture, uint32_t flag)
{
	for (size_t i = 0; i < capture->n_requests; i++)
		if (capture->requests[i]->flags & flag)
			return true;
	return false;
}

/* A lost event is counted, and changes no more than what it touches. */
static void drop_events(struct damage *damage)
{
	struct capture_options options = *damage->options;
	uint64_t n = damage->whole->totals.events, stride = n / MAX_DROPS + 1;
	struct capture capture;

	for (options.drop = stride; options.drop < n; options.drop += stride) {
		if (capture_run(damage->data, damage->size, &options, &capture)) {
			broken(damage, "no replay without the event", options.drop);
			continue;
		}
		/* the last event of its thread is missed by nobody */
		if (capture.totals.lost > 1)
			broken(damage, "more than one event lost without the one", options.drop);
		if (!capture.totals.lost && any_flag(&capture, REQUEST_LOSSY))
			broken(damage, "lossy without a loss, without the event", options.drop);
		if (properties_check(&capture))
			broken(damage, "broken promises without the event", options.drop);
		capture_done(&capture);
	}
}

unsigned int properties_check_damage(const void *data, size_t size,
				     const struct capture_options *options,
				     const struct capture *whole)
{
	struct damage damage = {.data = data, .size = size, .options = options, .whole = whole};

	cut_around_blocks(&damage);
	change_bytes(&damage);
	drop_events(&damage);
	return damage.broken;
}
