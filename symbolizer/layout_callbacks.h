/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * JavaScript functions of node's own that its C++ calls: their handles stand in the Environment, or in its
 * Realm where there is one. What such a function closes over leads to the queues of its module.
 */
#ifndef NT_SYMBOLIZER_LAYOUT_CALLBACKS_H
#define NT_SYMBOLIZER_LAYOUT_CALLBACKS_H

#include "symbolizer/layout.h"

#define CALLBACK_MAX_SLOTS \
	64 /* of the context of a function or module: node's have fewer than half as many */

/* Where the handle of a function was found. */
struct callback_place {
	uint32_t realm;    /* Environment -> Realm, 0: the Environment has it */
	uint32_t callback; /* -> the function's handle */
};

struct callback_search {
	struct memory memory; /* the target's, counted */
	const struct memory *target;
	uint32_t n_reads;
	struct node_layout *layout;
	/* a function: its context and how many slots that has */
	void (*see)(struct callback_search *search, struct callback_place place, uint64_t function,
		    uint64_t context, uint32_t n_slots);
	uint64_t found;    /* what was looked for, 0 none yet */
	bool is_ambiguous; /* there are two */
};

/*
 * Shows search->see() each function; again, a few times, when it left search->found 0: a collection may have moved
 * it all meanwhile. Needs layout->main_env; search->target, layout and see are the caller's. Returns
 * false when what was found cannot be trusted: there were two, or so much memory looked right that
 * the search was given up.
 */
bool callbacks_search(struct callback_search *search);

/* Takes this for what was looked for. False when another was found before. */
bool callback_found(struct callback_search *search, uint64_t object);

/* Is it the function of this name? Other functions of node's close over the like as well. */
bool callback_is_named(const struct callback_search *search, uint64_t function, const char *name);

/* How many slots the context has; 0: it is none, or too large. */
uint32_t callback_slots(const struct callback_search *search, uint64_t context);

/* Is it a JSFunction by its map? */
bool callback_is_function(const struct callback_search *search, uint64_t object);

/* The word at this offset of a tagged object. False when it is none, or cannot be read. */
bool callback_field(const struct callback_search *search, uint64_t object, uint32_t offset,
		    uint64_t *ret_word);

static inline bool callback_is_smi(uint64_t word)
{
	return !(word & 0xffffffff);
}

#endif
