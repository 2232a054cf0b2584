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

int radix_sort(uint64_t *keys, size_t n, unsigned int first)
{
	_cleanup_(freep) uint64_t *spare = malloc(n * sizeof(*spare) + 1);
	uint64_t *from = keys;
	uint64_t *to = spare;

	if (!spare)
		return -ENOMEM;
	for (unsigned int byte = first; byte < sizeof(*keys); byte++) {
		size_t starts[VALUES];
		uint64_t *swapped = from;

		if (!count_starts(from, n, byte, starts))
			continue;
		for (size_t i = 0; i < n; i++)
			to[starts[byte_of(from[i], byte)]++] = from[i];
		from = to;
		to = swapped;
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
	return 0;
}
