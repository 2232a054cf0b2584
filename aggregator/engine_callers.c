/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_callers.h"

#include <stddef.h>
#include <stdlib.h>

#define MAX_CALLERS 4096 /* of a thread, the last ones that called */

static const size_t key_size = offsetof(struct caller, request);

static struct caller *caller_find(const struct engine_thread *thread, uint64_t birth,
				  uint16_t function)
{
	const struct caller key = {.birth = birth, .function = function};
	struct caller *caller;

	HASH_FIND(hh, thread->callers, &key, key_size, caller);
	return caller;
}

static struct caller *caller_new(struct engine *engine, struct engine_thread *thread,
				 uint64_t birth, uint16_t function)
{
	struct caller *caller = thread->callers;

	if (HASH_COUNT(thread->callers) >= MAX_CALLERS) { /* the one that called longest ago */
		engine->totals.forgotten++;
		HASH_DEL(thread->callers, caller);
		free(caller);
	}
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	caller->birth = birth;
	caller->function = function;
	return caller;
}

void caller_note(struct engine *engine, struct engine_thread *thread, uint64_t birth,
		 uint16_t function, uint64_t request, uint64_t since)
{
	struct caller *caller = caller_find(thread, birth, function);

	if (caller)
		HASH_DEL(thread->callers, caller); /* it is the last one now */
	else
		caller = caller_new(engine, thread, birth, function);
	if (!caller)
		return;
	HASH_ADD(hh, thread->callers, birth, key_size, caller);
	if (!caller->request) {
		caller->request = request;
		caller->since = since;
	}
	if (caller->serves_many || caller->request == request || caller->since == since)
		return;
	caller->serves_many = true;
	thread->version++; /* what it told may be wrong */
}

bool caller_serves_many(const struct engine_thread *thread, uint64_t birth, uint16_t function)
{
	const struct caller *caller = caller_find(thread, birth, function);

	return caller && caller->serves_many;
}

bool sight_is_by_caller(const struct engine_thread *thread, const struct context *context)
{
	const struct sight_record *sight = paged_peek(&thread->sights, context->sight);
	uint32_t kind;

	for (uint32_t i = 0; sight && i < sight->n; i++) {
		kind = sight->kinds >> 4 * i & 3;
		if (kind == NT_BIRTH_VALUE ||
		    birth_is_own(thread, sight, sight->births[i], context))
			continue;
		return kind == NT_BIRTH_CONTEXT &&
		       caller_serves_many(thread, sight->births[i], sight->functions[i]);
	}
	return false;
}

size_t callers_memory(const struct engine_thread *thread)
{
	return HASH_COUNT(thread->callers) * sizeof(struct caller);
}

void callers_done(struct engine_thread *thread)
{
	struct caller *caller, *tmp;

	HASH_ITER (hh, thread->callers, caller, tmp) {
		HASH_DEL(thread->callers, caller);
		free(caller);
	}
}
