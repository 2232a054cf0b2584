/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/around.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/arena.h"
#include "aggregator/history.h"
#include "aggregator/pool_watch.h"
#include "aggregator/request.h"
#include "symbolizer/base.h"

/* Where the spans of a lane come from. */
struct source {
	const struct request *request;
	const struct history *history;
	const struct pool_watch *pool;
	enum around_lane lane;
	size_t i;
};

struct spans {
	struct around_span *items;
	size_t n, capacity;
};

static void pause_span(const struct pause *pause, struct around_span *ret_span)
{
	*ret_span = (struct around_span){pause->start_ns, pause->end_ns, pause->major};
}

static void ran_span(const struct source *source, struct around_span *ret_span)
{
	const struct stretch *stretch = history_stretch(source->history, source->i);
	enum around_who who = AROUND_OTHER;

	if (stretch->request == source->request->serial)
		who = AROUND_OWN;
	else if (!stretch->request)
		who = AROUND_NOBODY;
	*ret_span = (struct around_span){stretch->start_ns, stretch->end_ns, who};
}

static void pool_span(const struct source *source, struct around_span *ret_span)
{
	const struct pool_step *step = pool_step_at(source->pool, source->i);
	bool last = source->i + 1 == source->pool->n;
	uint32_t busy = step->busy < AROUND_BUSY_MAX ? step->busy : AROUND_BUSY_MAX;

	*ret_span = (struct around_span){
		.start_ns = step->since_ns,
		.end_ns = last ? UINT64_MAX : pool_step_at(source->pool, source->i + 1)->since_ns,
		.value = busy + (step->queued ? AROUND_QUEUED : 0),
	};
}

/* Its first that may end behind the start of the request. */
static size_t first_of(const struct source *source)
{
	const uint64_t start_ns = source->request->start_ns;

	switch (source->lane) {
	case AROUND_RAN:
		return history_stretch_after(source->history, start_ns);
	case AROUND_IDLE:
		return pauses_after(&source->history->polls, start_ns);
	case AROUND_GC:
		return pauses_after(&source->history->collections, start_ns);
	case AROUND_POOL:
	case AROUND_LANES:
		break;
	}
	return pool_step_find(source->pool, start_ns);
}

/* The span of source->i; false behind the last. */
static bool span_of(const struct source *source, struct around_span *ret_span)
{
	const struct history *history = source->history;
	const struct pauses *pauses =
		source->lane == AROUND_IDLE ? &history->polls : &history->collections;

	switch (source->lane) {
	case AROUND_RAN:
		if (source->i >= history->ran.n)
			return false;
		ran_span(source, ret_span);
		return true;
	case AROUND_IDLE:
	case AROUND_GC:
		if (source->i >= pauses->n)
			return false;
		pause_span(pauses_at(pauses, source->i), ret_span);
		return true;
	case AROUND_POOL:
	case AROUND_LANES:
		break;
	}
	if (source->i >= source->pool->n)
		return false;
	pool_span(source, ret_span);
	return true;
}

/* The next one that is not empty, cut to the request. */
static bool next_span(struct source *source, struct around_span *ret_span)
{
	const struct request *request = source->request;

	for (; span_of(source, ret_span); source->i++) {
		if (ret_span->start_ns >= request->end_ns)
			return false;
		if (ret_span->start_ns < request->start_ns)
			ret_span->start_ns = request->start_ns;
		if (ret_span->end_ns > request->end_ns)
			ret_span->end_ns = request->end_ns;
		if (ret_span->end_ns > ret_span->start_ns &&
		    (source->lane != AROUND_POOL || ret_span->value)) {
			source->i++;
			return true;
		}
	}
	return false;
}

static int add_span(struct spans *spans, const struct around_span *span)
{
	struct around_span *last = spans->n ? &spans->items[spans->n - 1] : NULL;
	int err;

	if (last && last->value == span->value && last->end_ns == span->start_ns) {
		last->end_ns = span->end_ns;
		return 0;
	}
	err = array_reserve(&spans->items, &spans->capacity, spans->n, sizeof(*spans->items));
	if (!err)
		spans->items[spans->n++] = *span;
	return err;
}

/* As they are, at most one more than there may be. */
static int copy_spans(struct source source, struct spans *spans)
{
	struct around_span span;
	int err = 0;

	while (!err && spans->n <= AROUND_CELLS && next_span(&source, &span))
		err = add_span(spans, &span);
	return err;
}

/* A cell of the request's time, and what it sums up. */
struct cell {
	unsigned int number;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t sums_ns[AROUND_VALUES];
};

static uint64_t cell_start(const struct request *request, unsigned int number)
{
	return request->start_ns +
	       (uint64_t)((__uint128_t)request_duration_ns(request) * number / AROUND_CELLS);
}

static void cell_open(const struct request *request, unsigned int number, struct cell *ret_cell)
{
	*ret_cell = (struct cell){.number = number,
				  .start_ns = cell_start(request, number),
				  .end_ns = cell_start(request, number + 1)};
}

static int cell_close(const struct cell *cell, struct spans *spans)
{
	uint64_t ts = cell->start_ns;
	unsigned int value;
	int err = 0;

	for (value = 0; value < AROUND_VALUES && !err; value++) {
		if (!cell->sums_ns[value])
			continue;
		err = add_span(spans, &(struct around_span){ts, ts + cell->sums_ns[value], value});
		ts += cell->sums_ns[value];
	}
	return err;
}

/* Adds what of the span lies in the cell, and takes it off the span. Returns whether some is left. */
static bool cell_take(struct cell *cell, struct around_span *span)
{
	uint64_t until = span->end_ns < cell->end_ns ? span->end_ns : cell->end_ns;

	if (until > span->start_ns) {
		cell->sums_ns[span->value] += until - span->start_ns;
		span->start_ns = until;
	}
	return span->start_ns < span->end_ns;
}

static int sum_up(struct source source, struct spans *spans)
{
	const struct request *request = source.request;
	struct around_span span;
	struct cell cell;
	int err = 0;

	spans->n = 0;
	cell_open(request, 0, &cell);
	while (!err && next_span(&source, &span)) {
		while (!err && cell_take(&cell, &span) && cell.number + 1 < AROUND_CELLS) {
			err = cell_close(&cell, spans);
			cell_open(request, cell.number + 1, &cell);
		}
	}
	return err ? err : cell_close(&cell, spans);
}

static int find_lane(const struct source *source, struct around *around)
{
	struct spans spans = {0};
	struct around_span *copy;
	int err = copy_spans(*source, &spans);

	if (!err && spans.n > AROUND_CELLS)
		err = sum_up(*source, &spans);
	copy = err ? NULL : arena_alloc(source->request->arena, (spans.n + 1) * sizeof(*copy));
	if (copy && spans.n)
		memcpy(copy, spans.items, spans.n * sizeof(*copy));
	free(spans.items);
	if (!copy)
		return -ENOMEM;
	around->spans[source->lane] = copy;
	around->n[source->lane] = (uint32_t)spans.n;
	return 0;
}

/* The ring of stretches, and that of polls, begin somewhere. */
static uint64_t known_since(const struct history *history)
{
	const struct stretches *ran = &history->ran;
	const struct pauses *polls = &history->polls;
	uint64_t first_ran = ran->n ? history_stretch(history, 0)->start_ns : UINT64_MAX;
	uint64_t first_poll = polls->n ? pauses_at(polls, 0)->start_ns : UINT64_MAX;
	bool forgot = ran->added > ran->n || polls->added > polls->n;

	if (first_ran == UINT64_MAX || first_poll == UINT64_MAX)
		return first_ran < first_poll ? first_ran : first_poll;
	return (first_ran > first_poll) == forgot ? first_ran : first_poll;
}

static uint64_t known_until(const struct history *history)
{
	const struct stretches *ran = &history->ran;
	const struct pauses *polls = &history->polls;
	uint64_t ran_ns = ran->n ? history_stretch(history, ran->n - 1)->end_ns : 0;
	uint64_t poll_ns = polls->n ? pauses_at(polls, polls->n - 1)->end_ns : 0;

	return ran_ns > poll_ns ? ran_ns : poll_ns;
}

int around_find(struct request *request, const struct history *history,
		const struct pool_watch *pool)
{
	struct source source = {.request = request, .history = history, .pool = pool};
	struct around *around = arena_alloc(request->arena, sizeof(*around));
	unsigned int lane;
	int err = around ? 0 : -ENOMEM;

	for (lane = 0; lane < AROUND_LANES && !err; lane++) {
		source.lane = (enum around_lane)lane;
		source.i = first_of(&source);
		err = find_lane(&source, around);
	}
	if (err)
		return err;
	around->known_ns = known_since(history);
	around->until_ns = known_until(history);
	request->around = around;
	return 0;
}
