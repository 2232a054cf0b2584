/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_holes.h"

void hole_note(struct engine_thread *thread)
{
	thread->lost_number = thread->number + 1;
	thread->holes[thread->n_holes++ % MAX_HOLES] = thread->lost_number;
	thread->adrift = true;
}

bool hole_between(const struct engine_thread *thread, uint64_t after, uint64_t until)
{
	uint64_t kept = thread->n_holes < MAX_HOLES ? thread->n_holes : MAX_HOLES;

	for (uint64_t i = 1; i <= kept; i++) { /* the last one first */
		uint64_t number = thread->holes[(thread->n_holes - i) % MAX_HOLES];

		if (number <= after)
			return false;
		if (number <= until)
			return true;
	}
	return kept < thread->n_holes;
}
