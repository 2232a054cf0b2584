/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Closure identity: a callback belongs to the request whose code made what it closes over.
 *
 * The kernel side tells in which gaps between events the contexts on the stack were allocated.
 * The owner of such a gap owns the closure; the innermost one decides (CLOSURES.md). It names
 * nobody who was finished before, and not for long what many share: when the ids keep naming
 * others, the closure is a shared one, and says nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_births.h"
#include "aggregator/engine_http.h"
#include "aggregator/resolve.h"

#include "symbolizer/base.h"

/* A finished request still owns its closures for so long: what it started may go on. */
#define GRACE_NS (100 * NS_PER_MS)

static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};

/* Does a stack at either end of the gap say that the code of another ran there? */
static bool is_mixed(struct walk *walk, const struct birth_record *record, struct owner owner)
{
	const uint64_t sights[] = {record->sight_before, record->sight_after};
	struct context context = record->gap.after;
	struct owner by_sight;

	for (size_t i = 0; i < ARRAY_SIZE(sights); i++) {
		context.sight = sights[i];
		by_sight = sights[i] ? walk_sight(walk, &context, owner) : owner;
		if (by_sight.request != owner.request)
			return true;
	}
	return false;
}

static struct owner gap_owner(struct walk *walk, const struct gap *gap)
{
	struct owner before, after;

	if (gap->lossy)
		return unknown;
	if (gap->is_pure || gap->in_phase)
		return walk_gap(walk, gap, 0, NULL, gap->number - 1);
	before = walk_context(walk, &gap->before, gap->number - 1);
	after = walk_context(walk, &gap->after, gap->number - 1);
	if (before.request && before.request == after.request)
		return after.evidence > before.evidence ? after : before;
	return walk_gap(walk, gap, 0, NULL, gap->number - 1);
}

static struct owner birth_owner_fresh(struct walk *walk, const struct birth_record *record)
{
	struct owner owner = gap_owner(walk, &record->gap);

	return owner.request && is_mixed(walk, record, owner) ? unknown : owner;
}

static struct owner birth_owner(struct walk *walk, uint64_t number)
{
	struct birth_record *record = paged_peek(&walk->thread->births, number);
	const struct kept_birth *kept;
	struct owner owner;

	if (!record || !record->gap.number) {
		kept = kept_birth_find(walk->thread, number);
		return kept ? (struct owner){.request = kept->request,
					     .op = kept->op,
					     .evidence = kept->evidence}
			    : unknown;
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

/* May a request still have had code to run at that time? */
static bool was_alive(struct engine *engine, uint64_t serial, uint64_t ts)
{
	const struct live_request *live = request_find(engine, serial);

	return live && (!live->ended || live->upgraded || live->request->end_ns + GRACE_NS > ts);
}

/* Made by what runs now, a little earlier: says no more than the ids do. */
static bool is_own(const struct engine_thread *thread, uint64_t number,
		   const struct context *context)
{
	const struct birth_record *record = paged_peek(&thread->births, number);

	return record && record->gap.is_pure && record->gap.pure.kind == context->kind &&
	       record->gap.pure.id == context->id && record->gap.pure.token == context->token;
}

/*
 * A closure and the scopes around it, from `*at` on. Run by another's code, a closure makes scopes of
 * its own that look like the other's: what is around them tells, unless many share it.
 */
static struct owner closure_owner(struct walk *walk, const struct sight_record *sight,
				  const struct context *context, uint32_t *at, uint64_t *ret_birth)
{
	struct owner found = unknown, owner;

	do {
		uint64_t birth = sight->births[*at];

		if (is_own(walk->thread, birth, context))
			continue;
		owner = birth_owner(walk, birth);
		if (!owner.request || !was_alive(walk->engine, owner.request, sight->ts))
			continue;
		if (found.request && (found.request == owner.request ||
				      birth_is_shared(walk->thread, birth, found.request)))
			continue;
		found = owner;
		*ret_birth = birth;
	} while (++*at < sight->n && sight->around >> *at & 1);
	return found;
}

/* The innermost closure whose owner is known and lives. */
static struct owner sight_owner(struct walk *walk, const struct sight_record *sight,
				const struct context *context, uint64_t *ret_birth)
{
	struct owner owner = unknown;

	for (uint32_t at = 0; at < sight->n && !owner.request;)
		owner = closure_owner(walk, sight, context, &at, ret_birth);
	return owner;
}

struct owner walk_sight(struct walk *walk, const struct context *context, struct owner owner)
{
	const struct sight_record *sight = paged_peek(&walk->thread->sights, context->sight);
	struct owner closure;
	uint64_t birth = 0;

	if (!sight || !sight->n)
		return owner;
	closure = sight_owner(walk, sight, context, &birth);
	if (!closure.request || closure.request == owner.request)
		return owner;
	closure.is_volatile = true;
	closure = weaken(closure, EVIDENCE_CLOSURE);
	if (!owner.request || !was_alive(walk->engine, owner.request, sight->ts))
		return closure;
	if (birth_is_shared(walk->thread, birth, owner.request))
		return owner;
	return closure;
}

struct owner birth_owner_now(struct engine *engine, struct engine_thread *thread, uint64_t number)
{
	struct walk walk = {.engine = engine, .thread = thread};

	return birth_owner(&walk, number);
}
