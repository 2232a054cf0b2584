/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Reads of V8's heap in a process that runs on meanwhile.
 *
 * An object is a tagged word that may be anything: a stale pointer, a number, garbage. Every read
 * can fail, every type is asked for, and nothing read is trusted further than that. Types of maps
 * and pages are remembered until v8_heap_forget(): a system call costs more than what it reads.
 * Owner: one thread.
 */
#ifndef NT_SYMBOLIZER_V8_HEAP_H
#define NT_SYMBOLIZER_V8_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/process.h"
#include "symbolizer/v8_layout.h"

#define V8_KNOWN_MAPS  64
#define V8_KNOWN_PAGES 64
#define V8_PAGE        4096
#define V8_CHUNK       16384

struct v8_heap {
	const struct memory *memory;
	const struct v8_layout *layout;
	struct {
		uint64_t map; /* 0 free */
		uint16_t type;
	} maps[V8_KNOWN_MAPS];
	uint64_t pages[V8_KNOWN_PAGES]; /* addresses; 0 free */
	uint8_t page_bytes[V8_KNOWN_PAGES][V8_PAGE];
	uint64_t reads;   /* of the process */
	uint64_t attempt; /* rises with each v8_heap_forget(); what is learnt is marked with it */
	uint8_t chunk[V8_CHUNK]; /* of the string or code in hand */
};

/* Reads by `memory`, in the ways of this layout; both must outlive it. */
void v8_heap_init(struct v8_heap *heap, const struct memory *memory,
		  const struct v8_layout *layout);
/* Forgets what was read; before each stack, since the process runs on. */
void v8_heap_forget(struct v8_heap *heap);

/* True for a word that is tagged as a strong pointer and can be an address. */
static inline bool v8_is_object(uint64_t word)
{
	return (word & 3) == 1 && word > 4096 && word < 1ULL << 47;
}

/* The number in a Smi; 0 when it is none, so ask v8_is_smi() first where that matters. */
static inline bool v8_is_smi(uint64_t word)
{
	return (word & 0xffffffff) == 0;
}

static inline int32_t v8_smi(uint64_t word)
{
	return v8_is_smi(word) ? (int32_t)(word >> 32) : 0;
}

/* Reads at an address. Returns 0 or the negative errno of the memory. */
int v8_read_raw(struct v8_heap *heap, uint64_t address, void *buf, size_t len);

/* Reads len bytes of an object. Returns 0, -EBADMSG when the word is no object, or -EFAULT … */
int v8_read(struct v8_heap *heap, uint64_t object, uint32_t offset, void *buf, size_t len);
int v8_read_word(struct v8_heap *heap, uint64_t object, uint32_t offset, uint64_t *ret_word);

/* The instance type that a map word tells, also when the object has just moved. Same errors. */
int v8_map_type(struct v8_heap *heap, uint64_t map, uint16_t *ret_type);
int v8_type(struct v8_heap *heap, uint64_t object, uint16_t *ret_type);

/* Returns 0 when the object is of this type (not 0), -EBADMSG when it is of another. */
int v8_check(struct v8_heap *heap, uint64_t object, uint32_t type);

/*
 * Reads a byte array of at most max bytes into a buffer for free(). Returns 0 and possibly an empty
 * array with NULL, -EBADMSG when it is none or larger, -ENOMEM, or the read's error.
 */
int v8_read_bytes(struct v8_heap *heap, uint64_t array, size_t max, uint8_t **ret_bytes,
		  size_t *ret_len);

/* Length of a fixed or byte array whose type was checked. */
int v8_array_length(struct v8_heap *heap, uint64_t array, uint32_t *ret_length);

#endif
