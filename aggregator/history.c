/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/history.h"

#include <stdlib.h>

#include "bpf/event.h"
#include "symbolizer/base.h"

#define PLACE_BACK 8
#define NEAR       8 /* steps that are taken before a search is sooner */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Position in the ring of the i-th kept. */
static size_t ring_at(uint64_t added, size_t n, size_t i)
{
	return (added - n + i) % HISTORY_MAX;
}

const struct stretch *history_stretch(const struct history *history, size_t i)
{
	const struct stretches *ran = &history->ran;

	return &ran->items[ring_at(ran->added, ran->n, i)];
}

const struct pause *pauses_at(const struct pauses *pauses, size_t i)
{
	return &pauses->items[ring_at(pauses->added, pauses->n, i)];
}

int history_ran(struct history *history, const struct stretch *stretch)
{
	struct stretches *ran = &history->ran;
	struct stretch item = *stretch;
	int err = 0;

	if (ran->n)
		item.start_ns = later(item.start_ns, history_stretch(history, ran->n - 1)->end_ns);
	if (item.end_ns <= item.start_ns)
		return 0;
	if (ran->n < HISTORY_MAX) {
		err = array_reserve(&ran->items, &ran->capacity, ran->n, sizeof(item));
		if (err)
			return err;
		ran->n++;
	}
	ran->items[ran->added++ % HISTORY_MAX] = item;
	return 0;
}

void history_place(struct history *history, uint64_t request, uint64_t since_ns,
		   const struct stack *stack)
{
	struct stretches *ran = &history->ran;

	for (size_t back = 1; back <= PLACE_BACK && back <= ran->n; back++) {
		struct stretch *stretch = &ran->items[ring_at(ran->added, ran->n, ran->n - back)];

		if (stretch->start_ns < since_ns)
			return;
		if (stretch->request == request && !stretch->stack)
			stretch->stack = stack;
	}
}

static int pause_add(struct pauses *pauses, uint64_t start_ns, uint64_t end_ns, bool major)
{
	int err;

	if (pauses->n)
		start_ns = later(start_ns, pauses_at(pauses, pauses->n - 1)->end_ns);
	if (end_ns < start_ns)
		return 0;
	if (pauses->n < HISTORY_MAX) {
		err = array_reserve(&pauses->items, &pauses->capacity, pauses->n,
				    sizeof(*pauses->items));
		if (err)
			return err;
		pauses->n++;
	}
	pauses->items[pauses->added++ % HISTORY_MAX] = (struct pause){start_ns, end_ns, major};
	return 0;
}

int history_polled(struct history *history, uint64_t start_ns, uint64_t end_ns)
{
	return pause_add(&history->polls, start_ns, end_ns, false);
}

int history_collected(struct history *history, uint64_t start_ns, uint64_t end_ns)
{
	return pause_add(&history->collections, start_ns, end_ns, false);
}

int history_collected_all(struct history *history, uint64_t start_ns, uint64_t end_ns)
{
	return pause_add(&history->collections, start_ns, end_ns, true);
}

int history_preempted(struct history *history, uint64_t start_ns, uint64_t end_ns)
{
	return pause_add(&history->preempted, start_ns, end_ns, false);
}

void history_done(struct history *history)
{
	free(history->ran.items);
	free(history->polls.items);
	free(history->collections.items);
	free(history->preempted.items);
	*history = (struct history){0};
}

typedef uint64_t end_fn(const void *ring, size_t i);

/* The first of n whose end is behind ts; ends ascend. */
static size_t first_after(const void *ring, size_t n, end_fn *end_of, uint64_t ts)
{
	return PARTITION_POINT(i, n, end_of(ring, i) <= ts);
}

static uint64_t end_of_stretch(const void *ring, size_t i)
{
	return history_stretch(ring, i)->end_ns;
}

static uint64_t end_of_pause(const void *ring, size_t i)
{
	return pauses_at(ring, i)->end_ns;
}

size_t history_stretch_after(const struct history *history, uint64_t ts)
{
	return first_after(history, history->ran.n, end_of_stretch, ts);
}

size_t pauses_after(const struct pauses *pauses, uint64_t ts)
{
	return first_after(pauses, pauses->n, end_of_pause, ts);
}

size_t pauses_after_near(const struct pauses *pauses, uint64_t ts, size_t *near)
{
	size_t i = *near < pauses->n ? *near : pauses->n;
	size_t last = i + NEAR < pauses->n ? i + NEAR : pauses->n;

	if (i && pauses_at(pauses, i - 1)->end_ns <= ts) {
		while (i < last && pauses_at(pauses, i)->end_ns <= ts)
			i++;
		if (i < last || i == pauses->n)
			return *near = i;
	}
	return *near = pauses_after(pauses, ts);
}

uint64_t history_woke(const struct history *history, uint64_t ts)
{
	size_t i = pauses_after(&history->polls, ts);

	return i ? pauses_at(&history->polls, i - 1)->end_ns : 0;
}

/* Looks that took no longer than this do not count. */
static uint64_t last_wait(const struct history *history, uint64_t from, uint64_t ts,
			  uint64_t min_ns)
{
	for (size_t i = pauses_after(&history->polls, ts); i; i--) {
		const struct pause *poll = pauses_at(&history->polls, i - 1);

		if (poll->end_ns <= from)
			break;
		if (poll->end_ns - poll->start_ns > min_ns)
			return poll->end_ns;
	}
	return from;
}

uint64_t history_waited(const struct history *history, uint64_t from, uint64_t ts)
{
	return last_wait(history, from, ts, 0);
}

uint64_t history_found_nothing(const struct history *history, uint64_t from, uint64_t ts)
{
	return last_wait(history, from, ts, NT_WAITED_NS);
}

uint64_t history_came(const struct history *history, uint64_t ts)
{
	size_t i = history_stretch_after(history, ts);

	if (i >= history->ran.n || history_stretch(history, i)->start_ns > ts)
		return 0;
	return history_stretch(history, i)->came_ns;
}

bool history_runs_timers(const struct history *history, uint64_t ts)
{
	size_t i = history_stretch_after(history, ts);

	return i < history->ran.n && history_stretch(history, i)->start_ns <= ts &&
	       history_stretch(history, i)->cause == LABEL_TIMER;
}

uint64_t pauses_sum(const struct pauses *pauses, uint64_t start_ns, uint64_t end_ns)
{
	uint64_t sum = 0;

	for (size_t i = pauses_after(pauses, start_ns); i < pauses->n; i++) {
		const struct pause *pause = pauses_at(pauses, i);
		uint64_t from = pause->start_ns > start_ns ? pause->start_ns : start_ns;
		uint64_t until = pause->end_ns < end_ns ? pause->end_ns : end_ns;

		if (pause->start_ns >= end_ns)
			break;
		if (until > from)
			sum += until - from;
	}
	return sum;
}
