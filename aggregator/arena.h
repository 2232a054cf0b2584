/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Memory that is released all at once. Each request owns one arena; nothing in it is freed on its
 * own. Pieces are aligned to 8 bytes and zeroed.
 */
#ifndef NT_AGGREGATOR_ARENA_H
#define NT_AGGREGATOR_ARENA_H

#include <stddef.h>

struct arena;

/* Returns NULL when memory is short. */
struct arena *arena_new(void);
void arena_free(struct arena *arena);
/* Returns `size` zeroed bytes, or NULL when memory is short. */
void *arena_alloc(struct arena *arena, size_t size);
/* Returns a NUL-terminated copy of len bytes, or NULL. */
char *arena_copy(struct arena *arena, const char *text, size_t len);
/* Bytes taken from the system. */
size_t arena_bytes(const struct arena *arena);

#endif
