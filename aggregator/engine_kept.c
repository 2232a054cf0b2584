/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_kept.h"

#include <assert.h>
#include <stdlib.h>

#include "aggregator/engine_http.h"
#include "aggregator/engine_parsers.h"

static size_t size_of(enum kept_kind kind)
{
	return sizeof(struct kept) + (kind == KEPT_BIRTH ? MAX_OTHERS * sizeof(struct other) : 0);
}

struct kept *kept_find(const struct engine_thread *thread, enum kept_kind kind, uint64_t id)
{
	struct kept *kept;

	HASH_FIND(hh, thread->kept[kind], &id, sizeof(id), kept);
	return kept;
}

static void kept_drop(struct engine_thread *thread, enum kept_kind kind, struct kept *kept)
{
	HASH_DEL(thread->kept[kind], kept);
	thread->kept_bytes -= size_of(kind);
	free(kept);
}

static struct kept *kept_get(struct engine *engine, struct engine_thread *thread,
			     enum kept_kind kind, uint64_t id)
{
	struct kept *kept = kept_find(thread, kind, id);

	if (kept)
		return kept;
	if (HASH_COUNT(thread->kept[kind]) >= MAX_KEPT) {
		kept_drop(thread, kind, thread->kept[kind]); /* the oldest */
		engine->totals.forgotten++;
	}
	kept = calloc(1, size_of(kind));
	if (!kept)
		return NULL;
	kept->key = id;
	HASH_ADD(hh, thread->kept[kind], key, sizeof(kept->key), kept);
	thread->kept_bytes += size_of(kind);
	return kept;
}

struct kept *kept_add(struct engine *engine, struct engine_thread *thread, enum kept_kind kind,
		      uint64_t id, struct owner owner)
{
	struct kept *kept = NULL;

	if (request_find(engine, owner.request))
		kept = kept_get(engine, thread, kind, id);
	if (kept)
		kept->owner = owner;
	return kept;
}

static void keep_owner(struct engine *engine, struct engine_thread *thread, enum kept_kind kind,
		       uint64_t id, uint64_t ran)
{
	const struct context context = {.kind = kind == KEPT_ID ? CONTEXT_ID : CONTEXT_TOKEN,
					.id = kind == KEPT_ID ? id : 0,
					.token = kind == KEPT_ID ? 0 : id};

	struct kept *kept = kept_add(engine, thread, kind, id,
				     owner_of(engine, thread, &context, thread->number));

	if (kept)
		kept->ran = ran;
}

static void keep_id(struct engine *engine, struct engine_thread *thread, uint64_t id,
		    bool long_open)
{
	const struct id_record *record = id_peek(thread, id);
	struct kept *kept;

	if (!record || parser_id_find(engine, thread, id) || stream_id_find(engine, thread, id))
		return; /* those are known by themselves */
	if (record->type && record->type->handle) {
		kept = record->closed ? NULL : kept_get(engine, thread, KEPT_ID, id);
		if (kept)
			kept->handle = true;
	} else if (long_open && (record->created || record->pair || record->op)) {
		keep_owner(engine, thread, KEPT_ID, id, 0);
	}
}

/* The event at which the oldest token that has its record still was registered. */
static uint64_t oldest_token(const struct engine_thread *thread)
{
	uint64_t end = paged_end(&thread->tokens);
	const struct token_record *record;

	for (uint64_t i = paged_first(&thread->tokens); i < end; i++) {
		record = paged_peek(&thread->tokens, i);
		if (record && record->asof)
			return record->asof;
	}
	return UINT64_MAX;
}

/*
 * Ids from `id` on were born at this event or later, and so were registered the tokens that have their
 * records: continuations that ran before made none of them.
 */
static uint64_t birth_of(const struct engine_thread *thread, uint64_t id)
{
	const struct gap *gap = gap_of(thread, id);
	uint64_t born = gap ? gap->number : 0, token = oldest_token(thread);

	return born < token ? born : token;
}

static bool is_over(uint64_t ran, uint64_t before)
{
	return ran && ran < before;
}

void kept_ran(struct engine_thread *thread, uint64_t token)
{
	struct token_record *record = token ? paged_peek(&thread->tokens, token) : NULL;
	struct kept *kept;

	if (record && record->asof) {
		record->ran = thread->number;
		return;
	}
	kept = kept_find(thread, KEPT_TOKEN, token);
	if (kept)
		kept->ran = thread->number;
}

void kept_gather(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t token,
		 bool long_open)
{
	const struct token_record *record;
	uint64_t end = paged_end(&thread->ids);

	end = end < id ? end : id;
	for (uint64_t i = paged_first(&thread->ids); i < end; i++)
		keep_id(engine, thread, i, long_open);
	end = paged_end(&thread->tokens);
	end = end < token ? end : token;
	for (uint64_t i = paged_first(&thread->tokens); long_open && i < end; i++) {
		record = paged_peek(&thread->tokens, i);
		if (record && record->asof) /* ids of one that ran are there still: KEEP_IDS */
			keep_owner(engine, thread, KEPT_TOKEN, i, record->ran);
	}
}

void kept_sweep(struct engine *engine, struct engine_thread *thread, uint64_t id)
{
	uint64_t born = birth_of(thread, id);
	struct kept *kept, *tmp;

	for (uint32_t kind = 0; kind < KEPT_KINDS; kind++)
		HASH_ITER (hh, thread->kept[kind], kept, tmp)
			if (!kept->handle && (is_over(kept->ran, born) ||
					      !request_find(engine, kept->owner.request)))
				kept_drop(thread, kind, kept);
}

void kept_closed(struct engine_thread *thread, uint64_t id)
{
	struct id_record *record = id_peek(thread, id);
	struct kept *kept = kept_find(thread, KEPT_ID, id);

	if (record)
		record->closed = 1;
	if (kept && kept->handle)
		kept_drop(thread, KEPT_ID, kept);
}

size_t kept_memory(const struct engine_thread *thread)
{
	return thread->kept_bytes;
}

void kept_done(struct engine_thread *thread)
{
	struct kept *kept, *tmp;

	for (uint32_t kind = 0; kind < KEPT_KINDS; kind++)
		HASH_ITER (hh, thread->kept[kind], kept, tmp)
			kept_drop(thread, kind, kept);
}

static_assert(KEPT_BIRTH + 1 == KEPT_KINDS, "a table for each kind");
