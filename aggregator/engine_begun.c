/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_begun.h"

#include <stdlib.h>

#define MAX_BEGUN 65536 /* of a thread; of one that finds no room it is not known that it ran */

/* An id older than the trace whose callback was seen to run. */
struct begun {
	uint64_t id;
	bool again;
	UT_hash_handle hh;
};

static struct begun *begun_find(const struct engine_thread *thread, uint64_t id)
{
	struct begun *begun;

	HASH_FIND(hh, thread->begun, &id, sizeof(id), begun);
	return begun;
}

void begun_busy(struct engine_thread *thread)
{
	if (thread->was_busy)
		return;
	thread->was_busy = true;
	thread->version++;
}

void begun_ran(struct engine_thread *thread, uint64_t id)
{
	struct begun *begun;

	if (!id || id > thread->first_counter)
		return;
	begun = begun_find(thread, id);
	if (begun && !begun->again) {
		begun->again = true;
		thread->version++;
	}
	if (begun || HASH_COUNT(thread->begun) >= MAX_BEGUN)
		return;
	begun = calloc(1, sizeof(*begun));
	if (!begun)
		return;
	begun->id = id;
	HASH_ADD(hh, thread->begun, id, sizeof(begun->id), begun);
}

bool begun_is_once(const struct engine_thread *thread, uint64_t id)
{
	const struct begun *begun;

	if (id > thread->first_counter)
		return false;
	begun = begun_find(thread, id);
	return !begun || !begun->again;
}

void begun_done(struct engine_thread *thread)
{
	struct begun *begun, *tmp;

	HASH_ITER (hh, thread->begun, begun, tmp) {
		HASH_DEL(thread->begun, begun);
		free(begun);
	}
}
