/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_holes.h"

static uint32_t kept(const struct engine_thread *thread)
{
	return thread->n_holes < MAX_HOLES ? (uint32_t)thread->n_holes : MAX_HOLES;
}

/* The i-th before the one that is to come, i from 1. */
static const struct hole *hole_back(const struct engine_thread *thread, uint32_t i)
{
	return &thread->holes[(thread->n_holes - i) % MAX_HOLES];
}

void hole_note(struct engine_thread *thread, uint32_t n)
{
	thread->lost_number = thread->number + 1;
	thread->adrift = true;
	thread->holes[thread->n_holes++ % MAX_HOLES] = (struct hole){
		.number = thread->lost_number,
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
