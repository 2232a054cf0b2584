/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Strings in V8's heap, whatever their representation: sequential, external, and those made of
 * others (cons, sliced, thin). They are walked piece by piece with a bound on pieces and depth, so
 * that a heap with loops or absurd lengths costs little and ends.
 */
#ifndef NT_SYMBOLIZER_V8_STRING_H
#define NT_SYMBOLIZER_V8_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbolizer/v8_heap.h"

/* Consecutive characters; Latin-1 bytes, or UTF-16 units in the order of the machine. */
struct v8_chars {
	const void *data;
	size_t n;
	bool is_wide;
};

static inline uint16_t v8_char(const struct v8_chars *chars, size_t i)
{
	return chars->is_wide ? ((const uint16_t *)chars->data)[i]
			      : ((const uint8_t *)chars->data)[i];
}

/* Returns 0, -EBADMSG when the object is no string. */
int v8_string_length(struct v8_heap *heap, uint64_t string, uint32_t *ret_length);

/*
 * Hands the first max characters to visit, in order. Returns 0, -EBADMSG when something is no string
 * or the whole is too deep, the read's error, or what visit returned when that is not 0.
 */
int v8_string_visit(struct v8_heap *heap, uint64_t string, size_t max,
		    int (*visit)(void *user, const struct v8_chars *chars), void *user);

/* Copies a string to buf as UTF-8 (not ended with NUL), cut between characters where it does not
 * fit. Same errors. */
int v8_string_copy(struct v8_heap *heap, uint64_t string, char *buf, size_t size, size_t *ret_len);

#endif
