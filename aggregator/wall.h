/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who had each nanosecond of a request: the partition behind the wall metric.
 *
 * Every nanosecond from the request's start to its end is given to the deepest operation that was
 * open then; of several to the one that ends last, of those to the one created first. What no
 * operation covers is its async function's (OP_FUNCTION; of several open ones the deepest), else the
 * request's own.
 */
#ifndef NT_AGGREGATOR_WALL_H
#define NT_AGGREGATOR_WALL_H

#include "aggregator/request.h"

/*
 * Writes each operation's share to self_ns[0 .. n_ops) and the request's own to *ret_own_ns; they
 * sum to request_duration_ns(). depth[i] is the depth of op i in the tree. Returns 0 or -ENOMEM.
 */
int wall_partition(const struct request *request, const uint32_t *depth, uint64_t *self_ns,
		   uint64_t *ret_own_ns);

#endif
