/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Of the operations, what engine_snapshot.c needs as well. */
#ifndef NT_AGGREGATOR_ENGINE_OPS_H
#define NT_AGGREGATOR_ENGINE_OPS_H

#include "aggregator/engine_state.h"

/* Index of the operation with this id among the first n of the request, which ascend by id;
 * OP_PARENT_REQUEST: it is none of them. */
uint32_t op_index(const struct request *request, uint32_t n, uint64_t id);
/* Copies the operation into the request, which has `index` of them already, in order of creation. Returns 0
 * or -ENOMEM. */
int op_copy(struct request *request, const struct live_op *live, uint32_t index);

#endif
