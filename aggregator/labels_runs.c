/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <stdlib.h>

#include "aggregator/labels_plan.h"
#include "symbolizer/base.h"

static int by_start(const void *left, const void *right)
{
	const struct own_run *a = left, *b = right;

	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	return (a->end_ns > b->end_ns) - (a->end_ns < b->end_ns);
}

static void add_runs(struct own_runs *own, const struct request *request, const struct span *runs,
		     uint32_t n, uint32_t op)
{
	for (uint32_t i = 0; i < n; i++) {
		struct own_run run = {runs[i].start_ns, runs[i].end_ns, op, runs[i].elsewhere};

		if (run.start_ns < request->start_ns)
			run.start_ns = request->start_ns;
		if (run.end_ns > request->end_ns)
			run.end_ns = request->end_ns;
		if (run.start_ns < run.end_ns)
			own->runs[own->n++] = run;
	}
}

/* In order, and none over another: damaged data may hold anything. */
static void order_runs(struct own_runs *own)
{
	uint64_t end = 0;
	size_t n = 0;

	if (own->n)
		qsort(own->runs, own->n, sizeof(*own->runs), by_start);
	for (size_t i = 0; i < own->n; i++) {
		struct own_run run = own->runs[i];

		if (run.start_ns < end)
			run.start_ns = end;
		if (run.start_ns >= run.end_ns)
			continue;
		end = run.end_ns;
		own->runs[n++] = run;
	}
	own->n = n;
}

int own_runs_collect(const struct request *request, struct own_runs *ret_own)
{
	size_t n = request->n_runs;

	for (uint32_t i = 0; i < request->n_ops; i++)
		n += request->ops[i].n_runs;
	*ret_own = (struct own_runs){.runs = calloc(n + 1, sizeof(*ret_own->runs))};
	if (!ret_own->runs)
		return -ENOMEM;
	add_runs(ret_own, request, request->runs, request->n_runs, LABEL_OP_REQUEST);
	for (uint32_t i = 0; i < request->n_ops; i++)
		add_runs(ret_own, request, request->ops[i].runs, request->ops[i].n_runs, i);
	order_runs(ret_own);
	return 0;
}
