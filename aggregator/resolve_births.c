/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Closure identity: a callback belongs to the request whose code made what it closes over.
 *
 * The kernel side tells in which gaps between events the contexts on the stack were allocated.
 * The owner of such a gap owns the closure; the innermost one decides (CLOSURES.md), but for what a
 * request's own handler or async function does itself. It names
 * nobody who was finished before. One function object that runs for several others, by what the ids
 * say, is a shared one (a module that was loaded late, a lazily made helper): the ids are right then.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_births.h"
#include "aggregator/engine_callers.h"
#include "aggregator/engine_holes.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_receivers.h"
#include "aggregator/resolve.h"

#include "symbolizer/base.h"

static const struct owner nobody = {.evidence = EVIDENCE_NONE};
static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};
static const struct owner disputed = {.evidence = EVIDENCE_UNKNOWN,
				      .is_volatile = true}; /* for now */

/* What the walk along one stack has found. */
struct sight_walk {
	struct walk *walk;
	const struct sight_record *sight;
	const struct context *context; /* of the operation */
	uint32_t at;
	uint32_t decided; /* index of the birth that did */
	bool undecided;   /* several that may be meant */
	bool doubtful;    /* the frame's own closure is of another one */
	bool unsure;      /* a spill slot may mean several */
	bool shared;      /* one that runs for many */
	uint64_t riddle;  /* the birth that is why, when one of a resource's many made it */
};

static enum nt_birth kind_at(const struct sight_walk *on)
{
	return on->at < on->sight->n ? (enum nt_birth)(on->sight->kinds >> 4 * on->at & 3)
				     : NT_BIRTH_CONTEXT;
}

/* Does the birth at hand belong to another frame than the one before? */
static bool is_next_frame(const struct sight_walk *on)
{
	return on->sight->kinds >> 4 * on->at & NT_SIGHT_FRAME;
}

/* The owner of the birth at hand, when it tells of one that lives. */
static struct owner owner_at(const struct sight_walk *on)
{
	uint64_t birth = on->sight->births[on->at];
	struct owner owner;

	if (birth_is_own(on->walk->thread, on->sight, birth, on->context))
		return nobody;
	owner = walk_birth(on->walk, birth);
	if (owner.request && !request_was_alive(on->walk->engine, owner.request, on->sight->ts))
		return nobody;
	return owner;
}

/* Was it made where events were lost? Then what is outside of it tells less than it would. */
static bool is_lost(const struct engine_thread *thread, uint64_t birth)
{
	const struct birth_record *record = paged_peek(&thread->births, birth);

	if (!thread->lost_number)
		return false;
	if (!record || !record->gap.number)
		return hole_holds(thread, birth);
	return record->gap.lossy ||
	       (record->gap.is_pure && record->gap.pure.kind == CONTEXT_UNKNOWN);
}

/* Made in the callback of some resource: by one of those it serves, and nobody knows which. What called
 * such a closure is somebody else then. */
static bool is_somebodys(const struct sight_walk *on, uint64_t birth)
{
	const struct birth_record *record = paged_peek(&on->walk->thread->births, birth);

	return record && record->gap.is_pure && record->gap.pure.kind == CONTEXT_ID;
}

/*
 * A closure and the scopes around it. Run by another's code, a closure makes scopes of its own that
 * look like the other's: what is around them tells. When many share that, nobody knows.
 */
static struct owner chain_owner(struct sight_walk *on)
{
	struct owner found = nobody, owner;
	bool foreign = false;

	do {
		uint64_t birth = on->sight->births[on->at];

		owner = owner_at(on);
		if (owner.evidence == EVIDENCE_UNKNOWN && is_somebodys(on, birth)) {
			foreign = true;
			on->riddle = birth;
		}
		if (!owner.request)
			on->undecided |= is_lost(on->walk->thread, birth);
		if (!owner.request || found.request == owner.request)
			continue;
		if (found.request) {
			birth_runs_for(on->walk->thread, birth, 0, found.request, on->sight->since);
			on->shared |= birth_is_shared(on->walk->thread, birth, 0);
		}
		found = owner;
		on->decided = on->at;
	} while (++on->at < on->sight->n && kind_at(on) == NT_BIRTH_AROUND);
	on->undecided |= foreign && !found.request;
	return found;
}

/* Closures of one kind in one frame: the owner that all of them have. */
static struct owner common_owner(struct sight_walk *on, enum nt_birth kind)
{
	struct owner found = unknown, owner;

	do {
		owner = chain_owner(on);
		if (!owner.request)
			continue;
		on->undecided |= found.request && found.request != owner.request;
		found = owner;
	} while (on->at < on->sight->n && kind_at(on) == kind && !is_next_frame(on));
	return on->undecided ? unknown : found;
}

/* The first closure from here outwards whose owner is known and lives, but for those in spill slots. */
static struct owner own_closure(struct sight_walk *on)
{
	struct owner owner = unknown;

	while (on->at < on->sight->n && !owner.request && !on->undecided) {
		if (kind_at(on) == NT_BIRTH_CONTEXT)
			owner = common_owner(on, NT_BIRTH_CONTEXT);
		else
			on->at++;
	}
	return owner;
}

/*
 * One frame. An inlined closure is inside its frame's own; but a spill slot may also hold what is not
 * used any more, so where it and what is around it differ nobody knows. A slot that tells nothing hides nothing: of
 * whom the frame's own closure is decides, and when that is not known, what is further out is somebody else's.
 */
static struct owner frame_owner(struct sight_walk *on)
{
	bool inlined = kind_at(on) == NT_BIRTH_INLINED;
	struct owner owner = common_owner(on, kind_at(on)), own;
	uint32_t decided = on->decided;

	if (!inlined)
		return owner;
	on->unsure = on->undecided;
	on->undecided = false;
	own = own_closure(on);
	if (!owner.request)
		return own;
	on->undecided = false;
	on->doubtful = own.request && own.request != owner.request;
	if (own.request != owner.request)
		on->decided = decided;
	return owner;
}

/*
 * The innermost closure was made in a callback that serves many, by one of them that nobody knows: as a
 * pool makes the release() of each that gets a connection. When what called it began in that same gap,
 * and as the closure of a request, then it was made for that one.
 */
static struct owner riddle_owner(struct sight_walk *on)
{
	struct owner owner;
	bool same;

	while (on->at < on->sight->n && kind_at(on) == NT_BIRTH_CONTEXT) {
		same = on->sight->births[on->at] == on->riddle;
		on->undecided = false;
		owner = chain_owner(on);
		if (owner.request && same)
			return owner;
		if (owner.request || (on->undecided && !same))
			break;
	}
	on->undecided = true;
	return unknown;
}

/* The same where it is known in whose code the gap was: it ended, and called the next in the pool's queue. */
static struct owner caller_owner(struct sight_walk *on, struct owner owner)
{
	uint64_t made = on->sight->births[on->decided];
	uint32_t decided = on->decided;
	struct owner caller;

	if (!owner.request || on->at >= on->sight->n || on->at != decided + 1 ||
	    on->sight->births[on->at] != made || kind_at(on) != NT_BIRTH_CONTEXT ||
	    (on->sight->kinds >> 4 * decided & 3) != NT_BIRTH_CONTEXT)
		return owner;
	caller = chain_owner(on);
	on->undecided = false;
	return caller.request ? caller : owner;
}

/* The innermost closure whose owner is known and lives. */
static struct owner sight_owner(struct sight_walk *on)
{
	struct owner owner = unknown;
	bool inlined = false;

	while (on->at < on->sight->n && !owner.request && !on->undecided) {
		inlined = kind_at(on) == NT_BIRTH_INLINED;
		if (kind_at(on) == NT_BIRTH_VALUE)
			on->at++;
		else
			owner = frame_owner(on);
	}
	if (inlined || (on->undecided && !on->riddle))
		return owner;
	return on->undecided ? riddle_owner(on) : caller_owner(on, owner);
}

/* Whose message is being received, where ids do not tell for whom another is sent. */
static uint64_t receiver(struct sight_walk *on)
{
	struct walk walk = *on->walk;
	struct context context = *on->context;

	if (!walk.no_ports)
		return 0;
	walk.no_ports = false;
	context.sight = 0;
	return walk_context(&walk, &context, on->sight->asof).request;
}

/* When no closure and no id tells: the one request that made all the values at hand, but for those of
 * the message at hand. What somebody unknown made further in may be what this is done for. */
static struct owner value_owner(struct sight_walk *on)
{
	struct owner found = unknown, owner;
	uint64_t except = receiver(on);

	for (on->at = 0; on->at < on->sight->n && !on->undecided; on->at++) {
		if (kind_at(on) != NT_BIRTH_VALUE)
			continue;
		owner = owner_at(on);
		on->undecided = !found.request && owner.evidence == EVIDENCE_UNKNOWN &&
				is_somebodys(on, on->sight->births[on->at]);
		if (!owner.request || owner.request == except)
			continue;
		on->undecided = found.request && found.request != owner.request;
		found = owner;
	}
	return on->undecided ? unknown : found;
}

/*
 * Does a function go on, after an await or in a then()? With promise hooks on, as AsyncLocalStorage
 * turns them on where it is built on hooks, it does so under the id of its promise.
 */
static bool is_continuation(const struct engine_thread *thread, const struct context *context)
{
	const struct id_record *record;

	if (context->kind != CONTEXT_ID)
		return context->kind == CONTEXT_TOKEN;
	record = id_peek(thread, context->id);
	return record && record->kind == ID_PROMISE;
}

/* Did a spill slot decide? It may hold what is not used any more: enough where nothing else tells, too little
 * against what the ids say. */
static bool is_spilled(const struct sight_walk *on)
{
	return (on->sight->kinds >> 4 * on->decided & 3) == NT_BIRTH_INLINED;
}

/* Within an AsyncResource the application says for whom it runs: a spill slot, which may be of an earlier run, does
 * not gainsay that. */
static bool is_left_over(const struct sight_walk *on)
{
	return on->sight->entered && (is_spilled(on) || on->unsure || on->doubtful);
}

/* The closure that decided runs for `request`, say the ids: is it one of many's? */
static bool runs_for_many(const struct sight_walk *on, uint64_t request)
{
	uint64_t birth = on->sight->births[on->decided];
	uint16_t function = on->sight->functions[on->decided];

	birth_runs_for(on->walk->thread, birth, function, request, on->sight->since);
	return birth_is_shared(on->walk->thread, birth, function);
}

/* The closure is of another one than the ids say. */
static struct owner overruled(const struct sight_walk *on, struct owner closure, struct owner owner,
			      bool alive)
{
	if (owner.request && (is_spilled(on) || on->unsure))
		return unknown;
	closure.is_volatile = true;
	closure = weaken(closure, EVIDENCE_CLOSURE);
	return alive && runs_for_many(on, owner.request) ? owner : closure;
}

/* Did what is not known to have begun do so for a request? It had begun before we came, or in a hole. */
static bool hides_somebody(const struct engine_thread *thread, const struct context *context)
{
	return thread->was_busy ||
	       (context->kind == CONTEXT_TOKEN && (!context->token || thread->lost_number));
}

/* Where on the stack that owner was told: further out than all of it when the ids told it, or only what was made in
 * this run and says the same. */
static uint32_t decided_at(const struct sight_walk *on, struct owner closure, struct owner owner)
{
	const struct birth_record *record;

	if (!closure.request || closure.request != owner.request)
		return UINT32_MAX;
	record = paged_peek(&on->walk->thread->births, on->sight->births[on->decided]);
	return record && record->gap.number > on->sight->since ? UINT32_MAX : on->decided;
}

/* It called closures of others before: where none further in tells, it does not either. */
static bool is_caller(const struct sight_walk *on)
{
	return caller_serves_many(on->walk->thread, on->sight->births[on->decided],
				  on->sight->functions[on->decided]);
}

/* What the stack and the ids come to where neither of them is in doubt by itself. */
static struct owner settled(struct sight_walk *on, struct owner closure, struct owner owner,
			    bool alive)
{
	bool by_value = !closure.request && !owner.request;

	if (by_value)
		closure = value_owner(on);
	if (closure.request && closure.request != owner.request) {
		if (!by_value && is_caller(on))
			return disputed;
		owner = overruled(on, closure, owner, alive);
	}
	if (receivers_gainsay(on->walk, on->context, owner.request, decided_at(on, closure, owner)))
		return disputed;
	return owner;
}

struct owner walk_sight(struct walk *walk, const struct context *context, struct owner owner)
{
	const struct sight_record *sight = paged_peek(&walk->thread->sights, context->sight);
	struct sight_walk on = {.walk = walk, .sight = sight, .context = context};
	struct owner closure;
	bool alive;

	if (!sight || (!sight->n && !sight->n_receivers))
		return owner;
	if (owner.is_early && hides_somebody(walk->thread, context))
		return owner; /* nothing of now can tell whose it is */
	alive = owner.request && request_was_alive(walk->engine, owner.request, sight->ts);
	/* a function of that request goes on, or its handler runs: what it calls is called for it */
	if (alive && (is_continuation(walk->thread, context) || owner.evidence == EVIDENCE_PARSER))
		return owner;
	closure = sight_owner(&on);
	if (alive && is_left_over(&on))
		return owner;
	if (on.doubtful || (on.shared && !alive))
		return unknown;
	if (on.shared || (walk->thread->lost_number && owner.evidence == EVIDENCE_UNKNOWN &&
			  (is_spilled(&on) || on.unsure)))
		return owner;
	return settled(&on, closure, owner, alive);
}

bool sight_is_of_another(struct engine *engine, struct engine_thread *thread,
			 const struct context *context, uint64_t request)
{
	struct walk walk = {.engine = engine, .thread = thread};
	struct sight_walk on = {.walk = &walk,
				.sight = paged_peek(&thread->sights, context->sight),
				.context = context};
	struct owner closure;

	if (!on.sight || !on.sight->n)
		return false;
	closure = sight_owner(&on);
	return on.undecided || on.doubtful || on.shared ||
	       (closure.request && closure.request != request);
}

void sight_note_callers(struct engine *engine, struct engine_thread *thread,
			const struct context *context)
{
	struct walk walk = {.engine = engine, .thread = thread};
	struct sight_walk on = {.walk = &walk,
				.sight = paged_peek(&thread->sights, context->sight),
				.context = context};
	struct owner closure, caller;

	if (!on.sight || on.sight->n < 2)
		return;
	closure = sight_owner(&on);
	if (!closure.request || on.undecided || on.doubtful || is_spilled(&on))
		return;
	for (on.at = on.decided + 1; on.at < on.sight->n; on.at++) {
		uint64_t birth = on.sight->births[on.at];

		if (kind_at(&on) != NT_BIRTH_CONTEXT || !on.sight->functions[on.at] ||
		    birth == on.sight->births[on.decided])
			continue;
		if (birth_is_own(thread, on.sight, birth, context))
			continue;
		caller = walk_birth(&walk, birth); /* that may be over */
		if (caller.request && caller.request != closure.request)
			caller_note(engine, thread, birth, on.sight->functions[on.at],
				    closure.request, on.sight->since);
	}
}
