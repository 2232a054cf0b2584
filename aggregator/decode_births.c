/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode_births.h"

enum {
	BITS = 4, /* of a kind */
	KIND = 3,
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

void decode_births(const struct nt_event *raw, const struct spills *spills, struct event *event)
{
	uint32_t n = NT_SIGHT_COUNT(raw->sight);
	uint32_t first = 0; /* NT_SIGHT_FRAME of what was left out */
	bool stale = false;

	if (n > NT_MAX_BIRTHS)
		n = NT_MAX_BIRTHS;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t kind = raw->sight >> (BITS * (i + 1)) & (KIND | NT_SIGHT_FRAME);

		if (!(stale && (kind & KIND) == NT_BIRTH_AROUND))
			stale = is_stale(raw, spills, n, i);
		if (kind & NT_SIGHT_FRAME)
			first = 0;
		first |= kind & NT_SIGHT_FRAME;
		if (stale)
			continue;
		add(raw, i, kind | first, event);
		first = 0;
	}
}
