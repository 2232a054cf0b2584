/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Copies of requests that are still open. Nothing is resolved anew for them: an operation stands where
 * it was put when it was created, so that looking changes nothing of what is handed out later.
 */
#include <stdlib.h>
#include <string.h>

#include "aggregator/around.h"
#include "aggregator/engine_async.h"
#include "aggregator/engine_ops.h"
#include "aggregator/engine_present.h"
#include "aggregator/engine_time.h"
#include "symbolizer/base.h"

static int by_id(const void *a, const void *b)
{
	const struct live_op *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

/* The operations in order of creation; NULL when memory is short. */
static struct live_op **collect(const struct live_request *live, uint32_t *ret_n)
{
	struct live_op **all = calloc(live->n_ops + 1, sizeof(void *));
	struct live_op *op;
	uint32_t n = 0;

	if (!all)
		return NULL;
	DL_FOREACH(live->ops, op)
	{
		if (n < live->n_ops)
			all[n++] = op;
	}
	qsort(all, n, sizeof(void *), by_id);
	*ret_n = n;
	return all;
}

/* A copy with room for what runs now. Returns 0 or -ENOMEM. */
static int copy_runs(struct request *request, struct span **runs, uint32_t n)
{
	struct span *copy = arena_alloc(request->arena, (n + PRESENT_MAX) * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, *runs, n * sizeof(*copy));
	*runs = copy;
	return 0;
}

static int add_run(struct request *request, const struct present_run *run)
{
	uint32_t i = run->op ? op_index(request, request->n_ops, run->op) : OP_PARENT_REQUEST;
	struct op *op = i == OP_PARENT_REQUEST ? NULL : &request->ops[i];

	if (run->op && !op)
		return 0; /* left out */
	if (!op) {
		request->runs[request->n_runs++] = run->span;
		return 0;
	}
	if (copy_runs(request, &op->runs, op->n_runs))
		return -ENOMEM;
	op->runs[op->n_runs++] = run->span;
	return 0;
}

/* The callback that has not returned, of which no run is told yet. */
static int add_present(const struct engine *engine, const struct live_request *live,
		       struct request *request)
{
	struct present_run runs[PRESENT_MAX];
	size_t n = live->ended ? 0 : present_runs(engine, live, runs);
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = add_run(request, &runs[i]);
	return err;
}

static int copy_ops(const struct engine *engine, struct request *request,
		    const struct live_request *live, uint32_t max)
{
	struct live_op **all;
	uint32_t n = 0;
	int err = 0;

	all = collect(live, &n);
	if (!all)
		return -ENOMEM;
	request->n_ops_total = n + live->folded.count;
	request->ops = arena_alloc(request->arena, (n + 1) * sizeof(*request->ops));
	if (!request->ops)
		err = -ENOMEM;
	for (uint32_t i = 0; i < n && i < max && !err; i++) {
		err = op_copy(request, all[i], i);
		request->n_ops += err ? 0 : 1;
	}
	if (n > max || live->folded.count)
		request->flags |= REQUEST_FOLDED;
	if (!err)
		err = add_present(engine, live, request);
	if (!err)
		err = async_group(request, all);
	free(all);
	return err;
}

static uint64_t sum_runs(const struct span *runs, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += runs[i].end_ns - runs[i].start_ns;
	return sum;
}

/* Nobody watches a connection that is open for minutes on its axis; to sum up what went on around
 * hundreds of them, several times a second, would cost more than all the rest. */
#define AROUND_MAX_NS (5 * NS_PER_SEC)

static bool is_around_wanted(const struct engine *engine, const struct request *request)
{
	return engine->options.around && request->end_ns - request->start_ns <= AROUND_MAX_NS;
}

static void finish(const struct engine *engine, const struct live_request *live,
		   struct request *request)
{
	if (!live->ended) {
		request->flags |= REQUEST_OPEN;
		request->end_ns = engine->now;
	}
	if (request->end_ns < request->start_ns)
		request->end_ns = request->start_ns;
	if (!live->ended)
		request->busy_since_ns = present_busy_since(engine, live->thread);
	else if (!engine->options.no_labels)
		(void)time_label(live->thread, request); /* it only waits to be handed out */
	request->cpu_ns = sum_runs(request->runs, request->n_runs);
	for (uint32_t i = 0; i < request->n_ops; i++)
		request->cpu_ns += sum_runs(request->ops[i].runs, request->ops[i].n_runs);
	if (is_around_wanted(engine, request))
		(void)around_find(request, &live->thread->running.history, &engine->pool);
	request->bytes = arena_bytes(request->arena);
}

static int copy(const struct engine *engine, const struct live_request *live, uint32_t max_ops,
		struct request **ret_request)
{
	struct arena *arena = arena_new();
	struct request *request = arena ? arena_alloc(arena, sizeof(*request)) : NULL;
	int err = 0;

	if (!request) {
		arena_free(arena);
		return -ENOMEM;
	}
	*request = *live->request;
	request->arena = arena;
	request->ops = NULL;
	request->n_ops = 0;
	request->url = arena_copy(arena, live->request->url, strlen(live->request->url));
	request->websocket = websocket_copy(arena, live->request->websocket);
	if (!request->url)
		err = -ENOMEM;
	if (!err)
		err = copy_runs(request, &request->runs, request->n_runs);
	if (!err)
		err = copy_ops(engine, request, live, max_ops);
	if (err) {
		request_free(request);
		return err;
	}
	finish(engine, live, request);
	*ret_request = request;
	return 0;
}

size_t engine_snapshot(const struct engine *engine, const struct engine_snapshot_limits *limits,
		       struct request **ret_requests)
{
	const struct live_request *live;
	uint32_t left = limits->max_ops;
	size_t n = 0;

	DL_FOREACH(engine->request_list, live)
	{
		const struct request *request = live->request;

		if (n == limits->max_requests ||
		    engine->now < request->start_ns + limits->min_age_ns)
			break; /* the oldest come first */
		if (copy(engine, live, left, &ret_requests[n]))
			break;
		left -= ret_requests[n]->n_ops < left ? ret_requests[n]->n_ops : left;
		n++;
	}
	return n;
}
