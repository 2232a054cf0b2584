/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/labels_plan.h"
#include "symbolizer/base.h"

/* Without turns of the loop: what ended so long before a callback may have caused it. */
#define TURN_NS (200 * NS_PER_US)

uint64_t told_at(const struct history *history, uint64_t ts)
{
	uint64_t woke = history ? history_woke(history, ts) : 0;

	if (woke)
		return woke;
	return ts > TURN_NS ? ts - TURN_NS : 0;
}

/*
 * Data comes while the loop is busy; but what was there when it began to wait had been told. What came before
 * the wait began is something else.
 */
uint64_t told_ready(const struct history *history, enum label label, uint64_t since, uint64_t ts)
{
	uint64_t woke = told_at(history, ts), came = history_came(history, ts), from;

	if ((label != LABEL_IO && label != LABEL_CLIENT) || came <= since || came >= woke)
		return woke;
	from = history_found_nothing(history, since, ts);
	return came > from ? came : from;
}
