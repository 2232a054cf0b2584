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

/* False when there is no room: what is missing stays time without a line. */
static bool add(struct live_request *live, uint64_t op, const struct sampled *sampled)
{
	struct live_sample *found = find(live, op, sampled->stack);

	if (found) {
		found->sampled.count += sampled->count;
		found->sampled.ns += sampled->ns;
		return true;
	}
	if (live->n_samples == CPU_SAMPLES_MAX ||
	    array_reserve(&live->samples, &live->cap_samples, live->n_samples,
			  sizeof(*live->samples)))
		return false;
	live->samples[live->n_samples++] = (struct live_sample){op, *sampled};
	return true;
}

void request_sampled(struct engine *engine, uint64_t serial, uint64_t op,
		     const struct samples *samples)
{
	struct live_request *live = samples->n ? request_find(engine, serial) : NULL;

	if (!live)
		return; /* a request that is over takes no more */
	engine->totals.stacks.samples_left += samples->elsewhere;
	for (uint32_t i = 0; i < samples->n; i++)
		if (!add(live, op, &samples->items[i]))
			engine->totals.stacks.samples_left += samples->items[i].count;
}

static bool is_node(const struct op *op)
{
	return op->flags & (OP_FUNCTION | OP_FOLDED);
}

/* Index of an operation, or OP_PARENT_REQUEST. They ascend by id, but nodes of async functions stand
 * among them, whose ids are of another kind, and folded ones behind them. */
static uint32_t place_of(const struct request *request, uint64_t id)
{
	uint32_t low = 0, high = request->n_ops;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2, at = middle;

		while (at < high && is_node(&request->ops[at]))
			at++;
		if (at < high && request->ops[at].id < id)
			low = at + 1;
		else
			high = middle;
	}
	while (low < request->n_ops && is_node(&request->ops[low]))
		low++;
	return low < request->n_ops && request->ops[low].id == id ? low : OP_PARENT_REQUEST;
}

int samples_hand_over(struct engine *engine, struct live_request *live)
{
	struct request *request = live->request;
	size_t n = live->n_samples;

	request->samples = arena_alloc(request->arena, (n + 1) * sizeof(*request->samples));
	if (!request->samples)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct live_sample *from = &live->samples[i];
		uint32_t op = place_of(request, from->op);

		if (from->op && op == OP_PARENT_REQUEST) {
			/* the operation is another request's, or was folded away */
			engine->totals.stacks.samples_left += from->sampled.count;
			continue;
		}
		request->samples[request->n_samples++] =
			(struct cpu_sample){.op = op,
					    .count = from->sampled.count,
					    .ns = from->sampled.ns,
					    .stack = from->sampled.stack};
	}
	return 0;
}
