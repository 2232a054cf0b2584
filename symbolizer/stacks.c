/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/stacks.h"

#include <string.h>

#include "symbolizer/base.h"
#include "symbolizer/printable.h"

enum {
	CHUNK = 64 << 10,
	MAX_NAME = 512,   /* bytes; longer names are cut */
	MAX_FRAMES = 256, /* deeper stacks lose their outermost frames; BPF sends fewer */
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
	struct table by_id;
	struct table names; /* by hash */
	size_t max_stacks;
	size_t max_name_bytes;
	size_t name_bytes;
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
	stacks->by_id.seed = (uintptr_t)stacks;
	stacks->names.seed = (uintptr_t)stacks;
	stacks->max_stacks = max_stacks;
	stacks->max_name_bytes = max_name_bytes;
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
	free(stacks->by_id.slots);
	free(stacks->names.slots);
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
	const struct table *table = &stacks->by_id;

	if (!table->capacity)
		return NULL;
	for (size_t i = first_slot(table, id); table->slots[i].item;
	     i = (i + 1) & (table->capacity - 1))
		if (table->slots[i].key == id)
			return table->slots[i].item;
	return NULL;
}

const struct stack *stacks_add(struct stacks *stacks, uint64_t id, const struct frame *frames,
			       size_t n)
{
	const struct stack *known = stacks_find(stacks, id);
	struct stack *stack;

	if (known)
		return known;
	if (n > MAX_FRAMES)
		n = MAX_FRAMES;
	stack = NULL;
	if (stacks->by_id.count < stacks->max_stacks && !table_reserve(&stacks->by_id))
		stack = allocate(stacks, sizeof(*stack) + n * sizeof(*frames));
	if (!stack) {
		stacks->dropped++;
		return NULL;
	}
	stack->id = id;
	stack->n_frames = (uint32_t)n;
	if (n)
		memcpy(stack->frames, frames, n * sizeof(*frames));
	table_put(&stacks->by_id, id, stack);
	return stack;
}

size_t stacks_count(const struct stacks *stacks)
{
	return stacks->by_id.count;
}

uint64_t stacks_dropped(const struct stacks *stacks)
{
	return stacks->dropped;
}
