/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/spills.h"

#include <stddef.h>
#include <string.h>

/* Ids of stacks are hashes, so that two frames hardly ever have the same key. */
static uint64_t key_of(uint64_t stack, uint32_t frame)
{
	return (stack ^ frame) * 0x9e3779b97f4a7c15ULL;
}

static size_t set_of(uint64_t key)
{
	return key >> (64 - SPILLS_BITS);
}

void spills_put(struct spills *spills, uint64_t stack, uint32_t frame, uint64_t dead)
{
	uint64_t key = key_of(stack, frame);
	struct spill *set = spills->sets[set_of(key)];
	size_t i = 0;

	if (!stack || !key || !dead)
		return;
	while (i < SPILLS_WAYS - 1 && set[i].key && set[i].key != key)
		i++;
	memmove(&set[1], &set[0], i * sizeof(*set));
	set[0] = (struct spill){.key = key, .dead = dead};
}

uint64_t spills_find(const struct spills *spills, uint64_t stack, uint32_t frame)
{
	uint64_t key = key_of(stack, frame);
	const struct spill *set = spills->sets[set_of(key)];

	if (!stack || !key)
		return 0;
	for (size_t i = 0; i < SPILLS_WAYS; i++)
		if (set[i].key == key)
			return set[i].dead;
	return 0;
}
