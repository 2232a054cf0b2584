/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What is kept of ids and tokens whose pages are dropped: whose those of requests are that stay open
 * for long, and which ids are handles. So a request that lasts for hours holds only what is its own.
 */
#ifndef NT_AGGREGATOR_ENGINE_KEPT_H
#define NT_AGGREGATOR_ENGINE_KEPT_H

#include "aggregator/engine_state.h"

#define MAX_KEPT 65536 /* of a thread */

enum kept_kind {
	KEPT_ID,
	KEPT_TOKEN
};

struct kept {
	uint64_t key; /* id or token, and its kind */
	struct owner owner;
	bool handle;
	UT_hash_handle hh;
};

/* NULL: nothing is kept of it. */
const struct kept *kept_find(const struct engine_thread *thread, enum kept_kind kind, uint64_t id);
/* Before ids below `id` and tokens below `token` are dropped: keeps what is asked for later. Which are
 * whose is looked at only when requests are open for `long_open`. */
void kept_gather(struct engine *engine, struct engine_thread *thread, uint64_t id, uint64_t token,
		 bool long_open);
/* Drops what belongs to requests that are gone. */
void kept_sweep(struct engine *engine, struct engine_thread *thread);
/* The handle of this id was closed. */
void kept_closed(struct engine_thread *thread, uint64_t id);
void kept_done(struct engine_thread *thread);

#endif
