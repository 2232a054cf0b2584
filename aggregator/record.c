/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/record.h"

#include <string.h>

#include "aggregator/decode.h"
#include "aggregator/pointer_index.h"
#include "aggregator/record_block.h"
#include "aggregator/record_columns.h"
#include "record.pb-c.h"
#include "symbolizer/base.h"

#define MAX_TEXT       (1U << 20) /* bytes of text in a batch */
#define MAX_NAME_BYTES (1U << 20) /* bytes of names in a block */
#define MAX_FRAMES     16384      /* frames in a block */
#define MAX_PAIRS      (RECORD_MAX_EVENTS * EVENT_MAX_CANDIDATES * 2)

/* New names and stacks that a block is made of. */
struct pending {
	const void **items;
	size_t n;
	size_t capacity;
	size_t weight; /* bytes, or frames */
};

struct recorder {
	FILE *out;
	int err; /* the first one sticks: the file ends there */
	uint64_t events;
	struct pointer_index name_numbers;
	struct pointer_index stack_numbers;
	struct pending names;
	struct pending stacks;

	/* the batch */
	size_t n;
	size_t text_len;
	size_t n_pairs;
	size_t n_births;
	uint64_t before[RECORD_COLUMN_COUNT];
	int64_t columns[RECORD_COLUMN_COUNT][RECORD_MAX_EVENTS];
	int64_t stack[RECORD_MAX_EVENTS];
	int64_t pairs[MAX_PAIRS];
	uint64_t pair_before;
	uint32_t births[RECORD_MAX_EVENTS * NT_MAX_BIRTHS];
	uint32_t birth_functions[RECORD_MAX_EVENTS * NT_MAX_BIRTHS];
	uint8_t text[MAX_TEXT];
};

static const bool is_difference[] = {
#define IS_DIFFERENCE(field, difference) [RECORD_COLUMN_##field] = (difference),
	RECORD_COLUMNS(IS_DIFFERENCE)
#undef IS_DIFFERENCE
};

static int write_message(struct recorder *recorder, enum record_block_type type,
			 const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *payload = malloc(len + 1);
	int err;

	if (!payload)
		return -ENOMEM;
	(void)protobuf_c_message_pack(message, payload);
	err = record_block_write(recorder->out, type, payload, len);
	free(payload);
	return err;
}

static int write_header(struct recorder *recorder, const struct record_header *header)
{
	Nt__RecordHeader message = NT__RECORD_HEADER__INIT;

	errno = 0;
	if (fwrite(RECORD_MAGIC, RECORD_MAGIC_LEN, 1, recorder->out) != 1)
		return errno ? -errno : -EIO;
	message.schema = RECORD_SCHEMA;
	message.pid = header->pid;
	message.node_version = (char *)(header->node_version ? header->node_version : "");
	message.program = (char *)(header->program ? header->program : "");
	message.keep_query = header->keep_query;
	message.start_ns = header->start_ns;
	message.start_unix_ns = header->start_unix_ns;
	return write_message(recorder, RECORD_BLOCK_HEADER, &message.base);
}

static int flush_names(struct recorder *recorder)
{
	struct pending *names = &recorder->names;
	Nt__RecordNames message = NT__RECORD_NAMES__INIT;

	if (!names->n)
		return 0;
	message.n_names = names->n;
	message.names = (char **)names->items;
	names->n = 0;
	names->weight = 0;
	return write_message(recorder, RECORD_BLOCK_NAMES, &message.base);
}

static int add_name(struct recorder *recorder, const char *name, uint32_t *ret_number)
{
	struct pending *names = &recorder->names;
	uint32_t known = recorder->name_numbers.count;
	uint32_t number;

	if (array_reserve(&names->items, &names->capacity, names->n, sizeof(*names->items)))
		return -ENOMEM;
	number = pointer_index_get(&recorder->name_numbers, name);
	if (!number)
		return -ENOMEM;
	if (recorder->name_numbers.count > known) {
		names->items[names->n++] = name;
		names->weight += strlen(name);
	}
	*ret_number = number;
	return names->weight > MAX_NAME_BYTES ? flush_names(recorder) : 0;
}

/* Room for the columns of `frames` frames in `stacks` stacks; one allocation, at message->ids. */
static int layout_stacks(Nt__RecordStacks *message, size_t stacks, size_t frames)
{
	uint8_t *memory = calloc(1, stacks * (sizeof(uint64_t) + sizeof(uint32_t)) +
					    frames * (sizeof(int64_t) + 6 * sizeof(uint32_t)) + 1);

	if (!memory)
		return -ENOMEM;
	message->ids = (uint64_t *)memory;
	message->addresses = (int64_t *)(message->ids + stacks);
	message->n_frames = (uint32_t *)(message->addresses + frames);
	message->functions = message->n_frames + stacks;
	message->files = message->functions + frames;
	message->lines = message->files + frames;
	message->columns = message->lines + frames;
	message->kinds = message->columns + frames;
	message->of_function = message->kinds + frames;
	return 0;
}

static int fill_frame(struct recorder *recorder, const struct frame *frame,
		      Nt__RecordStacks *message, size_t at)
{
	int err = add_name(recorder, frame->function, &message->functions[at]);

	if (!err && frame->file)
		err = add_name(recorder, frame->file, &message->files[at]);
	message->lines[at] = frame->line;
	message->columns[at] = frame->column;
	message->kinds[at] = frame->kind;
	message->of_function[at] = frame->of_function;
	if (frame->of_function)
		message->n_of_function = 1; /* set to the whole length below */
	message->addresses[at] = (int64_t)frame->address;
	return err;
}

static int fill_stacks(struct recorder *recorder, Nt__RecordStacks *message)
{
	const struct pending *stacks = &recorder->stacks;
	size_t at = 0;
	size_t i;
	uint32_t k;
	int err = 0;

	for (i = 0; i < stacks->n; i++) {
		const struct stack *stack = stacks->items[i];

		message->ids[i] = stack->id;
		message->n_frames[i] = stack->n_frames;
		for (k = 0; !err && k < stack->n_frames; k++)
			err = fill_frame(recorder, &stack->frames[k], message, at++);
	}
	for (i = at; i-- > 1;)
		message->addresses[i] = (int64_t)((uint64_t)message->addresses[i] -
						  (uint64_t)message->addresses[i - 1]);
	message->n_ids = message->n_n_frames = stacks->n;
	message->n_functions = message->n_files = message->n_lines = at;
	message->n_columns = message->n_kinds = message->n_addresses = at;
	message->n_of_function = message->n_of_function ? at : 0;
	return err;
}

static int flush_stacks(struct recorder *recorder)
{
	struct pending *stacks = &recorder->stacks;
	Nt__RecordStacks message = NT__RECORD_STACKS__INIT;
	int err;

	if (!stacks->n)
		return 0;
	err = layout_stacks(&message, stacks->n, stacks->weight);
	if (err)
		return err;
	err = fill_stacks(recorder, &message);
	/* A reader must know the names before the stacks that use them. */
	if (!err)
		err = flush_names(recorder);
	if (!err)
		err = write_message(recorder, RECORD_BLOCK_STACKS, &message.base);
	free(message.ids);
	stacks->n = 0;
	stacks->weight = 0;
	return err;
}

static int add_stack(struct recorder *recorder, const struct stack *stack, int64_t *ret_number)
{
	struct pending *stacks = &recorder->stacks;
	uint32_t known = recorder->stack_numbers.count;
	uint32_t number;

	if (array_reserve(&stacks->items, &stacks->capacity, stacks->n, sizeof(*stacks->items)))
		return -ENOMEM;
	number = pointer_index_get(&recorder->stack_numbers, stack);
	if (!number)
		return -ENOMEM;
	if (recorder->stack_numbers.count > known) {
		stacks->items[stacks->n++] = stack;
		stacks->weight += stack->n_frames;
	}
	*ret_number = number;
	return stacks->weight > MAX_FRAMES ? flush_stacks(recorder) : 0;
}

/* A column of zeros is left out: 0 elements. */
static size_t column_length(const int64_t *column, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (column[i])
			return n;
	}
	return 0;
}

static void set_columns(struct recorder *recorder, Nt__RecordEvents *message)
{
#define SET_COLUMN(field, difference)                              \
	message->field = recorder->columns[RECORD_COLUMN_##field]; \
	message->n_##field = column_length(message->field, recorder->n);
	RECORD_COLUMNS(SET_COLUMN)
#undef SET_COLUMN
}

static int flush_events(struct recorder *recorder)
{
	Nt__RecordEvents message = NT__RECORD_EVENTS__INIT;
	size_t n = recorder->n;
	int err;

	if (!n)
		return 0;
	err = flush_stacks(recorder);
	if (err)
		return err;
	message.count = (uint32_t)n;
	set_columns(recorder, &message);
	message.stack = recorder->stack;
	message.n_stack = column_length(recorder->stack, n);
	message.text.data = recorder->text;
	message.text.len = recorder->text_len;
	message.pairs = recorder->pairs;
	message.n_pairs = recorder->n_pairs;
	message.birth_ages = recorder->births;
	message.n_birth_ages = recorder->n_births;
	message.birth_functions = recorder->birth_functions;
	message.n_birth_functions = recorder->n_births;
	memset(recorder->before, 0, sizeof(recorder->before));
	recorder->pair_before = 0;
	recorder->n = 0;
	recorder->text_len = 0;
	recorder->n_pairs = 0;
	recorder->n_births = 0;
	return write_message(recorder, RECORD_BLOCK_EVENTS, &message.base);
}

static void put_value(struct recorder *recorder, enum record_column column, uint64_t value)
{
	uint64_t before = is_difference[column] ? recorder->before[column] : 0;

	recorder->columns[column][recorder->n] = (int64_t)(value - before);
	recorder->before[column] = value;
}

static void put_pair(struct recorder *recorder, uint64_t value)
{
	recorder->pairs[recorder->n_pairs++] = (int64_t)(value - recorder->pair_before);
	recorder->pair_before = value;
}

static void put_event(struct recorder *recorder, const struct event *event)
{
	uint32_t i;

#define PUT_COLUMN(field, difference) \
	put_value(recorder, RECORD_COLUMN_##field, (uint64_t)event->field);
	RECORD_COLUMNS(PUT_COLUMN)
#undef PUT_COLUMN
	for (i = 0; i < event->n_candidates; i++) {
		put_pair(recorder, event->candidates[i].id);
		put_pair(recorder, event->candidates[i].trigger);
	}
	for (i = 0; i < event->n_births; i++) {
		recorder->birth_functions[recorder->n_births] = event->birth_functions[i];
		recorder->births[recorder->n_births++] = event->births[i];
	}
	memcpy(recorder->text + recorder->text_len, event->text, event->text_len);
	recorder->text_len += event->text_len;
	recorder->n++;
	recorder->events++;
}

int recorder_new(FILE *out, const struct record_header *header, struct recorder **ret_recorder)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return -ENOMEM;
	recorder->out = out;
	err = write_header(recorder, header);
	if (err) {
		recorder_free(recorder);
		return err;
	}
	*ret_recorder = recorder;
	return 0;
}

int recorder_event(struct recorder *recorder, const struct event *event)
{
	int64_t stack = 0;

	if (event->text_len >= DECODE_TEXT_MAX || event->n_candidates > EVENT_MAX_CANDIDATES ||
	    event->n_births > NT_MAX_BIRTHS)
		return -EBADMSG;
	if (!recorder->err &&
	    (recorder->n == RECORD_MAX_EVENTS || recorder->text_len + event->text_len > MAX_TEXT))
		recorder->err = flush_events(recorder);
	if (!recorder->err && event->stack)
		recorder->err = add_stack(recorder, event->stack, &stack);
	if (recorder->err)
		return recorder->err;
	recorder->stack[recorder->n] = stack;
	put_event(recorder, event);
	return 0;
}

int recorder_finish(struct recorder *recorder, uint64_t lost, uint64_t end_ns)
{
	Nt__RecordFooter message = NT__RECORD_FOOTER__INIT;

	if (!recorder->err)
		recorder->err = flush_events(recorder);
	if (recorder->err)
		return recorder->err;
	message.events = recorder->events;
	message.lost = lost;
	message.complete = true;
	message.end_ns = end_ns;
	recorder->err = write_message(recorder, RECORD_BLOCK_FOOTER, &message.base);
	if (!recorder->err && fflush(recorder->out))
		recorder->err = errno ? -errno : -EIO;
	return recorder->err;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	pointer_index_done(&recorder->name_numbers);
	pointer_index_done(&recorder->stack_numbers);
	free(recorder->names.items);
	free(recorder->stacks.items);
	free(recorder);
}
