/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * When a timer or immediate ran. A callback that touches no probe, as the resolve of a sleep(),
 * shows nothing; but a timer that is due when the timers phase begins runs in it, and so does every
 * immediate made before the immediates phase, unless it was cleared, which shows nothing either:
 * such an end is flagged as inferred.
 */
#include "aggregator/engine_timers.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_sources.h"

#include "symbolizer/base.h"

#define MAX_DUE     131072 /* two for each timer */
#define PURGE_EVERY 8192   /* timers, at most: it looks at all of them */
/* A loop that has nothing to do calls a timer at once; so late it was cleared, or ran silently. A
 * whole machine may stand still for longer than one would think. */
#define IDLE_NS (250 * NS_PER_MS)

static void heap_swap(struct due_timer *a, struct due_timer *b)
{
	struct due_timer t = *a;

	*a = *b;
	*b = t;
}

static int heap_push(struct engine_thread *thread, struct due_timer timer)
{
	size_t i = thread->n_due;
	int err;

	err = array_reserve(&thread->due, &thread->cap_due, i, sizeof(*thread->due));
	if (err)
		return err;
	thread->due[i] = timer;
	thread->n_due++;
	for (; i && thread->due[i].due_ns < thread->due[(i - 1) / 2].due_ns; i = (i - 1) / 2)
		heap_swap(&thread->due[i], &thread->due[(i - 1) / 2]);
	return 0;
}

static void heap_sink(struct engine_thread *thread, size_t i)
{
	struct due_timer *due = thread->due;
	size_t child;

	while ((child = 2 * i + 1) < thread->n_due) {
		if (child + 1 < thread->n_due && due[child + 1].due_ns < due[child].due_ns)
			child++;
		if (due[i].due_ns <= due[child].due_ns)
			break;
		heap_swap(&due[i], &due[child]);
		i = child;
	}
}

static void heap_pop(struct engine_thread *thread)
{
	thread->due[0] = thread->due[--thread->n_due];
	heap_sink(thread, 0);
}

/* Without those that are over: nothing shows when a timer is cleared, and it may be due in hours. */
static void heap_purge(struct engine *engine, struct engine_thread *thread)
{
	const struct live_op *live;
	size_t n = 0;

	for (size_t i = 0; i < thread->n_due; i++) {
		live = op_find(engine, thread->due[i].op);
		if (live && live->open)
			thread->due[n++] = thread->due[i];
	}
	thread->n_due = n;
	for (size_t i = n / 2; i--;)
		heap_sink(thread, i);
}

/* Is there room for another timer? */
static bool heap_has_room(struct engine *engine, struct engine_thread *thread)
{
	thread->n_timers++;
	if (thread->n_due + 2 > MAX_DUE && thread->n_timers >= PURGE_EVERY) {
		heap_purge(engine, thread);
		thread->n_timers = 0;
	}
	return thread->n_due + 2 <= MAX_DUE;
}

int timer_add(struct engine *engine, struct engine_thread *thread, uint64_t due_ns,
	      uint64_t sure_ns, uint64_t op)
{
	struct due_timer timer = {.due_ns = due_ns, .sure_ns = sure_ns, .op = op};
	int err;

	if (!heap_has_room(engine, thread)) {
		engine->totals.forgotten++;
		return 0;
	}
	err = heap_push(thread, timer);
	if (err)
		return err;
	timer.due_ns = sure_ns;
	return heap_push(thread, timer);
}

/*
 * The end of one that showed nothing: the first phase in which it may have run. Until it has run
 * for sure it stays open, for it may still show something, and its request must wait for that.
 */
static void timer_ended(struct engine *engine, struct due_timer timer, uint64_t ts,
			uint64_t quiet_ns)
{
	struct live_op *live = op_find(engine, timer.op);

	if (!live || !live->open)
		return;
	live->op.flags |= OP_END_INFERRED;
	if (live->op.end_ns)
		ts = live->op.end_ns;
	if (ts < live->op.start_ns)
		ts = live->op.start_ns;
	live->op.end_ns = ts;
	if (timer.due_ns == timer.sure_ns)
		op_end_silent(engine, live, ts, quiet_ns);
}

void timers_due(struct engine *engine, struct engine_thread *thread, uint64_t now_ns)
{
	struct due_timer timer;

	while (thread->n_due && thread->due[0].due_ns <= now_ns) {
		timer = thread->due[0];
		heap_pop(thread);
		timer_ended(engine, timer, now_ns, now_ns);
	}
}

/* Ends those that have run by now if they ever did: no callback follows. One that only may have been due
 * runs in a phase to come. */
static void timers_over(struct engine *engine, struct engine_thread *thread, uint64_t now_ns)
{
	struct due_timer timer;

	while (thread->n_due && thread->due[0].sure_ns <= now_ns) {
		timer = thread->due[0];
		heap_pop(thread);
		timer_ended(engine, timer, timer.due_ns, timer.due_ns);
	}
}

void timers_turn(struct engine *engine, struct engine_thread *thread, uint64_t ts)
{
	timers_over(engine, thread, thread->turned_ts);
	thread->turned_ts = ts;
}

void timers_idle(struct engine *engine, struct engine_thread *thread)
{
	if (thread->n_due && !thread->n_scopes && engine->now > thread->last_ts + IDLE_NS)
		timers_over(engine, thread, engine->now - IDLE_NS);
}

int immediates_made(struct engine *engine, struct engine_thread *thread, const struct event *event,
		    const struct context *context, uint64_t n)
{
	struct live_op *live;

	for (; n && thread->n_made < MAX_MADE; n--) {
		if (!owner_of(engine, thread, context, thread->number).request)
			return 0; /* nobody's: not worth an operation */
		live = op_new(engine, thread, event, context, "immediate", "");
		if (!live)
			return -ENOMEM;
		live->op.wrap = "Immediate";
		thread->made[thread->n_made++] =
			(struct made_immediate){.number = thread->number, .op = live->id};
	}
	return 0;
}

void immediates_due(struct engine *engine, struct engine_thread *thread, uint64_t now_ns)
{
	struct live_op *live;

	thread->n_made -= thread->n_running;
	memmove(thread->made, thread->made + thread->n_running,
		thread->n_made * sizeof(*thread->made));
	thread->n_running = thread->n_made;
	for (uint32_t i = 0; i < thread->n_made; i++) {
		live = op_find(engine, thread->made[i].op);
		if (!live)
			continue;
		op_end(engine, live, now_ns);
		live->op.flags |= OP_END_INFERRED;
	}
}

/* Of those that run now and have no id yet, the first one made in this gap: they run in order. */
static struct live_op *immediate_of_gap(struct engine *engine, struct engine_thread *thread,
					uint64_t number)
{
	struct live_op *live;

	for (uint32_t i = 0; i < thread->n_running; i++) {
		live = thread->made[i].number == number ? op_find(engine, thread->made[i].op)
							: NULL;
		if (live && !live->op.async_id)
			return live;
	}
	return NULL;
}

/* One whose making was not attributed then: what is known of its id tells now. */
static struct live_op *immediate_late(struct engine *engine, struct engine_thread *thread,
				      uint64_t id, const struct gap *gap, uint64_t ts)
{
	struct context self = {.kind = CONTEXT_ID, .id = id};
	struct event event = {.ts = gap ? gap->ts : ts};
	struct live_op *live;

	if (!owner_of(engine, thread, &self, thread->number).request)
		return NULL;
	live = op_new(engine, thread, &event, &self, "immediate", "");
	if (live)
		live->op.wrap = "Immediate";
	return live;
}

void immediate_seen(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t ts)
{
	struct id_record *record = id_get(thread, id);
	const struct gap *gap = gap_of(thread, id);
	struct live_op *live;

	if (!record || record->op || record->kind != ID_IMMEDIATE)
		return;
	live = gap ? immediate_of_gap(engine, thread, gap->number) : NULL;
	if (!live)
		live = immediate_late(engine, thread, id, gap, ts);
	if (!live)
		return;
	op_bind_id(engine, thread, live, id);
	if (live->context.kind == CONTEXT_GAP) /* its own id tells better who made it */
		live->context = (struct context){.kind = CONTEXT_ID, .id = id};
	op_end(engine, live, ts);
	live->op.end_ns = ts;
	live->op.flags &= ~OP_END_INFERRED;
}

void timers_done(struct engine_thread *thread)
{
	free(thread->due);
}
