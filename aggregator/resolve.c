/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Whose is it? Walks from a context up through parents, tokens, triggers and gaps until it meets a
 * parser, which belongs to a request. The order of evidence and why it is so: ENGINE.md section 2.
 */
#include "aggregator/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_begun.h"
#include "aggregator/engine_holes.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_kept.h"
#include "aggregator/engine_parsers.h"
#include "symbolizer/base.h"

#define MAX_DEPTH      512
#define MAX_TICK_RANGE 300
#define MAX_STEPS      20000 /* of one question */

static const struct owner somebody_early = {.evidence = EVIDENCE_NONE, .is_early = true};
static const struct owner nobody_final = {.evidence = EVIDENCE_NONE, .is_final = true};
static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};

static struct owner walk_id(struct walk *walk, uint64_t id, uint64_t asof);

/* The weaker of two classes: a chain is as good as its weakest link. */
static enum evidence weaker(enum evidence a, enum evidence b)
{
	return a > b ? a : b;
}

struct owner weaken(struct owner owner, enum evidence evidence)
{
	if (owner.request)
		owner.evidence = weaker(owner.evidence, evidence);
	return owner;
}

/* A parser's id, as of an event: the last request whose headers came before it. */
static struct owner parser_owner(const struct walk *walk, const struct parser_id *parser,
				 uint64_t asof)
{
	const struct parser_request *at = parser_request_as_of(parser, asof);

	if (!at)
		return parser->id > walk->thread->first_counter ? nobody_final : somebody_early;
	if (at->until && at->until < asof)
		return nobody_final; /* a session's own business */
	if (hole_between(walk->thread, at->number, asof))
		return unknown; /* the headers of another one may have been lost since */
	return (struct owner){.request = at->request, .evidence = EVIDENCE_PARSER};
}

/* Inside the onread of a connection: only when one request alone ever used it, and made it. */
static struct owner stream_owner(struct walk *walk, const struct stream_id *stream,
				 const struct id_record *record)
{
	struct owner creator;

	if (stream->upgraded)
		return (struct owner){.request = stream->upgraded, .evidence = EVIDENCE_PARSER};
	if (walk->no_streams || stream->shared || !record || !record->created ||
	    record->asof < walk->thread->lost_number) /* another's write may have been lost */
		return unknown;
	walk->no_streams = true;
	creator = walk_context(walk, &record->parent, record->asof);
	walk->no_streams = false;
	if (creator.is_early && !stream->request)
		return creator;
	if (!creator.request || (stream->request && stream->request != creator.request))
		return unknown;
	creator.is_volatile = true;
	return weaken(creator, EVIDENCE_STREAM);
}

/*
 * Inside the callback of a message: whoever sent it, when that is known without passing another
 * message. A pool of workers sends one job from the callback of another: that names nobody.
 */
static bool port_owner(struct walk *walk, uint64_t id, uint64_t asof, struct owner *ret_owner)
{
	const struct port_id *port = port_id_find(walk->engine, walk->thread, id);
	uint32_t kept = port && port->n < MAX_PORT_MESSAGES ? port->n : MAX_PORT_MESSAGES;
	struct engine_thread *thread = walk->thread;
	const struct port_message *at;

	for (uint32_t i = 0; port && i < kept; i++) {
		at = &port->messages[(port->n - 1 - i) % MAX_PORT_MESSAGES];
		if (at->number > asof)
			continue;
		*ret_owner = unknown;
		if (hole_between(thread, at->number, asof))
			return true; /* another message may have come in it */
		if (!walk->no_ports) {
			walk->no_ports = true;
			walk->thread = at->sender;
			*ret_owner = weaken(walk_context(walk, &at->context, at->asof),
					    EVIDENCE_MESSAGE);
			walk->thread = thread;
			walk->no_ports = false;
		}
		ret_owner->is_volatile = !ret_owner->request;
		ret_owner->is_final = false;
		return true;
	}
	return false;
}

/* Candidates of a mixed gap: all must belong to one request. */
struct candidates {
	uint64_t request;
	bool any;
	bool clash;
	bool late; /* not all had begun before we came */
	bool is_volatile;
	uint64_t low, high; /* ids above low up to high may be ticks that ran */
};

static void candidate_add(struct candidates *candidates, struct owner owner)
{
	if (!owner.request || (candidates->any && candidates->request != owner.request))
		candidates->clash = true;
	candidates->any = true;
	candidates->late |= !owner.is_early;
	candidates->is_volatile |= owner.is_volatile;
	candidates->request = owner.request;
}

/* The contexts at both ends, and the range of ids between the last empty queue and the gap. */
static void tick_ends(struct walk *walk, const struct gap *gap, uint64_t id, uint64_t asof,
		      struct candidates *found)
{
	const struct context *a = &gap->before, *b = &gap->after;
	const struct id_record *record;

	found->low = gap->drained;
	found->high = gap->last;
	if (a->kind == CONTEXT_ID) {
		record = id_peek(walk->thread, a->id);
		if (a->id > found->low && !(record && record->type))
			found->low = a->id - 1;
		candidate_add(found, walk_context(walk, a, asof));
	}
	if (b->kind != CONTEXT_ID)
		return;
	if (b->id < gap->first) {
		candidate_add(found, walk_context(walk, b, asof));
		if (b->id > found->low)
			found->high = b->id;
		return;
	}
	record = b->id == id ? NULL : id_peek(walk->thread, b->id);
	if (record && record->pair && record->pair < gap->first)
		candidate_add(found, walk_id(walk, record->pair, asof));
}

/*
 * Ids born while ticks ran unseen: the possible runners are the contexts at both ends and every
 * id between the moment the tick queue was last empty and the gap that may be a tick.
 */
static struct owner tick_range_owner(struct walk *walk, const struct gap *gap, uint64_t id,
				     uint64_t asof)
{
	struct candidates found = {0};
	const struct id_record *record;

	if (gap->in_phase && walk->thread->enters_resources && gap->entered != NT_ENTERED_NONE)
		return unknown; /* between two timers no queue of ticks can be read: who was entered? */
	tick_ends(walk, gap, id, asof, &found);
	if (found.high > found.low && found.high - found.low > MAX_TICK_RANGE)
		return unknown;
	if (found.high > gap->first - 1)
		found.high = gap->first - 1;
	for (uint64_t i = found.low + 1; i <= found.high && !(found.clash && found.late); i++) {
		record = id_peek(walk->thread, i);
		if (!record || !record->created) /* a native resource or timer is no tick */
			candidate_add(&found, walk_id(walk, i, asof));
	}
	if (found.any && !found.late)
		return somebody_early;
	if (!found.any || found.clash)
		return unknown;
	return (struct owner){.request = found.request,
			      .evidence = EVIDENCE_TICKS,
			      .is_volatile = found.is_volatile};
}

/* What the gap in which an id was born tells, once its trigger does not. */
struct owner walk_gap(struct walk *walk, const struct gap *gap, uint64_t id,
		      const struct id_record *record, uint64_t asof)
{
	const struct context *a = &gap->before, *b = &gap->after;
	struct context token = {.kind = CONTEXT_TOKEN};

	if (gap->lossy)
		return unknown;
	if (gap->in_phase && !gap->is_pure && a->kind == CONTEXT_TOP && b->kind == CONTEXT_TOP)
		return unknown; /* a timer or immediate that showed nothing */
	if (gap->in_phase && gap->entered == NT_ENTERED_SOME)
		return unknown; /* whose scope was it? */
	if (gap->is_pure)
		return weaken(walk_context(walk, &gap->pure, asof), EVIDENCE_INTERVAL);
	/* starts inside a microtask with trigger 0: that microtask made it */
	if (b->kind == CONTEXT_ID && b->id == id && b->token && !(record && record->pair)) {
		token.token = b->token;
		return walk_context(walk, &token, asof);
	}
	if (a->kind == CONTEXT_TOKEN && b->kind == CONTEXT_TOKEN && !a->token)
		return weaken(walk_context(walk, b, asof), EVIDENCE_INTERVAL);
	return tick_range_owner(walk, gap, id, asof);
}

/* defaultTriggerAsyncIdScope puts it where a creator's id belongs. */
static bool is_handle(const struct engine_thread *thread, uint64_t id)
{
	const struct id_record *record = id_peek(thread, id);
	const struct kept *kept = record ? NULL : kept_find(thread, KEPT_ID, id);

	return record ? record->type && record->type->handle : kept && kept->handle;
}

/* The trigger of an id, 0 when it has none that tells who made it. */
static uint64_t maker_of(const struct walk *walk, uint64_t id, const struct id_record *record)
{
	if (!record || !record->pair || record->pair >= id || record->kind == ID_PROMISE ||
	    is_handle(walk->thread, record->pair))
		return 0;
	return record->pair;
}

static struct owner id_owner_fresh(struct walk *walk, uint64_t id, const struct id_record *record)
{
	uint64_t trigger, asof;
	const struct gap *gap;
	struct owner owner;

	if (record && record->created)
		return weaken(walk_context(walk, &record->parent, record->asof), EVIDENCE_CREATED);
	gap = gap_of(walk->thread, id);
	if (!gap) /* born before we came, or forgotten */
		return begun_is_once(walk->thread, id) ? somebody_early : nobody_final;
	asof = gap->lossy ? gap->number : gap->number - 1; /* not known on which side of the hole */
	trigger = maker_of(walk, id, record);
	if (record && trigger) {
		owner = walk_id(walk, trigger, asof);
		if (owner.request)
			return weaken(owner, record->from_object ? EVIDENCE_OBJECT : EVIDENCE_PAIR);
		if (!gap->is_pure)
			return owner.evidence == EVIDENCE_NONE ? owner : unknown;
	}
	return walk_gap(walk, gap, id, record, asof);
}

/* Looks an answer up. An answer for now passed a connection that may yet be shared. */
bool memo_get(const struct walk *walk, const struct memo *memo, struct owner *ret_owner)
{
	bool current = memo->version == walk->thread->version;

	if (memo->kind == MEMO_EMPTY || (memo->kind == MEMO_NONE && !current) ||
	    (memo->kind == MEMO_OWNED_FOR_NOW && (!current || walk->no_streams)))
		return false;
	*ret_owner = (struct owner){.request = memo->request,
				    .op = memo->op,
				    .evidence = (enum evidence)memo->evidence,
				    .is_volatile = memo->kind == MEMO_OWNED_FOR_NOW,
				    .is_final = memo->kind == MEMO_NONE_FINAL,
				    .is_early = memo->early};
	return true;
}

void memo_put(const struct walk *walk, struct memo *memo, const struct owner *owner)
{
	if (walk->no_streams || walk->no_ports || walk->steps > MAX_STEPS)
		return; /* the answer to a narrower question */
	if (owner->request)
		memo->kind = owner->is_volatile ? MEMO_OWNED_FOR_NOW : MEMO_OWNED;
	else
		memo->kind = owner->is_final ? MEMO_NONE_FINAL : MEMO_NONE;
	memo->version = walk->thread->version;
	memo->request = owner->request;
	memo->op = owner->op;
	memo->evidence = owner->evidence;
	memo->early = owner->is_early;
}

/* One step up. False: too far, or in a circle. */
bool walk_enter(struct walk *walk, struct memo *memo)
{
	if (memo->resolving || walk->depth >= MAX_DEPTH || ++walk->steps > MAX_STEPS)
		return false;
	memo->resolving = true;
	walk->depth++;
	return true;
}

void walk_leave(struct walk *walk, struct memo *memo)
{
	walk->depth--;
	memo->resolving = false;
}

/* An id that is an operation of its own is where the tree hangs on. */
static struct owner at_op(struct owner owner, const struct id_record *record)
{
	if (record && record->op && owner.request)
		owner.op = record->op;
	return owner;
}

/* An id that nothing but its gap tells of: not remembered, but one step up like any other. */
static struct owner walk_unrecorded(struct walk *walk, uint64_t id)
{
	const struct kept *kept = kept_find(walk->thread, KEPT_ID, id);
	struct owner owner;

	if (kept && !kept->handle)
		return kept->owner;
	if (walk->depth >= MAX_DEPTH || ++walk->steps > MAX_STEPS)
		return unknown;
	walk->depth++;
	owner = id_owner_fresh(walk, id, NULL);
	walk->depth--;
	return owner;
}

static struct owner walk_id(struct walk *walk, uint64_t id, uint64_t asof)
{
	const struct parser_id *parser = parser_id_find(walk->engine, walk->thread, id);
	const struct stream_id *stream;
	struct id_record *record;
	struct owner owner;

	if (parser)
		return parser_owner(walk, parser, asof);
	if (port_owner(walk, id, asof, &owner))
		return owner;
	record = id_peek(walk->thread, id);
	stream = stream_id_find(walk->engine, walk->thread, id);
	if (stream)
		return stream_owner(walk, stream, record);
	if (!record)
		return walk_unrecorded(walk, id);
	if (record->has_jobs)
		return job_owner(walk, id, asof);
	if (memo_get(walk, &record->memo, &owner))
		return at_op(owner, record);
	if (!walk_enter(walk, &record->memo))
		return unknown;
	owner = id_owner_fresh(walk, id, record);
	walk_leave(walk, &record->memo);
	memo_put(walk, &record->memo, &owner);
	return at_op(owner, record);
}

static struct owner walk_token(struct walk *walk, uint64_t value)
{
	struct token_record *record = value ? paged_peek(&walk->thread->tokens, value) : NULL;
	const struct kept *kept;
	struct owner owner;

	if (!record || !record->asof) {
		kept = kept_find(walk->thread, KEPT_TOKEN, value);
		return kept ? kept->owner
			    : somebody_early; /* registered before we came, or forgotten */
	}
	if (memo_get(walk, &record->memo, &owner))
		return owner;
	if (!walk_enter(walk, &record->memo))
		return unknown;
	owner = weaken(walk_context(walk, &record->context, record->asof), EVIDENCE_TOKEN);
	walk_leave(walk, &record->memo);
	memo_put(walk, &record->memo, &owner);
	return owner;
}

/* Who made what was made in the gap in which this id was born? */
static struct owner walk_born(struct walk *walk, uint64_t id)
{
	const struct gap *gap = gap_of(walk->thread, id);
	struct owner owner;

	if (!gap || walk->depth >= MAX_DEPTH || ++walk->steps > MAX_STEPS)
		return unknown;
	walk->depth++;
	owner = walk_gap(walk, gap, 0, NULL, gap->number - 1);
	walk->depth--;
	return owner;
}

static struct owner walk_ids(struct walk *walk, const struct context *context, uint64_t asof)
{
	struct owner owner, by_token;

	switch (context->kind) {
	case CONTEXT_TOP:
		return nobody_final;
	case CONTEXT_UNKNOWN:
		return unknown;
	case CONTEXT_TOKEN:
		return walk_token(walk, context->token);
	case CONTEXT_BIRTH:
		return weaken(walk_birth(walk, context->id), EVIDENCE_CLOSURE);
	case CONTEXT_GAP:
		return walk_born(walk, context->id);
	case CONTEXT_ID:
		break;
	}
	owner = walk_id(walk, context->id, asof);
	if (owner.request || !context->token)
		return owner;
	by_token = walk_token(walk, context->token);
	return by_token.request ? by_token : owner;
}

struct owner walk_context(struct walk *walk, const struct context *context, uint64_t asof)
{
	struct owner owner = walk_ids(walk, context, asof);

	return context->sight ? walk_sight(walk, context, owner) : owner;
}

struct owner owner_of(struct engine *engine, struct engine_thread *thread,
		      const struct context *context, uint64_t asof)
{
	struct walk walk = {.engine = engine, .thread = thread};

	return walk_context(&walk, context, asof);
}

struct owner owner_of_exact(struct engine *engine, struct engine_thread *thread,
			    const struct context *context, uint64_t asof)
{
	struct walk walk = {.engine = engine, .thread = thread, .no_streams = true};

	return walk_context(&walk, context, asof);
}
