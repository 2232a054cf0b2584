/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/turn_delay.h"

#include <errno.h>
#include <string.h>

#include "aggregator/arena.h"
#include "aggregator/history.h"
#include "aggregator/request.h"

static uint64_t length_of(const struct label_span *span)
{
	return span->end_ns - span->start_ns;
}

/* The turn goes to those that are kept, or to what was cut. */
static void keep(struct turn_delays *delays)
{
	struct turn_delay *shortest = &delays->kept[0];

	if (delays->n < TURN_DELAYS_MAX) {
		delays->kept[delays->n++] = delays->at;
		return;
	}
	for (uint32_t i = 1; i < delays->n; i++)
		if (delays->kept[i].delay_ns < shortest->delay_ns)
			shortest = &delays->kept[i];
	if (delays->at.delay_ns <= shortest->delay_ns) {
		delays->cut_ns += delays->at.delay_ns;
		return;
	}
	delays->cut_ns += shortest->delay_ns;
	*shortest = delays->at;
}

/* Who had most of it; those not told apart together, should they have had more. */
static void find_culprit(struct turn_delays *delays)
{
	struct turn_delay *at = &delays->at;

	at->busy = LABEL_BUSY_SEVERAL;
	at->culprit_ns = delays->rest_ns;
	for (uint32_t i = 0; i < delays->n_slots; i++) {
		const struct label_span *span = &delays->slots[i].span;

		if (delays->slots[i].ns <= at->culprit_ns)
			continue;
		at->culprit_ns = delays->slots[i].ns;
		at->culprit = span->culprit;
		at->busy = span->busy;
		at->stack = span->stack;
		at->samples = span->samples;
	}
}

void turn_delays_close(struct turn_delays *delays)
{
	if (!delays->at.delay_ns)
		return;
	find_culprit(delays);
	keep(delays);
	delays->at = (struct turn_delay){0};
	delays->n_slots = 0;
	delays->least_ns = 0;
	delays->rest_ns = 0;
}

/* The slot of the culprit; when all are others', of the one that had the loop least, if it had it
 * for less than this span. TURN_DELAY_SLOTS: none. */
static uint32_t slot_of(struct turn_delays *delays, const struct label_span *span)
{
	uint32_t i = 0, least = 0;

	while (i < delays->n_slots && (delays->slots[i].span.culprit != span->culprit ||
				       delays->slots[i].span.busy != span->busy))
		i++;
	if (i < delays->n_slots)
		return i;
	if (i < TURN_DELAY_SLOTS) {
		delays->n_slots++;
	} else {
		if (delays->least_ns >= length_of(span))
			return TURN_DELAY_SLOTS;
		for (i = 1; i < TURN_DELAY_SLOTS; i++)
			if (delays->slots[i].ns < delays->slots[least].ns)
				least = i;
		delays->least_ns = delays->slots[least].ns;
		if (delays->least_ns >= length_of(span))
			return TURN_DELAY_SLOTS;
		delays->rest_ns += delays->slots[least].ns;
		i = least;
	}
	delays->slots[i].ns = 0;
	delays->slots[i].span = *span;
	return i;
}

static void add_culprit(struct turn_delays *delays, const struct label_span *span)
{
	uint32_t i = slot_of(delays, span);
	struct label_span *longest;

	if (i == TURN_DELAY_SLOTS) {
		delays->rest_ns += length_of(span);
		return;
	}
	longest = &delays->slots[i].span;
	if (span->stack && (!longest->stack || length_of(span) > length_of(longest)))
		*longest = *span;
	delays->slots[i].ns += length_of(span);
}

void turn_delays_add(struct turn_delays *delays, const struct history *history,
		     const struct label_span *span)
{
	size_t next = pauses_after_near(&history->polls, span->start_ns, &delays->near);
	uint64_t start_ns;

	if (!next) { /* nobody saw it begin */
		delays->cut_ns += length_of(span);
		return;
	}
	start_ns = pauses_at(&history->polls, next - 1)->end_ns;
	if (delays->at.delay_ns && delays->at.start_ns != start_ns)
		turn_delays_close(delays);
	delays->at.start_ns = start_ns;
	delays->at.end_ns = span->end_ns;
	delays->at.is_over = next < history->polls.n;
	if (delays->at.is_over)
		delays->at.end_ns = pauses_at(&history->polls, next)->start_ns;
	delays->at.delay_ns += length_of(span);
	add_culprit(delays, span);
}

int turn_delays_copy(const struct turn_delays *delays, struct request *request)
{
	struct turn_delay *turns;

	request->turns_cut_ns = delays->cut_ns;
	if (!delays->n)
		return 0;
	turns = arena_alloc(request->arena, delays->n * sizeof(*turns));
	if (!turns)
		return -ENOMEM;
	memcpy(turns, delays->kept, delays->n * sizeof(*turns));
	request->turns = turns;
	request->n_turns = delays->n;
	return 0;
}
