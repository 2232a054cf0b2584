/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Whose is what was made in a gap between two events. */
#include "aggregator/engine_births.h"
#include "aggregator/engine_callers.h"
#include "aggregator/engine_http.h"
#include "aggregator/resolve.h"

#include "symbolizer/base.h"

/* A finished request still owns its closures for so long: what it started may go on. */
#define GRACE_NS (100 * NS_PER_MS)

static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};

bool request_was_alive(struct engine *engine, uint64_t serial, uint64_t ts)
{
	const struct live_request *live = request_find(engine, serial);

	/* what it upgraded may be closed by now, and was open then */
	return live && (!live->ended || live->upgraded || live->closed_ns + GRACE_NS > ts ||
			live->request->end_ns + GRACE_NS > ts);
}

bool birth_is_own(const struct engine_thread *thread, const struct sight_record *sight,
		  uint64_t number, const struct context *context)
{
	const struct birth_record *record = paged_peek(&thread->births, number);

	return record && record->gap.number > sight->since && record->gap.is_pure &&
	       record->gap.pure.kind == context->kind && record->gap.pure.id == context->id &&
	       record->gap.pure.token == context->token;
}

/* Was it where a job had ended, in what handed on the next one? For whom, not even the ids tell. */
static bool is_handed_on(const struct engine_thread *thread, const struct context *context)
{
	const struct id_record *record =
		context->kind == CONTEXT_ID ? id_peek(thread, context->id) : NULL;

	return record && record->has_jobs && sight_is_by_caller(thread, context);
}

/* Does a stack at either end of the gap say that the code of another ran there? */
static bool is_mixed(struct walk *walk, const struct birth_record *record, struct owner owner)
{
	const uint64_t sights[] = {record->sight_before, record->sight_after};
	struct context context = record->gap.after;
	struct owner by_sight;

	for (size_t i = 0; i < ARRAY_SIZE(sights); i++) {
		context.sight = sights[i];
		by_sight = sights[i] ? walk_context(walk, &context, record->gap.number - 1) : owner;
		if (by_sight.request != owner.request ||
		    (sights[i] && is_handed_on(walk->thread, &context)))
			return true;
	}
	return false;
}

static struct owner gap_owner(struct walk *walk, const struct gap *gap)
{
	struct owner before, after;

	if (!gap->lossy && !gap->is_pure && !gap->in_phase) {
		before = walk_context(walk, &gap->before, gap->number - 1);
		after = walk_context(walk, &gap->after, gap->number - 1);
		if (before.request && before.request == after.request)
			return after.evidence > before.evidence ? after : before;
	}
	return walk_gap(walk, gap, 0, NULL, gap->number - 1);
}

static struct owner birth_owner_fresh(struct walk *walk, const struct birth_record *record)
{
	struct owner owner = gap_owner(walk, &record->gap);

	return owner.request && is_mixed(walk, record, owner) ? unknown : owner;
}

struct owner walk_birth(struct walk *walk, uint64_t number)
{
	struct birth_record *record = paged_peek(&walk->thread->births, number);
	const struct kept *kept;
	struct owner owner;

	if (!record || !record->gap.number) {
		kept = kept_find(walk->thread, KEPT_BIRTH, number);
		return kept ? kept->owner : unknown;
	}
	if (memo_get(walk, &record->memo, &owner))
		return owner;
	if (!walk_enter(walk, &record->memo))
		return unknown;
	owner = birth_owner_fresh(walk, record);
	walk_leave(walk, &record->memo);
	memo_put(walk, &record->memo, &owner);
	return owner;
}

struct owner birth_owner_now(struct engine *engine, struct engine_thread *thread, uint64_t number)
{
	struct walk walk = {.engine = engine, .thread = thread};

	return walk_birth(&walk, number);
}
