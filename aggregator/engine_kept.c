/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_kept.h"

#include <stdlib.h>

#include "aggregator/engine_http.h"

#define KIND_BITS     2
#define KEY(kind, id) ((id) << KIND_BITS | (kind))

static size_t size_of(enum kept_kind kind)
{
	return sizeof(struct kept) + (kind == KEPT_BIRTH ? MAX_OTHERS * sizeof(struct other) : 0);
}

struct kept *kept_find(const struct engine_thread *thread, enum kept_kind kind, uint64_t id)
{
	uint64_t key = KEY(kind, id);
	struct kept *kept;

	HASH_FIND(hh, thread->kept, &key, sizeof(key), kept);
	return kept;
}

static void kept_drop(struct engine_thread *thread, struct kept *kept)
{
	HASH_DEL(thread->kept, kept);
	thread->kept_bytes -= size_of(kept->key & ((1 << KIND_BITS) - 1));
	free(kept);
}

static struct kept *kept_get(struct engine *engine, struct engine_thread *thread,
			     enum kept_kind kind, uint64_t id)
{
	struct kept *kept = kept_find(thread, kind, id);

	if (kept)
		return kept;
	if (HASH_COUNT(thread->kept) >= MAX_KEPT) {
		kept_drop(thread, thread->kept); /* the oldest */
		engine->totals.forgotten++;
	}
	kept = calloc(1, size_of(kind));
	if (!kept)
		return NULL;
	kept->key = KEY(kind, id);
	HASH_ADD(hh, thread->kept, key, sizeof(kept->key), kept);
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
		       uint64_t id)
{
	const struct context context = {.kind = kind == KEPT_ID ? CONTEXT_ID : CONTEXT_TOKEN,
					.id = kind == KEPT_ID ? id : 0,
					.token = kind == KEPT_ID ? 0 : id};

	(void)kept_add(engine, thread, kind, id,
		       owner_of(engine, thread, &context, thread->number));
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
		keep_owner(engine, thread, KEPT_ID, id);
	}
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
		if (record && record->asof)
			keep_owner(engine, thread, KEPT_TOKEN, i);
	}
}

void kept_sweep(struct engine *engine, struct engine_thread *thread)
{
	struct kept *kept, *tmp;

	HASH_ITER (hh, thread->kept, kept, tmp)
		if (!kept->handle && !request_find(engine, kept->owner.request))
			kept_drop(thread, kept);
}

void kept_closed(struct engine_thread *thread, uint64_t id)
{
	struct id_record *record = id_peek(thread, id);
	struct kept *kept = kept_find(thread, KEPT_ID, id);

	if (record)
		record->closed = 1;
	if (kept && kept->handle)
		kept_drop(thread, kept);
}

size_t kept_memory(const struct engine_thread *thread)
{
	return thread->kept_bytes;
}

void kept_done(struct engine_thread *thread)
{
	struct kept *kept, *tmp;

	HASH_ITER (hh, thread->kept, kept, tmp)
		kept_drop(thread, kept);
}
