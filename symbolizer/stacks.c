/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/stacks.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/printable.h"
#include "symbolizer/stack_ids.h"

enum {
	CHUNK = 64 << 10,
	MAX_NAME = 512,   /* bytes; longer names are cut */
	MAX_FRAMES = 256, /* deeper stacks lose their outermost frames; BPF sends fewer */
	MAX_STACK_BYTES = 64 << 20,
};

/* Memory that never moves and is freed at once. */
struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

/* Open addressing, at most half full. A slot is free while its item is NULL. */
struct slot {
	uint64_t key;
	const void *item;
};

struct table {
	struct slot *slots;
	size_t capacity; /* power of two */
	size_t count;
	uint64_t seed;
};

struct stacks {
	struct chunk *chunks;
	struct table contents; /* by hash of their frames */
	struct table names;    /* by hash */
	struct stack_ids ids;
	size_t max_stacks;
	size_t max_name_bytes;
	size_t name_bytes;
	size_t stack_bytes;
	uint64_t dropped;
};

static void *allocate(struct stacks *stacks, size_t size)
{
	struct chunk *chunk = stacks->chunks;
	void *result;

	size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (!chunk || chunk->size - chunk->used < size) {
		size_t capacity = size > CHUNK ? size : CHUNK;

		chunk = malloc(sizeof(*chunk) + capacity);
		if (!chunk)
			return NULL;
		chunk->next = stacks->chunks;
		chunk->used = 0;
		chunk->size = capacity;
		stacks->chunks = chunk;
	}
	result = chunk->data + chunk->used;
	chunk->used += size;
	return result;
}

/* Spreads the key over the slots, differently in each run, so that no input is the worst in all. */
static size_t first_slot(const struct table *table, uint64_t key)
{
	key ^= table->seed;
	key *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(key >> 32) & (table->capacity - 1);
}

static void table_put(struct table *table, uint64_t key, const void *item)
{
	size_t i = first_slot(table, key);

	while (table->slots[i].item)
		i = (i + 1) & (table->capacity - 1);
	table->slots[i] = (struct slot){.key = key, .item = item};
	table->count++;
}

/* Makes room for one more item. */
static int table_reserve(struct table *table)
{
	struct table grown = {.seed = table->seed};

	if (table->count * 2 < table->capacity)
		return 0;
	grown.capacity = table->capacity ? table->capacity * 2 : 256;
	grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
	if (!grown.slots)
		return -ENOMEM;
	for (size_t i = 0; i < table->capacity; i++)
		if (table->slots[i].item)
			table_put(&grown, table->slots[i].key, table->slots[i].item);
	free(table->slots);
	*table = grown;
	return 0;
}

int stacks_new(size_t max_stacks, size_t max_name_bytes, struct stacks **ret_stacks)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		return -ENOMEM;
	stacks->contents.seed = (uintptr_t)stacks;
	stacks->names.seed = (uintptr_t)stacks;
	stacks->max_stacks = max_stacks;
	stacks->max_name_bytes = max_name_bytes;
	if (stack_ids_init(&stacks->ids, max_stacks, (uintptr_t)stacks)) {
		stacks_free(stacks);
		return -ENOMEM;
	}
	*ret_stacks = stacks;
	return 0;
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	while (stacks->chunks) {
		struct chunk *next = stacks->chunks->next;

		free(stacks->chunks);
		stacks->chunks = next;
	}
	free(stacks->contents.slots);
	free(stacks->names.slots);
	stack_ids_done(&stacks->ids);
	free(stacks);
}

static uint64_t hash_bytes(const char *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static const char *find_name(const struct table *table, uint64_t hash, const char *name)
{
	if (!table->capacity)
		return NULL;
	for (size_t i = first_slot(table, hash); table->slots[i].item;
	     i = (i + 1) & (table->capacity - 1))
		if (table->slots[i].key == hash && strcmp(table->slots[i].item, name) == 0)
			return table->slots[i].item;
	return NULL;
}

static const char *add_name(struct stacks *stacks, uint64_t hash, const char *name, size_t len)
{
	char *copy;

	if (len + 1 > stacks->max_name_bytes - stacks->name_bytes || table_reserve(&stacks->names))
		return NULL;
	copy = allocate(stacks, len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, name, len + 1);
	stacks->name_bytes += len + 1;
	table_put(&stacks->names, hash, copy);
	return copy;
}

const char *stacks_name(struct stacks *stacks, const char *name, size_t len)
{
	char text[MAX_NAME + 1];
	const char *found;
	uint64_t hash;

	len = printable_copy(text, sizeof(text), name, len);
	hash = hash_bytes(text, len);
	found = find_name(&stacks->names, hash, text);
	if (!found)
		found = add_name(stacks, hash, text, len);
	if (!found) {
		stacks->dropped++;
		return "?";
	}
	return found;
}

const struct stack *stacks_find(const struct stacks *stacks, uint64_t id)
{
	return stack_ids_find(&stacks->ids, id);
}

/* Compiled code moves: where a JavaScript frame was makes no other frame of it. */
static uint64_t place_of(const struct frame *frame)
{
	bool is_fixed = frame->kind == FRAME_UNKNOWN || frame->kind == FRAME_NATIVE ||
			frame->kind == FRAME_BUILTIN;

	return is_fixed ? frame->address : 0;
}

static uint64_t hash_frames(const struct frame *frames, size_t n)
{
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++) {
		const uint64_t words[] = {(uintptr_t)frames[i].function, (uintptr_t)frames[i].file,
					  place_of(&frames[i]),
					  (uint64_t)frames[i].line << 32 | frames[i].column,
					  frames[i].kind | (uint64_t)frames[i].of_function << 32};

		for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
			hash = (hash ^ words[k]) * 0x9e3779b97f4a7c15ULL;
			hash ^= hash >> 29;
		}
	}
	return hash;
}

static bool is_same(const struct stack *stack, const struct frame *frames, size_t n)
{
	if (stack->n_frames != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct frame *a = &stack->frames[i];
		const struct frame *b = &frames[i];

		if (a->function != b->function || a->file != b->file || a->line != b->line ||
		    a->column != b->column || a->kind != b->kind ||
		    a->of_function != b->of_function || place_of(a) != place_of(b))
			return false;
	}
	return true;
}

static const struct stack *find_content(const struct table *table, uint64_t hash,
					const struct frame *frames, size_t n)
{
	if (!table->capacity)
		return NULL;
	for (size_t i = first_slot(table, hash); table->slots[i].item;
	     i = (i + 1) & (table->capacity - 1))
		if (table->slots[i].key == hash && is_same(table->slots[i].item, frames, n))
			return table->slots[i].item;
	return NULL;
}

static const struct stack *add_content(struct stacks *stacks, uint64_t hash, uint64_t id,
				       const struct frame *frames, size_t n)
{
	size_t size = sizeof(struct stack) + n * sizeof(*frames);
	struct stack *stack;

	if (stacks->contents.count >= stacks->max_stacks ||
	    size > MAX_STACK_BYTES - stacks->stack_bytes || table_reserve(&stacks->contents))
		return NULL;
	stack = allocate(stacks, size);
	if (!stack)
		return NULL;
	stack->id = id;
	stack->n_frames = (uint32_t)n;
	if (n)
		memcpy(stack->frames, frames, n * sizeof(*frames));
	stacks->stack_bytes += size;
	table_put(&stacks->contents, hash, stack);
	return stack;
}

const struct stack *stacks_add(struct stacks *stacks, uint64_t id, const struct frame *frames,
			       size_t n)
{
	const struct stack *stack = stacks_find(stacks, id);
	uint64_t hash;

	if (stack)
		return stack;
	if (n > MAX_FRAMES)
		n = MAX_FRAMES;
	hash = hash_frames(frames, n);
	stack = find_content(&stacks->contents, hash, frames, n);
	if (!stack)
		stack = add_content(stacks, hash, id, frames, n);
	if (!stack) {
		stacks->dropped++;
		return NULL;
	}
	stack_ids_put(&stacks->ids, id, stack);
	return stack;
}

const struct frame frame_cut = {.function = "(truncated)", .kind = FRAME_CUT};

size_t stacks_count(const struct stacks *stacks)
{
	return stacks->contents.count;
}

uint64_t stacks_dropped(const struct stacks *stacks)
{
	return stacks->dropped;
}

uint64_t stacks_evicted(const struct stacks *stacks)
{
	return stacks->ids.evicted;
}
