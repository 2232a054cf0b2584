/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/v8_tables.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	TABLE_BITS = 12,
	PLACE_BITS = 11,
	MAX_TABLE = 64 << 10, /* bytes of one */
	MAX_BYTES = 8 << 20,  /* of all */
};

struct table {
	struct v8_table_key key;
	uint64_t attempt;
	uint8_t *bytes; /* NULL free */
	size_t len;
};

struct known {
	struct v8_place place;
	uint64_t attempt;
	size_t n; /* 0 free */
	struct frame frames[V8_PLACE_FRAMES];
};

struct v8_tables {
	size_t bytes;
	struct table tables[1 << TABLE_BITS];
	struct known known[1 << PLACE_BITS];
};

int v8_tables_new(struct v8_tables **ret_tables)
{
	struct v8_tables *tables = calloc(1, sizeof(*tables));

	if (!tables)
		return -ENOMEM;
	*ret_tables = tables;
	return 0;
}

static void forget(struct v8_tables *tables, struct table *table)
{
	tables->bytes -= table->len;
	free(table->bytes);
	*table = (struct table){0};
}

void v8_tables_free(struct v8_tables *tables)
{
	if (!tables)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables->tables); i++)
		free(tables->tables[i].bytes);
	free(tables);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static size_t table_slot(const struct v8_table_key *key)
{
	return mix(mix(0, key->script), (uint32_t)key->literal) & ((1 << TABLE_BITS) - 1);
}

static bool is_key(const struct table *table, const struct v8_table_key *key)
{
	return table->bytes && table->key.script == key->script &&
	       table->key.literal == key->literal;
}

void v8_tables_put(struct v8_tables *tables, const struct v8_table_key *key, uint64_t attempt,
		   const uint8_t *bytes, size_t len)
{
	struct table *table = &tables->tables[table_slot(key)];
	uint8_t *copy;

	if (!len || len > MAX_TABLE)
		return;
	if (is_key(table, key) && table->len == len && memcmp(table->bytes, bytes, len) == 0)
		return;
	forget(tables, table);
	copy = tables->bytes + len <= MAX_BYTES ? malloc(len) : NULL;
	if (!copy)
		return;
	memcpy(copy, bytes, len);
	tables->bytes += len;
	*table = (struct table){.key = *key, .attempt = attempt, .bytes = copy, .len = len};
}

const uint8_t *v8_tables_find(const struct v8_tables *tables, const struct v8_table_key *key,
			      size_t *ret_len)
{
	const struct table *table = &tables->tables[table_slot(key)];

	if (!is_key(table, key))
		return NULL;
	*ret_len = table->len;
	return table->bytes;
}

static size_t place_slot(const struct v8_place *place)
{
	return mix(mix(mix(0, place->isolate), place->address), place->offset) &
	       ((1 << PLACE_BITS) - 1);
}

static bool is_place(const struct v8_place *a, const struct v8_place *b)
{
	return a->isolate == b->isolate && a->moves == b->moves && a->address == b->address &&
	       a->offset == b->offset;
}

void v8_tables_put_place(struct v8_tables *tables, const struct v8_place *place, uint64_t attempt,
			 const struct frame *frames, size_t n)
{
	struct known *known = &tables->known[place_slot(place)];

	if (!n || n > V8_PLACE_FRAMES)
		return;
	known->place = *place;
	known->attempt = attempt;
	known->n = n;
	memcpy(known->frames, frames, n * sizeof(*frames));
}

size_t v8_tables_find_place(const struct v8_tables *tables, const struct v8_place *place,
			    struct frame *ret_frames, size_t max)
{
	const struct known *known = &tables->known[place_slot(place)];

	if (!known->n || known->n > max || !is_place(&known->place, place))
		return 0;
	memcpy(ret_frames, known->frames, known->n * sizeof(*ret_frames));
	return known->n;
}

void v8_tables_discard(struct v8_tables *tables, uint64_t attempt)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables->tables); i++)
		if (tables->tables[i].bytes && tables->tables[i].attempt == attempt)
			forget(tables, &tables->tables[i]);
	for (size_t i = 0; i < ARRAY_SIZE(tables->known); i++)
		if (tables->known[i].attempt == attempt)
			tables->known[i].n = 0;
}
