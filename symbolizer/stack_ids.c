/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/stack_ids.h"

#include "symbolizer/base.h"

enum {
	NO_ENTRY = 0 /* entries are counted from 1 */
};

/* All whose ids fall into one bucket are chained. */
struct stack_id {
	uint64_t id;
	const struct stack *stack;
	uint32_t next;
	bool asked_for; /* since the hand came by */
};

static size_t bucket_of(const struct stack_ids *ids, uint64_t id)
{
	return (size_t)(((id ^ ids->seed) * 0x9e3779b97f4a7c15ULL) >> 32) & (ids->n_buckets - 1);
}

static struct stack_id *find(const struct stack_ids *ids, uint64_t id)
{
	uint32_t i = ids->buckets[bucket_of(ids, id)];

	while (i != NO_ENTRY && ids->entries[i].id != id)
		i = ids->entries[i].next;
	return i == NO_ENTRY ? NULL : &ids->entries[i];
}

/* Takes an entry out of its chain and returns it. */
static uint32_t evict(struct stack_ids *ids)
{
	uint32_t *link;

	ids->hand = ids->hand % ids->max + 1;
	while (ids->entries[ids->hand].asked_for) {
		ids->entries[ids->hand].asked_for = false;
		ids->hand = ids->hand % ids->max + 1;
	}
	link = &ids->buckets[bucket_of(ids, ids->entries[ids->hand].id)];
	while (*link != ids->hand)
		link = &ids->entries[*link].next;
	*link = ids->entries[ids->hand].next;
	ids->evicted++;
	return ids->hand;
}

int stack_ids_init(struct stack_ids *ids, size_t max, uint64_t seed)
{
	ids->max = max < UINT32_MAX / 4 ? (uint32_t)max : UINT32_MAX / 4;
	ids->seed = seed;
	for (ids->n_buckets = 1; ids->n_buckets < ids->max; ids->n_buckets *= 2)
		;
	ids->entries = calloc((size_t)ids->max + 1, sizeof(*ids->entries));
	ids->buckets = calloc(ids->n_buckets, sizeof(*ids->buckets));
	return ids->entries && ids->buckets ? 0 : -ENOMEM;
}

void stack_ids_done(struct stack_ids *ids)
{
	free(ids->entries);
	free(ids->buckets);
}

const struct stack *stack_ids_find(const struct stack_ids *ids, uint64_t id)
{
	struct stack_id *entry = find(ids, id);

	if (!entry)
		return NULL;
	entry->asked_for = true;
	return entry->stack;
}

void stack_ids_put(struct stack_ids *ids, uint64_t id, const struct stack *stack)
{
	uint32_t *bucket = &ids->buckets[bucket_of(ids, id)];
	uint32_t i;

	if (!ids->max)
		return;
	i = ids->count < ids->max ? ++ids->count : evict(ids);
	ids->entries[i] = (struct stack_id){.id = id, .stack = stack, .next = *bucket};
	*bucket = i;
}
