/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where the callbacks of a request were while they ran. */
#ifndef NT_AGGREGATOR_ENGINE_SAMPLES_H
#define NT_AGGREGATOR_ENGINE_SAMPLES_H

#include "aggregator/engine_state.h"

/* As struct cpu_sample, by the id of its operation, 0 the handler. */
struct live_sample {
	uint64_t op;
	struct sampled sampled;
};

/* Samples of a run of that operation, 0 the handler. They are left as they are. What a request has no
 * room for is counted: totals.stacks.samples_left. */
void request_sampled(struct engine *engine, uint64_t serial, uint64_t op,
		     const struct samples *samples);
/* Copies those of a request that has its operations, and is about to be handed out; counts those whose
 * operation it has not. 0 or -ENOMEM. */
int samples_hand_over(struct engine *engine, struct live_request *live);

#endif
