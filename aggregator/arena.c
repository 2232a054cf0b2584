/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN       8
#define ARENA_FIRST_CHUNK 1024
#define ARENA_MAX_CHUNK   65536

struct chunk {
	struct chunk *next;
	size_t size;
	size_t used;
	alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the first one is being filled */
	size_t next_size;
	size_t bytes;
};

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (chunk)
		chunk->size = size;
	return chunk;
}

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->next_size = ARENA_FIRST_CHUNK;
	arena->bytes = sizeof(*arena);
	return arena;
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk;

	if (!arena)
		return;
	while ((chunk = arena->chunks)) {
		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
}

/* A large piece gets a chunk of its own behind the one being filled, which stays in use. */
static void *alloc_large(struct arena *arena, size_t size)
{
	struct chunk *chunk = chunk_new(size);

	if (!chunk)
		return NULL;
	chunk->used = size;
	if (arena->chunks) {
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else {
		arena->chunks = chunk;
	}
	arena->bytes += sizeof(*chunk) + size;
	return chunk->data;
}

static int add_chunk(struct arena *arena)
{
	struct chunk *chunk = chunk_new(arena->next_size);

	if (!chunk)
		return -1;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->bytes += sizeof(*chunk) + chunk->size;
	if (arena->next_size < ARENA_MAX_CHUNK)
		arena->next_size *= 2;
	return 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;
	void *piece;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (!chunk || size > chunk->size - chunk->used) {
		if (size > arena->next_size / 2)
			return alloc_large(arena, size);
		if (add_chunk(arena))
			return NULL;
		chunk = arena->chunks;
	}
	piece = chunk->data + chunk->used;
	chunk->used += size;
	return piece;
}

char *arena_copy(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, len + 1);
	if (copy && len)
		memcpy(copy, text, len);
	return copy;
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}
