/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/replay.h"

#include <string.h>

#include "aggregator/decode.h"
#include "aggregator/record_block.h"
#include "aggregator/replay_batch.h"
#include "aggregator/text.h"
#include "record.pb-c.h"
#include "symbolizer/base.h"

#define MAX_STACKS     65536
#define MAX_NAME_BYTES (64U << 20)
#define MAX_NUMBERS    (4U << 20) /* names, and stacks */

struct replay {
	FILE *in;
	struct record_header header;
	char node_version[64];
	char program[64];
	bool complete;
	uint64_t lost;
	uint64_t end_ns;
	int err; /* the first one sticks */
	struct record_block block;

	struct stacks *table; /* holds names and stacks */
	const char **names;   /* by number - 1 */
	size_t n_names;
	size_t names_capacity;
	const struct stack **stacks; /* by number - 1; NULL when the table was full */
	size_t n_stacks;
	size_t stacks_capacity;

	/* the batch */
	Nt__RecordEvents *batch;
	size_t at; /* next event */
	size_t text_at;
	size_t pairs_at;
	size_t births_at;
	uint64_t values[RECORD_COLUMN_COUNT]; /* of the event before */
	uint64_t pair_before;
	char text[DECODE_TEXT_MAX];
};

/* Stacks are resolved before they are recorded: no such event may come out. */
static const bool known_kinds[NT_EVENT_KINDS] = {
#define KNOWN_KIND(name, lower, number) [NT_EVENT_##name] = NT_EVENT_##name != NT_EVENT_STACK,
	NT_EVENTS(KNOWN_KIND)
#undef KNOWN_KIND
};

/* A file may be made by anyone: text goes through the sanitizer again. */
static const char *take_name(struct replay *replay, const char *name)
{
	size_t len = text_sanitize(replay->text, sizeof(replay->text), name, strlen(name), NULL);

	return stacks_name(replay->table, replay->text, len);
}

static int take_names(struct replay *replay)
{
	Nt__RecordNames *message;
	size_t i;
	int err = 0;

	message = nt__record_names__unpack(NULL, replay->block.len, replay->block.payload);
	if (!message)
		return -EBADMSG;
	if (message->n_names > MAX_NUMBERS - replay->n_names)
		err = -EBADMSG;
	for (i = 0; !err && i < message->n_names; i++) {
		err = array_reserve(&replay->names, &replay->names_capacity, replay->n_names,
				    sizeof(*replay->names));
		if (!err)
			replay->names[replay->n_names++] = take_name(replay, message->names[i]);
	}
	nt__record_names__free_unpacked(message, NULL);
	return err;
}

/* Sets *ret_name, NULL for number 0. */
static int find_name(const struct replay *replay, uint32_t number, const char **ret_name)
{
	if (number > replay->n_names)
		return -EBADMSG;
	*ret_name = number ? replay->names[number - 1] : NULL;
	return 0;
}

static int take_frame(const struct replay *replay, const Nt__RecordStacks *message, size_t at,
		      struct frame *ret_frame)
{
	struct frame *frame = ret_frame;

	if (find_name(replay, message->functions[at], &frame->function) || !frame->function ||
	    find_name(replay, message->files[at], &frame->file))
		return -EBADMSG;
	frame->line = message->lines[at];
	frame->column = message->columns[at];
	frame->kind = FRAME_UNKNOWN;
	if (message->kinds[at] < FRAME_KINDS)
		frame->kind = (enum frame_kind)message->kinds[at];
	frame->of_function = message->n_of_function && message->of_function[at];
	frame->address = (uint64_t)message->addresses[at] + (at ? frame[-1].address : 0);
	return 0;
}

static bool stacks_agree(const Nt__RecordStacks *message)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < message->n_n_frames; i++)
		sum += message->n_frames[i];
	return message->n_ids == message->n_n_frames && message->n_functions == sum &&
	       message->n_files == sum && message->n_lines == sum && message->n_columns == sum &&
	       message->n_kinds == sum && message->n_addresses == sum &&
	       (message->n_of_function == sum || !message->n_of_function);
}

/* Adds the stacks whose frames stand one behind the other. */
static int add_stacks(struct replay *replay, const Nt__RecordStacks *message,
		      const struct frame *frames)
{
	size_t i;

	for (i = 0; i < message->n_ids; i++) {
		int err = array_reserve(&replay->stacks, &replay->stacks_capacity, replay->n_stacks,
					sizeof(const struct stack *));

		if (err)
			return err;
		replay->stacks[replay->n_stacks++] =
			stacks_add(replay->table, message->ids[i], frames, message->n_frames[i]);
		frames += message->n_frames[i];
	}
	return 0;
}

static int unfold_stacks(struct replay *replay, const Nt__RecordStacks *message)
{
	struct frame *frames;
	size_t i;
	int err = 0;

	if (!stacks_agree(message) || message->n_ids > MAX_NUMBERS - replay->n_stacks)
		return -EBADMSG;
	frames = calloc(message->n_functions + 1, sizeof(*frames));
	if (!frames)
		return -ENOMEM;
	for (i = 0; !err && i < message->n_functions; i++)
		err = take_frame(replay, message, i, &frames[i]);
	if (!err)
		err = add_stacks(replay, message, frames);
	free(frames);
	return err;
}

static int take_stacks(struct replay *replay)
{
	Nt__RecordStacks *message;
	int err;

	message = nt__record_stacks__unpack(NULL, replay->block.len, replay->block.payload);
	if (!message)
		return -EBADMSG;
	err = unfold_stacks(replay, message);
	nt__record_stacks__free_unpacked(message, NULL);
	return err;
}

static void free_batch(struct replay *replay)
{
	if (replay->batch)
		nt__record_events__free_unpacked(replay->batch, NULL);
	replay->batch = NULL;
}

static int take_batch(struct replay *replay)
{
	free_batch(replay);
	replay->batch = nt__record_events__unpack(NULL, replay->block.len, replay->block.payload);
	if (!replay->batch || !batch_agrees(replay->batch))
		return -EBADMSG;
	replay->at = 0;
	replay->text_at = 0;
	replay->pairs_at = 0;
	replay->births_at = 0;
	replay->pair_before = 0;
	memset(replay->values, 0, sizeof(replay->values));
	return 0;
}

static int take_footer(struct replay *replay)
{
	Nt__RecordFooter *message;

	message = nt__record_footer__unpack(NULL, replay->block.len, replay->block.payload);
	if (!message)
		return -EBADMSG;
	replay->complete = message->complete;
	replay->lost = message->lost;
	replay->end_ns = message->end_ns;
	nt__record_footer__free_unpacked(message, NULL);
	return 0;
}

static int take_header(struct replay *replay)
{
	struct record_header *header = &replay->header;
	Nt__RecordHeader *message;
	int err = 0;

	message = nt__record_header__unpack(NULL, replay->block.len, replay->block.payload);
	if (!message)
		return -EBADMSG;
	if (message->schema != RECORD_SCHEMA)
		err = -EBADMSG;
	header->pid = message->pid;
	header->keep_query = message->keep_query;
	header->start_ns = message->start_ns;
	header->start_unix_ns = message->start_unix_ns;
	(void)text_sanitize(replay->node_version, sizeof(replay->node_version),
			    message->node_version, strlen(message->node_version), NULL);
	(void)text_sanitize(replay->program, sizeof(replay->program), message->program,
			    strlen(message->program), NULL);
	header->node_version = replay->node_version;
	header->program = replay->program;
	nt__record_header__free_unpacked(message, NULL);
	return err;
}

static int read_start(struct replay *replay)
{
	char magic[RECORD_MAGIC_LEN];
	int err;

	if (fread(magic, sizeof(magic), 1, replay->in) != 1)
		return ferror(replay->in) ? -EIO : -EBADMSG;
	if (memcmp(magic, RECORD_MAGIC, sizeof(magic)) != 0)
		return -EBADMSG;
	err = record_block_read(replay->in, &replay->block);
	if (err < 0)
		return err;
	if (err == 0 || replay->block.type != RECORD_BLOCK_HEADER)
		return -EBADMSG;
	return take_header(replay);
}

static int (*const takers[])(struct replay *replay) = {
	[RECORD_BLOCK_NAMES] = take_names,
	[RECORD_BLOCK_STACKS] = take_stacks,
	[RECORD_BLOCK_EVENTS] = take_batch,
	[RECORD_BLOCK_FOOTER] = take_footer,
};

/* Takes blocks until one holds events. Returns 1, 0 at the end, or a negative errno. */
static int next_batch(struct replay *replay)
{
	int ret;

	while (!replay->batch || replay->at >= replay->batch->count) {
		unsigned int type;

		ret = record_block_read(replay->in, &replay->block);
		if (ret <= 0)
			return ret;
		type = replay->block.type;
		if (type >= ARRAY_SIZE(takers) || !takers[type])
			continue;
		ret = takers[type](replay);
		if (ret)
			return ret;
	}
	return 1;
}

static void next_values(struct replay *replay)
{
	struct column columns[RECORD_COLUMN_COUNT];
	size_t i;

	batch_columns(replay->batch, columns);
	for (i = 0; i < RECORD_COLUMN_COUNT; i++) {
		uint64_t value = columns[i].n ? (uint64_t)columns[i].values[replay->at] : 0;

		replay->values[i] = columns[i].difference ? replay->values[i] + value : value;
	}
}

static int take_text(struct replay *replay, struct event *event)
{
	const Nt__RecordEvents *batch = replay->batch;
	size_t len = event->text_len;

	if (len > batch->text.len - replay->text_at)
		return -EBADMSG;
	event->text = replay->text;
	event->text_len =
		(uint32_t)text_sanitize(replay->text, sizeof(replay->text),
					len ? (const char *)batch->text.data + replay->text_at : "",
					len, NULL);
	replay->text_at += len;
	return 0;
}

static uint64_t next_pair(struct replay *replay)
{
	replay->pair_before += (uint64_t)replay->batch->pairs[replay->pairs_at++];
	return replay->pair_before;
}

static int take_candidates(struct replay *replay, struct event *event)
{
	uint32_t i;

	if (event->n_candidates > EVENT_MAX_CANDIDATES ||
	    event->n_candidates > (replay->batch->n_pairs - replay->pairs_at) / 2)
		return -EBADMSG;
	for (i = 0; i < event->n_candidates; i++) {
		event->candidates[i].id = next_pair(replay);
		event->candidates[i].trigger = next_pair(replay);
	}
	return 0;
}

static int take_births(struct replay *replay, struct event *event)
{
	const Nt__RecordEvents *batch = replay->batch;

	if (event->n_births > NT_MAX_BIRTHS ||
	    event->n_births > batch->n_birth_ages - replay->births_at ||
	    batch->n_birth_functions != batch->n_birth_ages)
		return -EBADMSG;
	for (uint32_t i = 0; i < event->n_births; i++) {
		event->birth_functions[i] = (uint16_t)batch->birth_functions[replay->births_at];
		event->births[i] = batch->birth_ages[replay->births_at++];
	}
	return 0;
}

static int take_stack(const struct replay *replay, struct event *event)
{
	const Nt__RecordEvents *batch = replay->batch;
	int64_t number = batch->n_stack ? batch->stack[replay->at] : 0;

	if (number < 0 || (uint64_t)number > replay->n_stacks)
		return -EBADMSG;
	event->stack = number ? replay->stacks[number - 1] : NULL;
	return 0;
}

/* Builds the event at replay->at. Returns 1, 0 when this version does not know its kind. */
static int take_event(struct replay *replay, struct event *ret_event)
{
	struct event event = {0};
	uint64_t kind;

	next_values(replay);
	kind = replay->values[RECORD_COLUMN_kind];
	if (replay->values[RECORD_COLUMN_framing] > BODY_UNTIL_CLOSE)
		return -EBADMSG;
#define SET_FIELD(field, difference) \
	event.field = (__typeof__(event.field))replay->values[RECORD_COLUMN_##field];
	RECORD_COLUMNS(SET_FIELD)
#undef SET_FIELD
	if (take_text(replay, &event) || take_candidates(replay, &event) ||
	    take_births(replay, &event) || take_stack(replay, &event))
		return -EBADMSG;
	replay->at++;
	if (kind >= NT_EVENT_KINDS || !known_kinds[kind])
		return 0;
	*ret_event = event;
	return 1;
}

int replay_new(FILE *in, struct replay **ret_replay)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int err;

	if (!replay)
		return -ENOMEM;
	replay->in = in;
	err = stacks_new(MAX_STACKS, MAX_NAME_BYTES, &replay->table);
	if (!err)
		err = read_start(replay);
	if (err) {
		replay_free(replay);
		return err;
	}
	*ret_replay = replay;
	return 0;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	free_batch(replay);
	record_block_done(&replay->block);
	free(replay->names);
	free(replay->stacks);
	stacks_free(replay->table);
	free(replay);
}

const struct record_header *replay_header(const struct replay *replay)
{
	return &replay->header;
}

int replay_next(struct replay *replay, struct event *ret_event)
{
	int ret = replay->err;

	while (!ret) {
		ret = next_batch(replay);
		if (ret <= 0)
			break;
		ret = take_event(replay, ret_event);
	}
	if (ret < 0)
		replay->err = ret;
	return ret;
}

bool replay_complete(const struct replay *replay)
{
	return replay->complete;
}

uint64_t replay_lost(const struct replay *replay)
{
	return replay->lost;
}

uint64_t replay_end_ns(const struct replay *replay)
{
	return replay->end_ns;
}
