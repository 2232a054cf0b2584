/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Async functions as nodes of a finished request's tree. Private to the engine. */
#ifndef NT_AGGREGATOR_ENGINE_ASYNC_H
#define NT_AGGREGATOR_ENGINE_ASYNC_H

#include "aggregator/engine_state.h"

/*
 * Puts a node of type "await", flagged OP_FUNCTION, above the operations that were started in an
 * async function; all[i] is what request->ops[i] was made from. Nodes stand before what hangs on
 * them, and are no operations: their count is 0. Returns 0, or -ENOMEM and leaves the request as it
 * was. The new array has room for one more operation.
 */
int async_group(struct request *request, struct live_op *const *all);

#endif
