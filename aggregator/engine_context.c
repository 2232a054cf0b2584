/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who executes, and which ids were born between two events. The order of steps and the reason of
 * each is ENGINE.md section 2 of the design: the previous event's context and this event's own
 * delimit a gap; ids in it belong to whoever can have run in between.
 */
#include "aggregator/engine_context.h"

#include <string.h>

#include "aggregator/engine_begun.h"
#include "aggregator/engine_births.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_scopes.h"
#include "aggregator/engine_sources.h"
#include "aggregator/engine_time.h"
#include "aggregator/engine_timers.h"

#include "symbolizer/base.h"

const struct context context_top = {.kind = CONTEXT_TOP};
const struct context context_unknown = {.kind = CONTEXT_UNKNOWN};

struct context context_id(uint64_t id)
{
	return id ? (struct context){.kind = CONTEXT_ID, .id = id} : context_top;
}

struct context context_token(uint64_t token)
{
	return (struct context){.kind = CONTEXT_TOKEN, .token = token};
}

bool context_equal(const struct context *a, const struct context *b)
{
	return a->kind == b->kind && a->id == b->id && a->token == b->token;
}

/* Who executes at this event, as far as the event itself tells. */
struct context context_at(const struct engine_thread *thread, uint64_t exec)
{
	if (thread->adrift)
		return context_unknown;
	if (!thread->in_microtasks)
		return context_id(exec);
	if (exec && exec != thread->microtask_exec) /* pushed in the microtask by runInAsyncScope */
		return (struct context){.kind = CONTEXT_ID, .id = exec, .token = thread->token};
	return context_token(thread->token);
}

/* Directly inside the scope that runs a list of timers or the immediates. */
bool in_phase(const struct engine_thread *thread)
{
	return thread->n_scopes == 1 && !thread->scopes[0].id && thread->phase != NT_PHASE_NONE;
}

static bool is_done(const struct engine_thread *thread, uint64_t id)
{
	for (uint32_t i = 0; i < thread->n_done; i++)
		if (thread->done[i] == id)
			return true;
	return false;
}

void mark_done(struct engine_thread *thread, uint64_t id)
{
	if (is_done(thread, id))
		return;
	begun_ran(thread, id);
	if (thread->n_done == MAX_DONE) { /* the oldest can hardly be on the stack any more */
		memmove(thread->done, thread->done + 1, (MAX_DONE - 1) * sizeof(id));
		thread->n_done--;
	}
	thread->done[thread->n_done++] = id;
}

/* The timers or immediates seen on the stack that can be of this phase and did not run yet. */
uint32_t undone_candidates(const struct engine_thread *thread, const struct event *event,
			   uint64_t *ids)
{
	uint32_t n = 0, i, k;

	for (i = 0; i < event->n_candidates; i++) {
		uint64_t id = event->candidates[i].id;
		const struct id_record *record = id_peek(thread, id);

		if (id > thread->phase_counter || (record && record->type) || is_done(thread, id))
			continue;
		for (k = n; k && ids[k - 1] > id; k--)
			ids[k] = ids[k - 1];
		if (k && ids[k - 1] == id) { /* seen twice */
			memmove(&ids[k], &ids[k + 1], (n - k) * sizeof(*ids));
			continue;
		}
		ids[k] = id;
		n++;
	}
	return n;
}

/* What the timer is, as it stands in node's queue. False: there can be none of this id. */
static bool note_timer(struct engine_thread *thread, uint64_t id, uint64_t trigger)
{
	struct id_record *record = id_peek(thread, id);

	if (!id || id > thread->last_counter || trigger >= id || (record && record->type))
		return false;
	id_set_pair(thread, id, trigger, false, true);
	record = id_get(thread, id);
	if (record && record->kind == ID_PLAIN)
		record->kind = ID_TIMEOUT;
	return true;
}

struct context timer_next(struct engine_thread *thread, uint64_t id, uint64_t trigger)
{
	if (!note_timer(thread, id, trigger))
		return context_top;
	mark_done(thread, id);
	return context_id(id);
}

struct context timer_called(struct engine *engine, struct engine_thread *thread, uint64_t id,
			    uint64_t trigger, uint64_t ts)
{
	struct context timer = timer_next(thread, id, trigger);

	if (timer.kind == CONTEXT_ID)
		op_timer_due(engine, thread, id, ts);
	return timer;
}

static void note_candidates(struct engine_thread *thread, const struct event *event)
{
	for (uint32_t i = 0; i < event->n_candidates; i++) {
		uint64_t id = event->candidates[i].id;
		struct id_record *record = id_peek(thread, id);

		if (id > thread->phase_counter || (record && record->type))
			continue;
		id_set_pair(thread, id, event->candidates[i].trigger, false, true);
		record = id_get(thread, id);
		if (record && record->kind == ID_PLAIN)
			record->kind = thread->phase == NT_PHASE_TIMERS ? ID_TIMEOUT : ID_IMMEDIATE;
	}
}

/*
 * Was this id made in the scope of an AsyncResource, entered by somebody else's code? Then its maker is
 * neither a native resource nor a timer, and no tick either when the queue was empty since its birth.
 * queueMicrotask() has such a resource as well, but it is entered in its own microtask only: what ran in
 * one is no sign.
 */
static void note_maker(struct engine *engine, struct engine_thread *thread, uint64_t id,
		       uint64_t maker)
{
	const struct id_record *record = id_peek(thread, maker);
	const struct gap *gap;

	if (thread->enters_resources || !maker || maker <= thread->first_counter ||
	    thread->phase == NT_PHASE_IMMEDIATES ||
	    (record &&
	     (record->type || record->created || record->kind != ID_PLAIN || record->in_microtask)))
		return;
	gap = gap_of(thread, id);
	/* what was forgotten may have been anything */
	if (!gap || !gap_of(thread, maker) || maker > gap->drained ||
	    gap->before.kind == CONTEXT_TOKEN || gap->after.kind == CONTEXT_TOKEN ||
	    gap->after.token || gap->lossy || parser_id_find(engine, thread, maker))
		return;
	thread->enters_resources = true;
	thread->version++; /* what was taken to be of one request may not be */
}

/* The ticks that wait tell who made each of them. */
static void note_ticks(struct engine *engine, struct engine_thread *thread,
		       const struct event *event)
{
	const struct id_record *record;
	uint64_t id;

	for (uint32_t i = 0; i < event->n_candidates; i++) {
		id = event->candidates[i].id;
		record = id_peek(thread, id);
		if (id <= event->counter && event->candidates[i].trigger < id &&
		    !(record && (record->type || record->kind != ID_PLAIN))) {
			id_set_pair(thread, id, event->candidates[i].trigger, false, true);
			note_maker(engine, thread, id, event->candidates[i].trigger);
		}
	}
}

/* What ran before the first boundary of a phase: nothing says it but the object itself, or the
 * order in which immediates were made. */
static struct context first_of_phase(struct engine_thread *thread, const struct event *event)
{
	uint64_t ids[EVENT_MAX_CANDIDATES];

	if (event->kind == NT_EVENT_TICK_BOUNDARY && undone_candidates(thread, event, ids) == 2)
		return context_id(ids[0]);
	if (thread->phase == NT_PHASE_IMMEDIATES && thread->has_fifo_first)
		return thread->fifo_first;
	return context_top;
}

/*
 * Between a timer or immediate and one of the ticks that ran after it: all of them are its, or its ticks', for no tick
 * waited when it was called.
 */
static bool is_of_called(const struct engine_thread *thread, const struct gap *gap)
{
	const struct id_record *called = id_peek(thread, gap->before.id);

	return gap->entered == NT_ENTERED_NONE && gap->before.kind == CONTEXT_ID &&
	       gap->after.kind == CONTEXT_ID && gap->after.id >= gap->first && called &&
	       (called->kind == ID_TIMEOUT || called->kind == ID_IMMEDIATE);
}

static void fill_gap(struct engine_thread *thread, const struct event *event, uint64_t last,
		     const struct context *after, struct gap *gap)
{
	memset(gap, 0, sizeof(*gap));
	gap->first = thread->last_counter + 1;
	gap->last = last;
	gap->before = thread->post;
	gap->after = *after;
	gap->number = thread->number;
	gap->drained = thread->drained;
	gap->ts = event->ts;
	gap->lossy = thread->lossy;
	gap->in_phase = in_phase(thread);
	/* a microtask enters them where timers and ticks run: that is not told */
	if (!thread->in_microtasks)
		gap->entered = event->entered;
	if (gap->before.kind != CONTEXT_TOP && context_equal(&gap->before, after)) {
		gap->is_pure = true;
		gap->pure = *after;
	}
	if (!gap->in_phase)
		return;
	if (thread->first_boundary && gap->before.kind == CONTEXT_TOP && !thread->in_microtasks)
		gap->before = first_of_phase(thread, event);
	if (is_of_called(thread, gap) ||
	    (after->kind == CONTEXT_TOP && gap->before.kind != CONTEXT_TOP &&
	     gap->before.kind != CONTEXT_UNKNOWN)) {
		gap->is_pure = true; /* the silent callback's own */
		gap->pure = gap->before;
	}
}

/* Between the event before and this one: ids were born, objects allocated. */
static int add_gap(const struct engine *engine, struct engine_thread *thread,
		   const struct event *event, uint64_t last, const struct context *after)
{
	struct gap gap;
	int err;

	fill_gap(thread, event, last, after, &gap);
	birth_note(engine, thread, &gap);
	if (last <= thread->last_counter)
		return 0;
	err = array_reserve(&thread->gaps, &thread->cap_gaps, thread->n_gaps, sizeof(gap));
	if (!err)
		thread->gaps[thread->n_gaps++] = gap;
	return err;
}

static int fifo_push(struct engine_thread *thread, const struct context *context)
{
	int err;

	if (thread->n_fifo >= MAX_IMMEDIATES)
		return 0;
	err = array_reserve(&thread->fifo, &thread->cap_fifo, thread->n_fifo, sizeof(*context));
	if (!err)
		thread->fifo[thread->n_fifo++] = *context;
	return err;
}

/* immediate_info[kCount] changed: who made them, as far as both ends of the gap agree. */
static int track_immediates(struct engine *engine, struct engine_thread *thread,
			    const struct event *event, const struct context *after)
{
	int64_t delta = (int64_t)event->immediates - thread->immediates;
	const struct context *creator = &context_unknown;
	struct context gap;
	int err = 0;

	thread->immediates = event->immediates;
	if (delta < 0 && !(in_phase(thread) && thread->phase == NT_PHASE_IMMEDIATES)) {
		thread->n_fifo = 0; /* clearImmediate: nobody knows which */
		delta = event->immediates < MAX_IMMEDIATES ? event->immediates : MAX_IMMEDIATES;
	} else if (delta > 0 && thread->post.kind != CONTEXT_TOP &&
		   (context_equal(&thread->post, after) ||
		    (after->kind == CONTEXT_TOP && in_phase(thread)))) {
		creator = &thread->post;
	} else if (delta > 0 && thread->n_gaps &&
		   thread->gaps[thread->n_gaps - 1].number == thread->number) {
		gap = (struct context){.kind = CONTEXT_GAP,
				       .id = thread->gaps[thread->n_gaps - 1].first};
		creator = &gap; /* several may have run: they may all be of one request */
	}
	if (delta > 0 && delta < MAX_MADE && creator != &context_unknown)
		err = immediates_made(engine, thread, event, creator, (uint64_t)delta);
	if (delta > MAX_IMMEDIATES)
		delta = MAX_IMMEDIATES;
	for (int64_t i = 0; i < delta && !err; i++)
		err = fifo_push(thread, creator);
	return err;
}

/* The exec id of an event tells who its creator was; in a phase it also tells what ran. */
static void note_exec(struct engine *engine, struct engine_thread *thread,
		      const struct event *event)
{
	struct id_record *record;

	if (!event->exec)
		return;
	record = id_get(thread, event->exec);
	if (!record || record->type || record->kind == ID_PROMISE)
		return;
	if (record->kind != ID_TIMEOUT || !record->created)
		id_set_pair(thread, event->exec, event->trigger, true, false);
	if (thread->in_microtasks && event->exec != thread->microtask_exec)
		record->in_microtask = true;
	if (record->kind == ID_PLAIN && !thread->in_microtasks)
		note_maker(engine, thread, event->exec, event->trigger);
	if (!in_phase(thread) || thread->in_microtasks)
		return;
	mark_done(thread, event->exec);
	if (record->kind == ID_PLAIN)
		record->kind = thread->phase == NT_PHASE_TIMERS ? ID_TIMEOUT : ID_IMMEDIATE;
	if (record->kind == ID_IMMEDIATE)
		immediate_seen(engine, thread, event->exec, event->ts);
	else if (record->kind == ID_TIMEOUT)
		op_timer_ran(engine, thread, event->exec, event->ts);
}

/*
 * With promise hooks on (async_hooks, or AsyncLocalStorage built on them) a reaction runs under the
 * id of its promise: made where the reaction was registered, which the token tells. Its trigger is
 * the promise waited for, which any other request may have made.
 */
static void note_promise(struct engine_thread *thread, const struct event *event)
{
	const struct context token = context_token(event->a);
	struct id_record *record;

	if (!thread->in_microtasks || !event->exec || event->exec == thread->microtask_exec)
		return;
	record = id_get(thread, event->exec);
	if (!record || record->type || record->kind != ID_PLAIN)
		return;
	record->kind = ID_PROMISE;
	if (event->a)
		id_set_created(thread, event->exec, &token, thread->number);
}

/* Steps 1 to 7 of ENGINE.md: what every event with ids tells. *ret_at is who executes at it. */
int advance(struct engine *engine, struct engine_thread *thread, const struct event *event,
	    struct context *ret_at)
{
	uint64_t last = event->kind == NT_EVENT_INIT ? event->counter - 1 : event->counter;
	struct context at = context_at(thread, event->exec);
	int err;

	if (event->exec > event->counter || event->trigger > event->counter)
		return -EBADMSG; /* ids that were never given out */
	if (!thread->started) {
		thread->started = true;
		thread->last_counter = thread->first_counter = last;
		thread->immediates = event->immediates;
	}
	if (event->counter < thread->last_counter)
		thread_restart(engine, thread);
	if (event->kind == NT_EVENT_SCOPE_OPEN && scope_is_stale(thread, event->a)) {
		thread->lossy = true; /* when it was left, and what ran since, nobody knows */
		thread->post.kind = CONTEXT_UNKNOWN;
	}
	if (event->kind == NT_EVENT_TICK_BOUNDARY && in_phase(thread))
		note_candidates(thread, event);
	err = add_gap(engine, thread, event, last, &at);
	thread->last_counter = event->counter;
	if (event->kind == NT_EVENT_SCOPE_CLOSE)
		note_ticks(engine, thread, event);
	/* only now may anybody ask whose an id is: an answer given before the gap stood is kept */
	if (event->kind == NT_EVENT_TOKEN_RUN)
		note_promise(thread, event);
	note_exec(engine, thread, event);
	time_account(engine, thread, event, &at);
	if (!event->tick || event->kind == NT_EVENT_TICK_BOUNDARY)
		thread->drained = event->counter;
	if (!err)
		err = track_immediates(engine, thread, event, &at);
	thread->lossy = false;
	*ret_at = at;
	return err;
}
