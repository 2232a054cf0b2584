/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the parts of the resolver share: one question on its way up. Not for others. */
#ifndef NT_AGGREGATOR_RESOLVE_H
#define NT_AGGREGATOR_RESOLVE_H

#include "aggregator/engine_state.h"

struct walk {
	struct engine *engine;
	struct engine_thread *thread;
	uint32_t depth;
	uint32_t steps;
	bool no_streams; /* give up at connections */
	bool no_ports;   /* passed a message already */
};

/* Whose is a context, asked as of event number `asof`. */
struct owner walk_context(struct walk *walk, const struct context *context, uint64_t asof);

/* What the gap tells in which an id was born (0: an object, not an id), once its trigger does not. */
struct owner walk_gap(struct walk *walk, const struct gap *gap, uint64_t id,
		      const struct id_record *record, uint64_t asof);

/* One step up. False: too far, or in a circle. Each one that was entered is left. */
bool walk_enter(struct walk *walk, struct memo *memo);
void walk_leave(struct walk *walk, struct memo *memo);

/* An answer that was given before, when it still holds. */
bool memo_get(const struct walk *walk, const struct memo *memo, struct owner *ret_owner);
void memo_put(const struct walk *walk, struct memo *memo, const struct owner *owner);

/* The weakest link of a chain decides. */
struct owner weaken(struct owner owner, enum evidence evidence);

/* ---- resolve_births.c */

/* Who allocated in the gap with this serial. */
struct owner walk_birth(struct walk *walk, uint64_t number);

/* What the closures on the stack say of an operation started in `context`, which the ids give to
 * `owner`. */
struct owner walk_sight(struct walk *walk, const struct context *context, struct owner owner);

#endif
