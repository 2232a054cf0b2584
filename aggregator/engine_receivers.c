/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_receivers.h"

#include "aggregator/resolve.h"

uint32_t receivers_note(const struct engine_thread *thread, const struct event *event,
			struct sight_record *sight)
{
	uint32_t n = event->n_births < NT_MAX_BIRTHS ? event->n_births : NT_MAX_BIRTHS, others = n;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t kind = event->birth_kinds >> 4 * i & 15;

		if (!(kind & NT_SIGHT_RECEIVER))
			continue;
		if (kind == NT_SIGHT_RECEIVER && others == n)
			others = i;
		if (sight->n_receivers < NT_MAX_RECEIVERS)
			sight->receivers[sight->n_receivers++] = (struct sight_receiver){
				.birth = birth_number(thread, event->births[i]),
				.before = NT_RECEIVER_BEFORE(event->birth_functions[i]),
				.who = event->birth_functions[i] & 0xfff,
			};
	}
	return others;
}

/* A method of an object born in that gap runs for `request`, say closures and ids. Is the object one that serves
 * many, like a connection that a request was the first to need? */
static bool serves_many(struct engine_thread *thread, uint64_t number, uint16_t who,
			uint64_t request)
{
	struct birth_record *record = paged_peek(&thread->births, number);
	uint32_t n = 0, same = 0;

	if (!record || !record->gap.number)
		return true;
	while (n < MAX_RECEIVED && record->received[n].request &&
	       (record->received[n].request != request || record->received[n].function != who))
		n++;
	if (n == MAX_RECEIVED)
		return true;
	record->received[n] = (struct other){.request = request, .function = who};
	for (n = 0; n < MAX_RECEIVED && record->received[n].request; n++)
		same += record->received[n].function == who;
	return same > 1;
}

/*
 * A bound method in the queue of a pool, say, is called by whoever releases: that one's closure is on the stack, and
 * the method is for another. Or an object that serves many was first needed, and so made, by one of them.
 * Until it has served several, nobody knows.
 */
bool receivers_gainsay(struct walk *walk, const struct context *context, uint64_t request,
		       uint32_t decided)
{
	const struct sight_record *sight = paged_peek(&walk->thread->sights, context->sight);
	uint32_t n = sight && request ? sight->n_receivers : 0;

	for (uint32_t i = 0; i < n && sight->receivers[i].before <= decided; i++) {
		const struct sight_receiver *receiver = &sight->receivers[i];
		struct owner owner;

		if (birth_is_own(walk->thread, sight, receiver->birth, context))
			continue;
		owner = walk_birth(walk, receiver->birth);
		if (!owner.request || !request_was_alive(walk->engine, owner.request, sight->ts))
			continue;
		if (owner.request == request)
			return false;
		if (!serves_many(walk->thread, receiver->birth, receiver->who, request))
			return true;
	}
	return false;
}
