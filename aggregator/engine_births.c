/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_births.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_callers.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_receivers.h"

#define WINDOW   16384 /* events whose gaps are kept as they are */
#define MAX_NONE 256 /* events without ids, one after the other: a collection, and samples of it */

void birth_note(const struct engine *engine, struct engine_thread *thread, const struct gap *gap)
{
	struct birth_record *record = NULL;

	thread->n_none = 0;
	if (!engine->options.no_births)
		record = paged_get(&thread->births, thread->serial);
	if (!record)
		return;
	memset(record, 0, sizeof(*record));
	record->gap = *gap;
	record->sight_before = thread->run_sight;
}

void birth_note_none(const struct engine *engine, struct engine_thread *thread)
{
	struct birth_record *record;

	/* threads of the pool have no births; one that computes for hours tells of nothing else */
	if (engine->options.no_births || !thread->started || thread->n_none == MAX_NONE)
		return;
	thread->n_none++;
	record = paged_get(&thread->births, thread->serial);
	if (record)
		record->is_none = true;
}

uint64_t birth_number(const struct engine_thread *thread, uint32_t age)
{
	uint64_t number = thread->serial - age;
	uint64_t end = age < MAX_NONE ? thread->serial : number + MAX_NONE;
	const struct birth_record *record;

	for (uint64_t i = number; i <= end; i++) {
		record = paged_peek(&thread->births, i);
		if (!record || !record->is_none)
			return i;
	}
	return number;
}

/* Does an AsyncResource run that somebody's code entered? It is of JavaScript only, neither a timer nor an immediate, and
 * no tick: it was there when none waited. */
static bool is_entered(const struct engine_thread *thread, uint64_t id)
{
	const struct id_record *record = id_peek(thread, id);

	return id > thread->first_counter && id <= thread->drained &&
	       thread->phase == NT_PHASE_NONE &&
	       !(record && (record->type || record->created || record->kind != ID_PLAIN ||
			    record->in_microtask));
}

static uint64_t sight_add(struct engine_thread *thread, const struct event *event)
{
	struct sight_record *sight = paged_get(&thread->sights, thread->n_sights + 1);

	if (!sight)
		return 0;
	memset(sight, 0, sizeof(*sight));
	sight->n = receivers_note(thread, event, sight);
	sight->kinds = event->birth_kinds;
	sight->ts = event->ts;
	sight->asof = thread->number;
	sight->since = thread->run_number;
	sight->entered = is_entered(thread, event->exec);
	for (uint32_t i = 0; i < sight->n; i++) {
		sight->births[i] = birth_number(thread, event->births[i]);
		sight->functions[i] = event->birth_functions[i];
	}
	return ++thread->n_sights;
}

/* A resource that is born an event before its operation starts is born in the same call: the stack is the same. */
static void note_birth_of_op(struct engine_thread *thread, const struct event *event,
			     uint64_t sight)
{
	struct birth_record *record = paged_peek(&thread->births, thread->serial - 1);

	/* several may have run in that gap: then this stack is that of the last one only */
	if (event->c && event->c == thread->born_id && record && !record->sight_after &&
	    thread->born_serial == thread->serial - 1 &&
	    context_equal(&record->gap.before, &record->gap.after))
		record->sight_after = sight;
}

/* Is something said over a connection? Then the stack tells whose that is, and nothing of what follows. */
static bool is_said(const struct event *event)
{
	return event->kind == NT_EVENT_STREAM_WRITE && !(event->arg & NT_WRITE_REQUEST_HEAD);
}

/*
 * The head of a request to another server? Its ids tell whose it is, and what is on its stack is as old as the
 * connection, which agents keep: made for whoever opened it.
 */
static bool is_head(const struct event *event)
{
	return event->kind == NT_EVENT_STREAM_WRITE && event->arg & NT_WRITE_REQUEST_HEAD;
}

uint64_t sight_note(struct engine_thread *thread, const struct event *event)
{
	struct birth_record *record;
	uint64_t sight = 0;

	if (event->kind == NT_EVENT_INIT) {
		thread->born_id = event->counter;
		thread->born_serial = thread->serial;
	}

	if (event->n_births && !is_head(event))
		sight = sight_add(thread, event);
	else if (!event->stack) /* no stack was walked */
		return 0;
	if (is_said(event))
		return sight;
	record = paged_peek(&thread->births, thread->serial);
	if (record)
		record->sight_after = sight;
	note_birth_of_op(thread, event, sight);
	thread->run_sight = sight;
	return sight;
}

void sight_forget(struct engine_thread *thread)
{
	thread->run_sight = 0;
	thread->run_number = thread->number;
}

static struct other *others_of(const struct engine_thread *thread, uint64_t number)
{
	struct birth_record *record = paged_peek(&thread->births, number);
	struct kept *kept;

	if (record && record->gap.number)
		return record->others;
	kept = kept_find(thread, KEPT_BIRTH, number);
	return kept ? kept->others : NULL;
}

/* Has it been noted that this function ran for that request, or in that run? */
static bool is_same(const struct other *other, uint16_t function, uint64_t request, uint32_t run)
{
	return other->function == function &&
	       (other->request == request || (function && other->run == run));
}

void birth_runs_for(struct engine_thread *thread, uint64_t number, uint16_t function,
		    uint64_t request, uint64_t since)
{
	struct other *others = others_of(thread, number);
	uint32_t n = 0, run = (uint32_t)since;

	while (others && n < MAX_OTHERS && others[n].request &&
	       !is_same(&others[n], function, request, run))
		n++;
	if (others && n < MAX_OTHERS)
		others[n] = (struct other){.request = request, .function = function, .run = run};
}

bool birth_is_shared(const struct engine_thread *thread, uint64_t number, uint16_t function)
{
	const struct other *others = others_of(thread, number);
	uint32_t n, same = 0;

	if (!others)
		return true;
	for (n = 0; n < MAX_OTHERS && others[n].request; n++)
		same += function && others[n].function == function;
	return same > 1 || n == MAX_OTHERS;
}

static void keep(struct engine *engine, struct engine_thread *thread, uint64_t number)
{
	struct birth_record *record = paged_peek(&thread->births, number);
	struct owner owner;
	struct kept *kept;

	if (!record || !record->gap.number)
		return;
	owner = birth_owner_now(engine, thread, number);
	owner.is_volatile = false; /* nothing that could change it is known any more */
	kept = kept_add(engine, thread, KEPT_BIRTH, number, owner);
	if (kept)
		memcpy(kept->others, record->others, sizeof(record->others));
}

/* A page of sights may go when its last one is older than the oldest open request. */
static void forget_sights(struct engine_thread *thread, uint64_t oldest_number)
{
	const struct paged *sights = &thread->sights;
	uint64_t page = sights->first_page, last = thread->n_sights / PAGED_RECORDS;
	const struct sight_record *youngest;

	for (; page < last; page++) {
		youngest = paged_peek(sights, page * PAGED_RECORDS + PAGED_RECORDS - 1);
		if (youngest && youngest->asof >= oldest_number)
			break;
	}
	paged_drop_below(&thread->sights, page * PAGED_RECORDS);
}

void births_forget(struct engine *engine, struct engine_thread *thread, uint64_t oldest_number)
{
	uint64_t first = thread->births.first_page * PAGED_RECORDS;
	uint64_t below = thread->serial > WINDOW ? thread->serial - WINDOW : 0;

	below -= below % PAGED_RECORDS;
	if (thread->births.n_pages && first < below) {
		for (uint64_t number = first; number < below; number++)
			keep(engine, thread, number);
		paged_drop_below(&thread->births, below);
	}
	forget_sights(thread, oldest_number);
}

static uint64_t oldest_birth(const struct engine *engine, const struct engine_thread *thread)
{
	const struct live_request *live;

	DL_FOREACH(engine->request_list, live)
	if (live->thread == thread && !live->ended)
		return live->start_serial; /* in order of creation */
	return thread->serial;
}

void engine_births_since(const struct engine *engine,
			 void (*tell)(void *user, uint32_t tid, uint32_t seq), void *user)
{
	const struct engine_thread *thread = engine->options.no_births ? NULL : engine->threads;

	for (; thread; thread = thread->hh.next)
		if (thread->started)
			tell(user, thread->tid, (uint32_t)oldest_birth(engine, thread));
}

size_t births_memory(const struct engine_thread *thread)
{
	return paged_bytes(&thread->births) + paged_bytes(&thread->sights) + callers_memory(thread);
}

void births_init(struct engine_thread *thread)
{
	paged_init(&thread->births, sizeof(struct birth_record));
	paged_init(&thread->sights, sizeof(struct sight_record));
	thread->n_sights = 0;
	thread->n_born_tokens = 0;
	thread->run_sight = 0;
	thread->born_id = 0;
}

void births_done(struct engine_thread *thread)
{
	paged_done(&thread->births);
	paged_done(&thread->sights);
	callers_done(thread);
}
