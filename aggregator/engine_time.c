/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_time.h"
#include "aggregator/engine_births.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_context.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_samples.h"
#include "aggregator/engine_stuck.h"
#include "aggregator/engine_wait.h"
#include "aggregator/labels_plan.h"
#include "symbolizer/base.h"

#define GC_MINOR 1 /* v8::kGCTypeScavenge, include/v8-callbacks.h */

/* What the wait of the callback was for that runs now. */
static enum label cause_at(struct engine *engine, const struct engine_thread *thread)
{
	const struct id_record *record;

	if (!thread->n_scopes || !thread->scopes[0].id) {
		if (thread->phase == NT_PHASE_TIMERS)
			return LABEL_TIMER;
		return thread->phase == NT_PHASE_IMMEDIATES ? LABEL_LOOP : LABEL_UNKNOWN;
	}
	record = id_peek(thread, thread->scopes[0].id);
	if (record && record->type)
		return label_of_type(record->type->type);
	if (parser_id_find(engine, thread, thread->scopes[0].id))
		return LABEL_CLIENT;
	return LABEL_IO; /* a socket, a port: older than the trace, else its birth were known */
}

/* Microtasks run while the outermost scope is being closed: they go on with its callback. */
static enum label cause_now(struct engine *engine, struct engine_thread *thread)
{
	enum label known = thread->running.scope_cause;

	if (thread->n_scopes || known == LABEL_UNKNOWN || known == LABEL_JS)
		thread->running.scope_cause = cause_at(engine, thread);
	return thread->running.scope_cause;
}

/* Where it was: most of the time, when that was looked for, else where it was last. */
static const struct stack *place_of(const struct running *running, uint32_t *ret_samples)
{
	const struct stack *stack = samples_place(&running->samples, ret_samples);

	return stack ? stack : running->stack;
}

static void note_stretch(struct running *running)
{
	struct stretch stretch = {.start_ns = running->start_ns,
				  .end_ns = running->end_ns,
				  .request = running->request,
				  .cause = running->cause,
				  .came_ns = running->came_ns};

	stretch.stack = place_of(running, &stretch.samples);
	(void)history_ran(&running->history, &stretch);
}

static void add_run(struct engine *engine, const struct engine_thread *thread)
{
	const struct live_request *live = request_find(engine, thread->running.request);
	const struct span run = {.start_ns = thread->running.start_ns,
				 .end_ns = thread->running.end_ns,
				 .elsewhere = live && live->thread != thread};

	op_add_run(engine, thread->running.request, thread->running.op, &run);
}

void flush_run(struct engine *engine, struct engine_thread *thread)
{
	struct running *running = &thread->running;

	if (running->end_ns > running->start_ns && running->request) {
		add_run(engine, thread);
		request_sampled(engine, running->request, running->op, &running->samples);
	}
	if (running->end_ns > running->start_ns && running->busy)
		note_stretch(running);
	running->request = 0;
	running->start_ns = running->end_ns = 0;
	running->busy = false;
	running->stack = NULL;
	running->samples.n = running->samples.elsewhere = 0;
}

static bool same_run(const struct engine_thread *thread, const struct owner *owner, bool busy)
{
	return owner->request == thread->running.request && owner->op == thread->running.op &&
	       busy == thread->running.busy;
}

void time_account(struct engine *engine, struct engine_thread *thread, const struct event *event,
		  const struct context *at)
{
	const struct context *who = thread->post.kind != CONTEXT_TOP ? &thread->post : at;
	uint64_t since = thread->last_ts > thread->running.woke_ns ? thread->last_ts
								   : thread->running.woke_ns;
	bool busy = who->kind != CONTEXT_TOP;
	struct owner owner;

	/* between two turns of the loop nobody executes: before and after are both TOP */
	if (!thread->last_ts || thread->lossy || event->ts < since) {
		flush_run(engine, thread);
		thread->running.unowned.n = thread->running.unowned.elsewhere = 0;
		return;
	}
	owner = owner_of(engine, thread, who, thread->number);
	if (!same_run(thread, &owner, busy)) {
		flush_run(engine, thread);
		thread->running.request = owner.request;
		thread->running.op = owner.op;
		thread->running.start_ns = since;
		thread->running.busy = busy;
		thread->running.cause = cause_now(engine, thread);
		thread->running.came_ns = thread->running.arrival.came_ns;
	}
	if (event->stack) {
		thread->running.stack = event->stack;
		history_place(&thread->running.history, owner.request, thread->running.woke_ns,
			      event->stack);
	}
	samples_move(&thread->running.samples, &thread->running.unowned);
	thread->running.end_ns = event->ts;
}

void time_phase(struct engine_thread *thread)
{
	thread->running.scope_cause = LABEL_UNKNOWN;
	thread->running.arrival = (struct arrival){0};
}

void time_read(struct engine_thread *thread, const struct event *event)
{
	uint64_t age_ns = NT_READ_AGE_US(event->arg) * NS_PER_US;

	if (thread->n_scopes || event->arg & NT_READ_PIECE)
		return;
	thread->running.arrival.came_ns = age_ns && age_ns < event->ts ? event->ts - age_ns : 0;
	thread->running.arrival.is_new = true;
}

void time_called_back(struct engine_thread *thread)
{
	if (!thread->running.arrival.is_new)
		thread->running.arrival.came_ns = 0;
	thread->running.arrival.is_new = false;
}

void time_ended(struct engine *engine, struct engine_thread *thread)
{
	const struct event end = {.ts = turn_until(engine, thread)};
	struct running *running = &thread->running;

	if (end.ts > thread->last_ts) {
		time_account(engine, thread, &end, &thread->post);
		if (running->samples.n) /* it was met in JavaScript, whoever's */
			running->busy = true;
	}
	flush_run(engine, thread);
}

/* Whose it is, the next event tells. */
static void time_sampled(struct engine_thread *thread, const struct event *event)
{
	struct sampled sampled = {.stack = event->stack, .count = 1, .ns = event->a};

	if (event->stack)
		samples_add(&thread->running.unowned, &sampled);
	turn_sampled(thread, event);
}

static int time_turn(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	struct loop_totals *loop = &engine->totals.loop;
	uint64_t since = wait_since(thread, event);
	uint64_t start = turn_start(thread);

	thread->adrift = false; /* the loop itself, outside of all callbacks */
	flush_run(engine, thread);
	thread->running.unowned.n = thread->running.unowned.elsewhere = 0;
	time_phase(thread);
	loop->turns++;
	if (start && since >= start) {
		uint64_t busy_ns = since - start;

		loop->busy_ns += busy_ns;
		thread->loop.busy_ns += busy_ns;
		if (busy_ns > loop->lag_ns)
			loop->lag_ns = busy_ns;
	}
	loop->idle_ns += event->ts - since;
	thread->loop.tid = thread->tid;
	thread->loop.idle_ns += event->ts - since;
	thread->running.woke_ns = event->ts;
	turn_began(thread);
	return history_polled(&thread->running.history, since, event->ts);
}

static int time_collected(struct engine *engine, struct engine_thread *thread,
			  const struct event *event)
{
	struct loop_totals *loop = &engine->totals.loop;
	uint64_t since = event->a && event->a < event->ts ? event->a : event->ts;

	thread->loop.gc_ns += event->ts - since;
	if (event->arg == GC_MINOR) {
		loop->gcs_minor++;
		loop->gc_minor_ns += event->ts - since;
	} else {
		loop->gcs_major++;
		loop->gc_major_ns += event->ts - since;
		return history_collected_all(&thread->running.history, since, event->ts);
	}
	return history_collected(&thread->running.history, since, event->ts);
}

int time_observe(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	int err = 0;

	birth_note_none(engine, thread);
	if (event->kind == NT_EVENT_LOOP_TURN)
		err = time_turn(engine, thread, event);
	else if (event->kind == NT_EVENT_GC)
		err = time_collected(engine, thread, event);
	else if (event->kind == NT_EVENT_CPU_SAMPLE)
		time_sampled(thread, event);
	wait_over(thread, event);
	return err;
}

void time_blocked(struct engine *engine, struct engine_thread *thread, const struct event *event,
		  const struct context *at)
{
	struct loop_totals *loop = &engine->totals.loop;
	struct owner owner = owner_of(engine, thread, at, thread->number);
	struct live_request *live = request_find(engine, owner.request);
	uint64_t blocked_ns = event->a && event->a < event->ts ? event->ts - event->a : 0;

	loop->syncs++;
	loop->sync_ns += blocked_ns;
	if (!live)
		return;
	live->request->n_syncs++;
	live->request->sync_ns += blocked_ns;
}

/* Node counts from the time at which the loop's turn began, in whole milliseconds. */
uint64_t time_due(const struct engine_thread *thread, const struct event *event)
{
	uint64_t from = thread->running.woke_ns ? thread->running.woke_ns : event->ts;

	return from + event->b * NS_PER_MS;
}

static uint64_t preempted_sum(const struct history *history, const struct span *runs, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		if (!runs[i].elsewhere)
			sum += pauses_sum(&history->preempted, runs[i].start_ns, runs[i].end_ns);
	return sum;
}

int time_label(const struct engine_thread *thread, struct request *request)
{
	_cleanup_(freep) struct label_span *spans = NULL;
	uint32_t n = 0;
	struct turn_delays turns;
	int err = labels_find_turns(request, &thread->running.history, &spans, &n, &turns);

	if (!err)
		err = turn_delays_copy(&turns, request);
	if (err)
		return err;
	request->labels = arena_alloc(request->arena, ((size_t)n + 1) * sizeof(*spans));
	if (!request->labels)
		return -ENOMEM;
	if (n)
		memcpy(request->labels, spans, n * sizeof(*spans));
	request->n_labels = n;
	for (uint32_t i = 0; i < n; i++)
		request->label_ns[spans[i].label] += spans[i].end_ns - spans[i].start_ns;
	request->idle_ns =
		pauses_sum(&thread->running.history.polls, request->start_ns, request->end_ns);
	request->gc_ns = pauses_sum(&thread->running.history.collections, request->start_ns,
				    request->end_ns);
	request->preempted_ns =
		preempted_sum(&thread->running.history, request->runs, request->n_runs);
	for (uint32_t i = 0; i < request->n_ops; i++)
		request->preempted_ns += preempted_sum(
			&thread->running.history, request->ops[i].runs, request->ops[i].n_runs);
	return 0;
}
