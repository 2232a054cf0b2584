/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is known of async ids and tokens, and for how long it is kept. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_asked.h"
#include "aggregator/engine_begun.h"
#include "aggregator/engine_births.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_fronts.h"
#include "aggregator/engine_holes.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_kept.h"
#include "aggregator/engine_state.h"
#include "aggregator/engine_timers.h"

#include "symbolizer/base.h"

/* Ids this far below the oldest open request are kept: a trigger may point a little back. */
#define KEEP_IDS 16384
/* A request that is open for longer, as a stream of events or an upgraded one, may stay so for hours. */
#define LONG_NS (10 * NS_PER_SEC)

struct id_record *id_get(struct engine_thread *thread, uint64_t id)
{
	if (!id || id > thread->last_counter + 1) /* damaged: no such id was given out yet */
		return NULL;
	return paged_get(&thread->ids, id);
}

struct id_record *id_peek(const struct engine_thread *thread, uint64_t id)
{
	return id ? paged_peek(&thread->ids, id) : NULL;
}

static void evidence_improved(struct engine_thread *thread, struct id_record *record)
{
	if (record->memo.kind == MEMO_EMPTY || record->memo.kind == MEMO_OWNED)
		return;
	record->memo.kind = MEMO_EMPTY;
	thread->version++;
}

void id_set_pair(struct engine_thread *thread, uint64_t id, uint64_t trigger, bool overwrite,
		 bool from_object)
{
	struct id_record *record = id_get(thread, id);

	if (!record || (record->pair && !overwrite) || record->pair == trigger)
		return;
	record->pair = trigger;
	record->from_object = from_object;
	evidence_improved(thread, record);
}

void id_set_created(struct engine_thread *thread, uint64_t id, const struct context *context,
		    uint64_t asof)
{
	struct id_record *record = id_get(thread, id);

	if (!record || record->created)
		return;
	record->parent = *context;
	record->asof = asof;
	record->created = 1;
	evidence_improved(thread, record);
}

const struct gap *gap_of(const struct engine_thread *thread, uint64_t id)
{
	size_t low = PARTITION_POINT(i, thread->n_gaps, thread->gaps[i].last < id);

	if (low < thread->n_gaps && thread->gaps[low].first <= id)
		return &thread->gaps[low];
	return NULL;
}

static bool is_long_open(const struct engine *engine, const struct live_request *live)
{
	return engine->now > live->request->start_ns + LONG_NS;
}

/*
 * The oldest event number and counter that an open request of this thread may ask for. Those that
 * have been open for long (*ret_long: there are such) keep only what is their own.
 */
static void oldest_open(const struct engine *engine, const struct engine_thread *thread,
			uint64_t *ret_counter, uint64_t *ret_number, bool *ret_long)
{
	const struct live_request *live;

	*ret_counter = thread->last_counter;
	*ret_number = thread->number;
	*ret_long = false;
	DL_FOREACH(engine->request_list, live)
	{
		if (is_long_open(engine, live)) {
			*ret_long = true;
		} else if (live->thread == thread) {
			*ret_counter = live->start_counter;
			*ret_number = live->start_number;
			return; /* the list is in order of creation */
		}
	}
}

static void forget_gaps(struct engine_thread *thread, uint64_t below)
{
	size_t n = 0;

	while (n < thread->n_gaps && thread->gaps[n].last < below)
		n++;
	if (!n)
		return;
	memmove(thread->gaps, thread->gaps + n, (thread->n_gaps - n) * sizeof(*thread->gaps));
	thread->n_gaps -= n;
}

/* The youngest token of a page; its last ones may have been lost. */
static const struct token_record *youngest_of_page(const struct paged *tokens, uint64_t page)
{
	const struct token_record *record;

	for (uint64_t i = PAGED_RECORDS; i--;) {
		record = paged_peek(tokens, page * PAGED_RECORDS + i);
		if (record && record->asof)
			return record;
	}
	return NULL;
}

/* The first token to keep. A page may go when its youngest one is older than the oldest open request. */
static uint64_t tokens_needed(const struct engine_thread *thread, uint64_t number)
{
	const struct paged *tokens = &thread->tokens;
	uint64_t page = tokens->first_page, end = page + tokens->n_pages;
	const struct token_record *youngest;

	for (; page + 1 < end; page++) { /* the last one is still being filled */
		youngest = youngest_of_page(tokens, page);
		if (youngest && youngest->asof >= number)
			break;
	}
	return page * PAGED_RECORDS;
}

size_t thread_memory(const struct engine_thread *thread)
{
	return paged_bytes(&thread->ids) + paged_bytes(&thread->tokens) + births_memory(thread) +
	       thread->cap_gaps * sizeof(*thread->gaps) + kept_memory(thread);
}

void thread_forget(struct engine *engine, struct engine_thread *thread)
{
	struct live_request *live;
	uint64_t counter, number, token;
	bool long_open;

	oldest_open(engine, thread, &counter, &number, &long_open);
	if (thread_memory(thread) > engine->options.max_memory) {
		/* too much at once: what hangs on requests from before is given up */
		http_mark_lossy(engine, thread);
		engine->totals.forgotten++;
		counter = thread->last_counter;
		number = thread->number;
	}
	/* whole pages are dropped, so whole pages are gathered */
	counter = counter > KEEP_IDS ? (counter - KEEP_IDS) / PAGED_RECORDS * PAGED_RECORDS : 0;
	token = tokens_needed(thread, number);
	DL_FOREACH(engine->request_list, live)
	if (is_long_open(engine, live))
		ops_settle(engine, live, thread, number);
	kept_sweep(engine, thread, counter);
	kept_gather(engine, thread, counter, token, long_open);
	births_forget(engine, thread, number);
	paged_drop_below(&thread->ids, counter);
	forget_gaps(thread, counter);
	streams_forget(engine, thread, counter);
	asked_forget(thread, counter);
	paged_drop_below(&thread->tokens, token);
}

/* What the thread did so far stays whose it is: its numbers will be others'. */
static void settle_all(struct engine *engine, struct engine_thread *thread)
{
	struct live_request *live;
	struct live_op *op;

	DL_FOREACH(engine->request_list, live)
	ops_settle(engine, live, thread, thread->number + 1);
	DL_FOREACH(engine->orphans, op)
	if (op->thread == thread)
		op->context = context_unknown;
}

void thread_restart(struct engine *engine, struct engine_thread *thread)
{
	settle_all(engine, thread);
	paged_done(&thread->ids);
	paged_init(&thread->ids, sizeof(struct id_record));
	paged_done(&thread->tokens);
	paged_init(&thread->tokens, sizeof(struct token_record));
	births_done(thread);
	births_init(thread);
	thread->token = 0;
	thread->in_microtasks = false;
	thread->n_gaps = 0;
	kept_done(thread);
	begun_done(thread);
	asked_forget(thread, UINT64_MAX);
	fronts_lost(thread);
	thread->was_busy = false;
	thread->first_counter = 0;
	thread->lossy = true;
	hole_note(thread, thread->number, 0);
	thread->post = context_unknown;
	thread->version++;
	http_lost(engine, thread);
}

void thread_done(struct engine_thread *thread)
{
	asked_forget(thread, UINT64_MAX);
	paged_done(&thread->ids);
	paged_done(&thread->tokens);
	births_done(thread);
	timers_done(thread);
	kept_done(thread);
	begun_done(thread);
	free(thread->gaps);
	free(thread->fifo);
	free(thread->pool_runs);
	history_done(&thread->running.history);
}

static_assert(offsetof(struct parser_id, thread) == offsetof(struct id_key, thread) &&
		      offsetof(struct stream_id, thread) == offsetof(struct id_key, thread) &&
		      offsetof(struct job_id, thread) == offsetof(struct id_key, thread),
	      "tables by id begin with their key");
