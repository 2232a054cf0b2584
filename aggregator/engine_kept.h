/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What is kept of ids, tokens and births whose pages are dropped: whose those of requests are that stay
 * open for long, and which ids are handles. So a request that lasts for hours holds only what is its own.
 */
#ifndef NT_AGGREGATOR_ENGINE_KEPT_H
#define NT_AGGREGATOR_ENGINE_KEPT_H

#include "aggregator/engine_state.h"

#define MAX_KEPT \
	131072 /* of a kind and thread: births, which come with every event, push out no token */
#define MAX_OTHERS 6 /* requests other than its own that closures of one gap are seen to run for */

enum kept_kind {
	KEPT_ID,
	KEPT_TOKEN,
	KEPT_BIRTH /* a gap, by its serial */
};

/* A closure ran for a request that is not its own, by what the ids say. */
struct other {
	uint64_t request; /* 0 free */
	uint16_t function;
	uint32_t run; /* the last it ran in: number of the event that began it, its low bits */
};

struct kept {
	uint64_t key; /* what it is of: id, token or serial */
	struct owner owner;
	uint64_t ran; /* as in struct token_record */
	bool handle;
	UT_hash_handle hh;
	struct other others[]; /* MAX_OTHERS of a birth, else none */
};

/* NULL: nothing is kept of it. */
struct kept *kept_find(const struct engine_thread *thread, enum kept_kind kind, uint64_t id);
/* Keeps whose it is when its request is there still. NULL: it is not, or memory is short. */
struct kept *kept_add(struct engine *engine, struct engine_thread *thread, enum kept_kind kind,
		      uint64_t id, struct owner owner);
/* Before ids below `id` and tokens below `token` are dropped: keeps what is asked for later. Which are
 * whose is looked at only when requests are open for `long_open`. */
void kept_gather(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t token,
		 bool long_open);
/* The continuation of this token has run: it is asked for as long as what it made is there. */
void kept_ran(struct engine_thread *thread, uint64_t token);
/* Before ids below `id` are dropped: drops what belongs to requests that are gone, and what ran before. */
void kept_sweep(struct engine *engine, struct engine_thread *thread, uint64_t id);
/* The handle of this id was closed. */
void kept_closed(struct engine_thread *thread, uint64_t id);
size_t kept_memory(const struct engine_thread *thread);
void kept_done(struct engine_thread *thread);

#endif
