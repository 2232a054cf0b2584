/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_holes.h"

#include "aggregator/engine_context.h"
#include "aggregator/engine_fronts.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_ports.h"
#include "aggregator/engine_sources.h"
#include "aggregator/engine_threads.h"

#define MAX_LATE 64 /* an event that is later than this many is no late one */

static uint32_t kept(const struct engine_thread *thread)
{
	return thread->n_holes < MAX_HOLES ? (uint32_t)thread->n_holes : MAX_HOLES;
}

/* The i-th before the one that is to come, i from 1. */
static const struct hole *hole_back(const struct engine_thread *thread, uint32_t i)
{
	return &thread->holes[(thread->n_holes - i) % MAX_HOLES];
}

void hole_note(struct engine_thread *thread, uint64_t number, uint32_t n)
{
	thread->lost_number = number;
	thread->holes[thread->n_holes++ % MAX_HOLES] = (struct hole){
		.number = number,
		.before = thread->serial,
		.after = thread->serial + n + 1,
	};
}

bool hole_between(const struct engine_thread *thread, uint64_t after, uint64_t until)
{
	for (uint32_t i = 1; i <= kept(thread); i++) {
		uint64_t number = hole_back(thread, i)->number;

		if (number <= after)
			return false;
		if (number <= until)
			return true;
	}
	return kept(thread) < thread->n_holes;
}

bool hole_holds(const struct engine_thread *thread, uint64_t serial)
{
	for (uint32_t i = 1; i <= kept(thread); i++) {
		const struct hole *hole = hole_back(thread, i);

		if (serial > hole->before)
			return serial < hole->after;
	}
	return kept(thread) < thread->n_holes;
}

/* A hole of so many in the sequence: whatever the thread did in it is not known. */
static void thread_lost(struct engine *engine, struct engine_thread *thread, uint32_t n)
{
	thread->lossy = thread->adrift = true;
	hole_note(thread, thread->number + 1, n);
	thread->running.turn.lossy = true;
	thread->post = context_unknown;
	thread->in_microtasks = false;
	thread->n_fifo = 0;
	thread->has_fifo_first = false;
	thread->next = thread->first_timer = 0;
	thread->pending_request = 0;
	thread->pending_stream = 0;
	thread->has_received = false;
	fronts_lost(thread);
	ports_lost(engine);
	files_lost(engine);
	thread->version++;
	http_lost(engine, thread);
}

bool holes_check(struct engine *engine, struct engine_thread *thread, const struct event *event)
{
	int32_t ahead = (int32_t)(event->seq - thread->next_seq);

	/* numbered from 0 again: the id of a thread that has ended was given to another */
	if (thread->seen && !event->seq && thread->next_seq > MAX_LATE) {
		thread_restart(engine, thread);
		ahead = 0;
	}
	if (thread->seen && ahead < 0) { /* it was counted as lost when the hole was seen */
		thread_lost(engine, thread, 0);
		return false;
	}
	if (thread->seen && ahead > 0) {
		engine->totals.lost += (uint32_t)ahead;
		thread_lost(engine, thread, (uint32_t)ahead);
		pool_lost(&engine->pool);
	}
	if (!thread->seen)
		thread->serial = (1ULL << 32) + event->seq; /* room for what lies before */
	else
		thread->serial += (uint32_t)(event->seq - (uint32_t)thread->serial);
	thread->seen = true;
	thread->next_seq = event->seq + 1;
	return true;
}
