/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/spills.h"

#include <stddef.h>

static size_t slot_of(uint64_t stack, uint32_t frame)
{
	return (size_t)(((stack ^ frame) * 0x9e3779b97f4a7c15ULL) >> 32) % SPILLS_SLOTS;
}

void spills_put(struct spills *spills, uint64_t stack, uint32_t frame, uint64_t dead)
{
	size_t i = slot_of(stack, frame);

	if (!stack || !dead)
		return;
	spills->slots[i].stack = stack;
	spills->slots[i].frame = frame;
	spills->slots[i].dead = dead;
}

uint64_t spills_find(const struct spills *spills, uint64_t stack, uint32_t frame)
{
	size_t i = slot_of(stack, frame);

	if (!stack || spills->slots[i].stack != stack || spills->slots[i].frame != frame)
		return 0;
	return spills->slots[i].dead;
}
