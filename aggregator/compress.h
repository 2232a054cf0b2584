/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A finished request with fewer nodes that says the same: what is too short to matter is counted in
 * its parent, and siblings that are alike become one node with their number.
 *
 * Nothing is lost of the totals. Before and after, these are the same: the number of operations
 * (op.count and inlined.count), their elapsed times (op_elapsed_ns() and inlined.elapsed_ns) and
 * the time on the event loop (runs).
 */
#ifndef NT_AGGREGATOR_COMPRESS_H
#define NT_AGGREGATOR_COMPRESS_H

#include "aggregator/request.h"

/* Applied in this order; the table in compress.c has their names. */
enum compress_rule {
	COMPRESS_NONE = 0,
	COMPRESS_SHORT = 1 << 0,    /* "short": count what was short in what started it */
	COMPRESS_SIBLINGS = 1 << 1, /* "siblings": one node for those of one type and stack */
	COMPRESS_ALL = COMPRESS_SHORT | COMPRESS_SIBLINGS,
};

/* Continuations and the like that ran less than this, with all they started, are not shown. */
#define COMPRESS_SHORT_NS 50000
/* So many siblings that are alike are shown one by one: their details are worth more. */
#define COMPRESS_KEEP_ALIKE 2

/* "all", "none", or names of rules separated by commas. Returns 0 and the rules, or -ENOENT. */
int compress_rules_find(const char *text, uint32_t *ret_rules);

/*
 * Returns a new request in *ret_request, which owns its memory (stacks and type names stay
 * interned); the old one stays as it is. -ENOMEM when memory is short.
 *
 * A merged node begins with the first of its siblings and ends with the last; its runs are all of
 * theirs, its evidence the weakest, its detail what theirs have in common at the beginning. It has no
 * times of the thread pool: they are summed up.
 */
int compress_request(const struct request *request, uint32_t rules, struct request **ret_request);

#endif
