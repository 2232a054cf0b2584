/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Of the operations, what engine_snapshot.c needs as well. */
#ifndef NT_AGGREGATOR_ENGINE_OPS_H
#define NT_AGGREGATOR_ENGINE_OPS_H

#include "aggregator/engine_state.h"

/* Copies the operation into the request, which has `index` of them already, in order of creation. Returns 0
 * or -ENOMEM. */
int op_copy(struct request *request, const struct live_op *live, uint32_t index);

#endif
