/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_samples.h"

#include <stdlib.h>

#include "aggregator/engine_http.h"
#include "aggregator/engine_ops.h"
#include "symbolizer/base.h"

static struct live_sample *find(struct live_request *live, uint64_t op, const struct stack *stack)
{
	for (size_t i = live->n_samples; i--;)
		if (live->samples[i].op == op && live->samples[i].sampled.stack == stack)
			return &live->samples[i];
	return NULL;
}

static void add(struct live_request *live, uint64_t op, const struct sampled *sampled)
{
	struct live_sample *found = find(live, op, sampled->stack);

	if (found) {
		found->sampled.count += sampled->count;
		found->sampled.ns += sampled->ns;
		return;
	}
	/* what is missing stays time without a line */
	if (live->n_samples == CPU_SAMPLES_MAX ||
	    array_reserve(&live->samples, &live->cap_samples, live->n_samples,
			  sizeof(*live->samples)))
		return;
	live->samples[live->n_samples++] = (struct live_sample){op, *sampled};
}

void request_sampled(struct engine *engine, uint64_t serial, uint64_t op,
		     const struct samples *samples)
{
	struct live_request *live = samples->n ? request_find(engine, serial) : NULL;

	for (uint32_t i = 0; live && i < samples->n; i++)
		add(live, op, &samples->items[i]);
}

int samples_hand_over(struct live_request *live)
{
	struct request *request = live->request;
	size_t n = live->n_samples;

	request->samples = arena_alloc(request->arena, (n + 1) * sizeof(*request->samples));
	if (!request->samples)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct live_sample *from = &live->samples[i];
		uint32_t op = op_index(request, request->n_ops, from->op);

		if (from->op && op == OP_PARENT_REQUEST)
			continue; /* the operation is another request's, or was folded away */
		request->samples[request->n_samples++] =
			(struct cpu_sample){.op = op,
					    .count = from->sampled.count,
					    .ns = from->sampled.ns,
					    .stack = from->sampled.stack};
	}
	return 0;
}
