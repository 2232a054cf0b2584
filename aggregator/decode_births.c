/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode_births.h"

enum {
	BITS = 4, /* of a kind */
	KIND = 3,
	KINDS = 15,
};

/* Is the closure that birth i tells of where nothing is any more? Told once for several places, it is
 * only where all are known to be. */
static bool is_stale(const struct nt_event *raw, const struct spills *spills, uint32_t n,
		     uint32_t i)
{
	uint16_t spill = raw->functions[i];
	uint64_t dead;

	if (!spills || NT_SIGHT_KIND(raw->sight, i) != NT_BIRTH_INLINED ||
	    !(spill & NT_SPILL_KNOWN))
		return false;
	dead = spills_find(spills, raw->stack, NT_SPILL_FRAME(spill));
	if (!(dead >> NT_SPILL_WORD(spill) & 1))
		return false;
	do {
		if (raw->functions[i] & NT_SPILL_AGAIN)
			return false;
	} while (++i < n && NT_SIGHT_KIND(raw->sight, i) == NT_BIRTH_AROUND);
	return true;
}

static void add(const struct nt_event *raw, uint32_t i, uint32_t kind, struct event *event)
{
	uint32_t n = event->n_births++;

	event->birth_kinds |= kind << BITS * n;
	event->births[n] = raw->seq - raw->births[i];
	if ((kind & KIND) == NT_BIRTH_CONTEXT)
		event->birth_functions[n] = raw->functions[i];
}

/* How many of the births before that one were kept: the receiver of a frame stands behind what it told. */
static uint16_t moved(uint16_t receiver, uint32_t left_out)
{
	uint32_t before = NT_RECEIVER_BEFORE(receiver), kept = before;

	for (uint32_t i = 0; i < before && i < NT_MAX_BIRTHS; i++)
		kept -= left_out >> i & 1;
	return NT_RECEIVER(kept, receiver);
}

void decode_births(const struct nt_event *raw, const struct spills *spills, struct event *event)
{
	uint32_t n = NT_SIGHT_COUNT(raw->sight);
	uint32_t first = 0; /* NT_SIGHT_FRAME of what was left out */
	uint32_t left_out = 0;
	bool stale = false;

	if (n > NT_MAX_BIRTHS)
		n = NT_MAX_BIRTHS;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t kind = raw->sight >> (BITS * (i + 1)) & KINDS;

		if (!(stale && (kind & KIND) == NT_BIRTH_AROUND))
			stale = is_stale(raw, spills, n, i);
		if (kind & NT_SIGHT_FRAME)
			first = 0;
		first |= kind & NT_SIGHT_FRAME;
		left_out |= (uint32_t)stale << i;
		if (stale)
			continue;
		add(raw, i, kind | first, event);
		if (kind & NT_SIGHT_RECEIVER)
			event->birth_functions[event->n_births - 1] =
				moved(raw->functions[i], left_out);
		first = 0;
	}
}
