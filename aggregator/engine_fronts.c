/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_fronts.h"

#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_RECENT 64 /* jobs of a thread that are remembered */

struct pool_runs {
	struct op_front recent[MAX_RECENT]; /* ring, newest at n - 1 */
	uint64_t n;
	struct op_front now;
	bool is_busy;
	bool is_cut; /* what lies before the oldest is not known */
};

static struct pool_runs *runs_of(struct engine_thread *thread)
{
	if (!thread->pool_runs)
		thread->pool_runs = calloc(1, sizeof(*thread->pool_runs));
	return thread->pool_runs;
}

static struct op_front front_of(const struct live_op *live, uint64_t ts)
{
	struct op_front front = {.start_ns = ts};

	if (!live)
		return front;
	front.request = live->request;
	front.op = live->id;
	front.job = live->job;
	front.stack = live->op.stack;
	return front;
}

static uint64_t length_of(const struct op_front *front)
{
	return front->end_ns - front->start_ns;
}

/* Takes the place of the shortest, if that is shorter. */
static void replace_shortest(struct op_front *fronts, const struct op_front *front)
{
	size_t shortest = 0;

	for (size_t i = 1; i < OP_MAX_FRONTS; i++)
		if (length_of(&fronts[i]) < length_of(&fronts[shortest]))
			shortest = i;
	if (length_of(front) > length_of(&fronts[shortest]))
		fronts[shortest] = *front;
}

static int by_start(const void *left, const void *right)
{
	const struct op_front *a = left, *b = right;

	return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* The longest of those that the thread had since queued_ns, in order. Returns their number. */
static uint32_t find_fronts(const struct pool_runs *runs, uint64_t queued_ns,
			    struct op_front fronts[OP_MAX_FRONTS], bool *ret_cut)
{
	uint64_t kept = runs->n < MAX_RECENT ? runs->n : MAX_RECENT, i;
	uint32_t n = 0;
	bool cut = false;

	for (i = 1; i <= kept; i++) {
		struct op_front front = runs->recent[(runs->n - i) % MAX_RECENT];

		if (front.end_ns <= queued_ns)
			break;
		if (front.start_ns < queued_ns)
			front.start_ns = queued_ns;
		if (n < OP_MAX_FRONTS) {
			fronts[n++] = front;
			continue;
		}
		cut = true;
		replace_shortest(fronts, &front);
	}
	if (n)
		qsort(fronts, n, sizeof(*fronts), by_start);
	*ret_cut = cut || (i > kept && (runs->n > kept || runs->is_cut));
	return n;
}

static void note_fronts(const struct pool_runs *runs, struct live_op *live)
{
	struct op_front fronts[OP_MAX_FRONTS], *copy;
	uint32_t n = find_fronts(runs, live->op.queued_ns, fronts, &live->op.fronts_cut);

	free((void *)live->op.fronts); /* begun twice: damaged data */
	live->op.fronts = NULL;
	live->op.n_fronts = 0;
	copy = n ? calloc(n, sizeof(*copy)) : NULL;
	if (!copy)
		return;
	memcpy(copy, fronts, n * sizeof(*copy));
	live->op.fronts = copy;
	live->op.n_fronts = n;
}

void fronts_started(struct engine_thread *thread, struct live_op *live, uint64_t ts)
{
	struct pool_runs *runs = runs_of(thread);

	if (!runs)
		return;
	if (live && live->op.queued_ns && live->op.queued_ns < ts)
		note_fronts(runs, live);
	runs->now = front_of(live, ts);
	runs->is_busy = true;
}

/* The first that is seen of a thread may be the end of what it had all the while. */
static bool was_at_work(const struct pool_runs *runs)
{
	return !runs->n && !runs->is_cut;
}

void fronts_ended(const struct engine *engine, struct engine_thread *thread,
		  const struct live_op *live, uint64_t ts)
{
	struct pool_runs *runs = runs_of(thread);
	uint64_t started = live && live->op.started_ns ? live->op.started_ns : engine->began;
	struct op_front front;

	if (!runs || (!runs->is_busy && !was_at_work(runs)))
		return;
	front = runs->is_busy ? runs->now : front_of(live, started);
	if (live && live->id == front.op)
		front.request = live->request; /* perhaps it is known better by now */
	front.end_ns = ts;
	runs->is_busy = false;
	if (front.end_ns > front.start_ns)
		runs->recent[runs->n++ % MAX_RECENT] = front;
}

void fronts_lost(struct engine_thread *thread)
{
	if (!thread->pool_runs)
		return;
	thread->pool_runs->n = 0;
	thread->pool_runs->is_busy = false;
	thread->pool_runs->is_cut = true;
}
