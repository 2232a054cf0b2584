/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Whose is it? Walks from a context up through parents, tokens, triggers and gaps until it meets a
 * parser, which belongs to a request. The order of evidence and why it is so: ENGINE.md section 2.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_state.h"

#include "symbolizer/base.h"

#define MAX_DEPTH      512
#define MAX_STREAMS    65536
#define MAX_TICK_RANGE 300

struct walk {
	struct engine *engine;
	struct engine_thread *thread;
	uint32_t depth;
	bool no_streams; /* give up at connections */
	bool no_ports;   /* passed a message already */
};

static const struct owner nobody = {.evidence = EVIDENCE_NONE};
static const struct owner nobody_final = {.evidence = EVIDENCE_NONE, .is_final = true};
static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};

static struct owner walk_context(struct walk *walk, const struct context *context, uint64_t asof);
static struct owner walk_id(struct walk *walk, uint64_t id, uint64_t asof);

/* The weaker of two classes: a chain is as good as its weakest link. */
static enum evidence weaker(enum evidence a, enum evidence b)
{
	return a > b ? a : b;
}

static struct owner weaken(struct owner owner, enum evidence evidence)
{
	if (owner.request)
		owner.evidence = weaker(owner.evidence, evidence);
	return owner;
}

/* A parser's id, as of an event: the last request whose headers came before it. */
static struct owner parser_owner(const struct parser_id *parser, uint64_t asof)
{
	uint32_t kept = parser->n < MAX_PARSER_REQUESTS ? parser->n : MAX_PARSER_REQUESTS;

	for (uint32_t i = 0; i < kept; i++) {
		const struct parser_request *at =
			&parser->requests[(parser->n - 1 - i) % MAX_PARSER_REQUESTS];

		if (at->number <= asof)
			return (struct owner){.request = at->request, .evidence = EVIDENCE_PARSER};
	}
	return nobody_final;
}

/* Inside the onread of a connection: only when one request alone ever used it, and made it. */
static struct owner stream_owner(struct walk *walk, const struct stream_id *stream,
				 const struct id_record *record)
{
	struct owner creator;

	if (stream->upgraded)
		return (struct owner){.request = stream->upgraded, .evidence = EVIDENCE_PARSER};
	if (walk->no_streams || stream->shared || !record || !record->created)
		return unknown;
	walk->no_streams = true;
	creator = walk_context(walk, &record->parent, record->asof);
	walk->no_streams = false;
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
};

static void candidate_add(struct candidates *candidates, struct owner owner)
{
	if (!owner.request || (candidates->any && candidates->request != owner.request))
		candidates->clash = true;
	candidates->any = true;
	candidates->request = owner.request;
}

/*
 * Ids born while ticks ran unseen: the possible runners are the contexts at both ends and every
 * id between the moment the tick queue was last empty and the gap that may be a tick.
 */
static struct owner tick_range_owner(struct walk *walk, const struct gap *gap, uint64_t id,
				     uint64_t asof)
{
	const struct context *a = &gap->before, *b = &gap->after;
	uint64_t low = gap->drained, high = gap->last;
	struct candidates found = {};

	if (a->kind == CONTEXT_ID) {
		const struct id_record *record = id_peek(walk->thread, a->id);

		if (a->id > low && !(record && record->type))
			low = a->id - 1;
		candidate_add(&found, walk_context(walk, a, asof));
	}
	if (b->kind == CONTEXT_ID && b->id < gap->first) {
		candidate_add(&found, walk_context(walk, b, asof));
		if (b->id > low)
			high = b->id;
	} else if (b->kind == CONTEXT_ID && b->id != id) {
		const struct id_record *record = id_peek(walk->thread, b->id);

		if (record && record->pair && record->pair < gap->first)
			candidate_add(&found, walk_id(walk, record->pair, asof));
	}
	if (high > low && high - low > MAX_TICK_RANGE)
		return unknown;
	if (high > gap->first - 1)
		high = gap->first - 1;
	for (uint64_t i = low + 1; i <= high && !found.clash; i++) {
		const struct id_record *record = id_peek(walk->thread, i);

		if (!record || !record->created) /* a native resource or timer is no tick */
			candidate_add(&found, walk_id(walk, i, asof));
	}
	if (!found.any || found.clash)
		return unknown;
	return (struct owner){.request = found.request, .evidence = EVIDENCE_TICKS};
}

/* What the gap in which an id was born tells, once its trigger does not. */
static struct owner gap_owner(struct walk *walk, const struct gap *gap, uint64_t id,
			      const struct id_record *record, uint64_t asof)
{
	const struct context *a = &gap->before, *b = &gap->after;
	struct context token = {.kind = CONTEXT_TOKEN};

	if (gap->lossy)
		return unknown;
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

static struct owner id_owner_fresh(struct walk *walk, uint64_t id, const struct id_record *record)
{
	uint64_t trigger = record ? record->pair : 0, asof;
	const struct id_record *creator;
	const struct gap *gap;
	struct owner owner;

	if (record && record->created)
		return weaken(walk_context(walk, &record->parent, record->asof), EVIDENCE_CREATED);
	gap = gap_of(walk->thread, id);
	if (!gap)
		return nobody_final; /* born before we came, or forgotten */
	asof = gap->number - 1;
	creator = id_peek(walk->thread, trigger);
	if (trigger && trigger < id && !(creator && creator->type && creator->type->handle)) {
		owner = walk_id(walk, trigger, asof);
		if (owner.request)
			return weaken(owner, record->from_object ? EVIDENCE_OBJECT : EVIDENCE_PAIR);
		if (!gap->is_pure)
			return owner.evidence == EVIDENCE_NONE ? owner : unknown;
	}
	return gap_owner(walk, gap, id, record, asof);
}

static bool memo_valid(uint8_t memo, uint32_t memo_version, uint32_t version)
{
	return memo == MEMO_OWNED || memo == MEMO_NONE_FINAL ||
	       (memo == MEMO_NONE && memo_version == version);
}

static uint8_t memo_kind(const struct owner *owner)
{
	if (owner->request)
		return MEMO_OWNED;
	return owner->is_final ? MEMO_NONE_FINAL : MEMO_NONE;
}

static struct owner memo_answer(uint8_t memo, uint64_t request, uint64_t op, uint8_t evidence)
{
	return (struct owner){.request = request,
			      .op = op,
			      .evidence = (enum evidence)evidence,
			      .is_final = memo == MEMO_NONE_FINAL};
}

/* An id that is an operation of its own is where the tree hangs on. */
static struct owner at_op(struct owner owner, const struct id_record *record)
{
	if (record && record->op && owner.request)
		owner.op = record->op;
	return owner;
}

static struct owner walk_id(struct walk *walk, uint64_t id, uint64_t asof)
{
	struct engine_thread *thread = walk->thread;
	struct parser_id *parser = parser_id_find(walk->engine, id);
	struct stream_id *stream;
	struct id_record *record;
	struct owner owner;

	if (parser)
		return parser_owner(parser, asof);
	if (port_owner(walk, id, asof, &owner))
		return owner;
	record = id_peek(thread, id);
	stream = stream_id_find(walk->engine, id);
	if (stream)
		return stream_owner(walk, stream, record);
	if (!record)
		return id_owner_fresh(walk, id, NULL);
	if (memo_valid(record->memo, record->memo_version, thread->version))
		return at_op(memo_answer(record->memo, record->memo_request, record->memo_op,
					 record->memo_evidence),
			     record);
	if (record->resolving || walk->depth >= MAX_DEPTH)
		return unknown;
	record->resolving = 1;
	walk->depth++;
	owner = id_owner_fresh(walk, id, record);
	walk->depth--;
	record->resolving = 0;
	if (!owner.is_volatile && !walk->no_streams && !walk->no_ports) {
		record->memo = memo_kind(&owner);
		record->memo_version = thread->version;
		record->memo_request = owner.request;
		record->memo_op = owner.op;
		record->memo_evidence = owner.evidence;
	}
	return at_op(owner, record);
}

static struct owner walk_token(struct walk *walk, uint64_t value)
{
	struct engine_thread *thread = walk->thread;
	struct token_record *record = value ? paged_peek(&thread->tokens, value) : NULL;
	struct owner owner;

	if (!record || !record->asof)
		return nobody; /* registered before we came, or forgotten */
	if (memo_valid(record->memo, record->memo_version, thread->version))
		return memo_answer(record->memo, record->memo_request, record->memo_op,
				   record->memo_evidence);
	if (record->resolving || walk->depth >= MAX_DEPTH)
		return unknown;
	record->resolving = 1;
	walk->depth++;
	owner = weaken(walk_context(walk, &record->context, record->asof), EVIDENCE_TOKEN);
	walk->depth--;
	record->resolving = 0;
	if (!owner.is_volatile && !walk->no_streams && !walk->no_ports) {
		record->memo = memo_kind(&owner);
		record->memo_version = thread->version;
		record->memo_request = owner.request;
		record->memo_op = owner.op;
		record->memo_evidence = owner.evidence;
	}
	return owner;
}

static struct owner walk_context(struct walk *walk, const struct context *context, uint64_t asof)
{
	struct owner owner, by_token;

	switch (context->kind) {
	case CONTEXT_TOP:
		return nobody_final;
	case CONTEXT_UNKNOWN:
		return unknown;
	case CONTEXT_TOKEN:
		return walk_token(walk, context->token);
	case CONTEXT_ID:
		break;
	}
	owner = walk_id(walk, context->id, asof);
	if (owner.request || !context->token)
		return owner;
	by_token = walk_token(walk, context->token);
	return by_token.request ? by_token : owner;
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

struct stream_id *stream_id_get(struct engine *engine, uint64_t id)
{
	struct stream_id *stream = stream_id_find(engine, id);

	if (stream)
		return stream;
	if (HASH_COUNT(engine->streams) >= MAX_STREAMS) {
		stream = engine->streams; /* the oldest */
		engine->totals.forgotten++;
		HASH_DEL(engine->streams, stream);
		free(stream);
	}
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	stream->id = id;
	HASH_ADD(hh, engine->streams, id, sizeof(stream->id), stream);
	return stream;
}

void stream_written(struct engine *engine, struct engine_thread *thread, uint64_t id,
		    const struct context *context)
{
	struct stream_id *stream = id ? stream_id_get(engine, id) : NULL;
	struct owner owner;

	if (!stream)
		return;
	if (stream->shared)
		return;
	owner = owner_of_exact(engine, thread, context, thread->number);
	if (!owner.request || (stream->request && stream->request != owner.request))
		stream->shared = true;
	stream->request = owner.request;
}
