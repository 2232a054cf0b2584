/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/radix.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	VALUES = 256,
};

static unsigned int byte_of(uint64_t key, unsigned int byte)
{
	return key >> 8 * byte & (VALUES - 1);
}

/* Where the keys with each value of the byte go. Returns false when all have the same. */
static bool count_starts(const uint64_t *keys, size_t n, unsigned int byte, size_t starts[VALUES])
{
	size_t start = 0;

	memset(starts, 0, VALUES * sizeof(*starts));
	for (size_t i = 0; i < n; i++)
		starts[byte_of(keys[i], byte)]++;
	if (n && starts[byte_of(keys[0], byte)] == n)
		return false;
	for (size_t value = 0; value < VALUES; value++) {
		size_t count = starts[value];

		starts[value] = start;
		start += count;
	}
	return true;
}

/* Sorts by one byte from one array into the other. Returns false when there is nothing to do. */
static bool sort_byte(const uint64_t *from, uint64_t *to, size_t n, unsigned int byte)
{
	size_t starts[VALUES];

	if (!count_starts(from, n, byte, starts))
		return false;
	for (size_t i = 0; i < n; i++)
		to[starts[byte_of(from[i], byte)]++] = from[i];
	return true;
}

int radix_sort(uint64_t *keys, size_t n, unsigned int first)
{
	uint64_t *spare = malloc(n * sizeof(*spare) + 1);
	bool in_spare = false;

	if (!spare)
		return -ENOMEM;
	for (unsigned int byte = first; byte < sizeof(*keys); byte++)
		in_spare ^= sort_byte(in_spare ? spare : keys, in_spare ? keys : spare, n, byte);
	if (in_spare)
		memcpy(keys, spare, n * sizeof(*keys));
	free(spare);
	return 0;
}
