/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/pool_watch.h"

#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"

#define PERIOD_NS (10 * NS_PER_SEC)
#define TELL_NS   (100 * NS_PER_MS)

void pool_watch_done(struct pool_watch *watch)
{
	free(watch->steps);
	free(watch->threads);
	*watch = (struct pool_watch){0};
}

const struct pool_step *pool_step_at(const struct pool_watch *watch, size_t i)
{
	return &watch->steps[(watch->added - watch->n + i) % POOL_STEPS_MAX];
}

size_t pool_step_find(const struct pool_watch *watch, uint64_t ts)
{
	size_t low = PARTITION_POINT(i, watch->n, pool_step_at(watch, i)->since_ns <= ts);

	return low ? low - 1 : 0;
}

/* What is now holds since ts, or since the last step when ts is before that. */
static int add_step(struct pool_watch *watch, uint64_t ts)
{
	int err;

	if (ts > watch->now.since_ns)
		watch->now.since_ns = ts;
	if (watch->n < POOL_STEPS_MAX) {
		err = array_reserve(&watch->steps, &watch->capacity, watch->n,
				    sizeof(*watch->steps));
		if (err)
			return err;
		watch->n++;
	}
	watch->steps[watch->added++ % POOL_STEPS_MAX] = watch->now;
	return 0;
}

/* NULL: beyond the limit, or memory is short. */
static struct pool_thread *thread_of(struct pool_watch *watch, uint32_t tid)
{
	struct pool_thread *thread;
	size_t i;

	for (i = 0; i < watch->n_threads; i++) {
		if (watch->threads[i].tid == tid)
			return &watch->threads[i];
	}
	if (watch->n_threads == POOL_THREADS_MAX ||
	    array_reserve(&watch->threads, &watch->threads_capacity, watch->n_threads,
			  sizeof(*watch->threads)))
		return NULL;
	thread = &watch->threads[watch->n_threads++];
	*thread = (struct pool_thread){.tid = tid};
	return thread;
}

int pool_submitted(struct pool_watch *watch, uint64_t ts)
{
	watch->now.queued++;
	return add_step(watch, ts);
}

int pool_started(struct pool_watch *watch, uint32_t tid, uint64_t ts, uint64_t waited_ns)
{
	struct pool_thread *thread = thread_of(watch, tid);

	if (waited_ns != UINT64_MAX)
		histogram_add(&watch->waits[0], waited_ns);
	if (watch->now.queued)
		watch->now.queued--;
	/* A thread that is at work already: the end of its job was not seen. */
	if (thread && !thread->since_ns)
		watch->now.busy++;
	if (thread)
		thread->since_ns = ts;
	return add_step(watch, ts);
}

int pool_cancelled(struct pool_watch *watch, uint64_t ts)
{
	if (!watch->now.queued)
		return 0;
	watch->now.queued--;
	return add_step(watch, ts);
}

int pool_finished(struct pool_watch *watch, uint32_t tid, uint64_t ts)
{
	struct pool_thread *thread = thread_of(watch, tid);

	/* It was at work before tracing began, or its beginning was not seen. */
	if (!thread || !thread->since_ns)
		return 0;
	histogram_add(&watch->runs[0], ts > thread->since_ns ? ts - thread->since_ns : 0);
	thread->since_ns = 0;
	watch->now.busy--;
	return add_step(watch, ts);
}

void pool_lost(struct pool_watch *watch)
{
	watch->now.queued = 0;
}

static void turn_period(struct pool_watch *watch, uint64_t now_ns)
{
	if (now_ns < watch->period_ns + PERIOD_NS)
		return;
	watch->period_ns = now_ns;
	watch->waits[1] = watch->waits[0];
	watch->runs[1] = watch->runs[0];
	memset(&watch->waits[0], 0, sizeof(watch->waits[0]));
	memset(&watch->runs[0], 0, sizeof(watch->runs[0]));
}

static void tell_quantiles(const struct pool_watch *watch, struct pool_totals *totals)
{
	struct histogram waits = watch->waits[0], runs = watch->runs[0];

	histogram_merge(&waits, &watch->waits[1]);
	histogram_merge(&runs, &watch->runs[1]);
	totals->jobs = waits.count;
	totals->wait_p50_ns = histogram_quantile(&waits, 500);
	totals->wait_p99_ns = histogram_quantile(&waits, 990);
	totals->wait_max_ns = waits.max_ns;
	totals->run_p50_ns = histogram_quantile(&runs, 500);
	totals->run_p99_ns = histogram_quantile(&runs, 990);
}

void pool_watch_totals(struct pool_watch *watch, uint64_t now_ns, struct pool_totals *totals)
{
	totals->busy = watch->now.busy;
	totals->threads = (uint32_t)watch->n_threads;
	totals->queued = watch->now.queued;
	if (now_ns < watch->told_ns + TELL_NS)
		return;
	watch->told_ns = now_ns;
	turn_period(watch, now_ns);
	tell_quantiles(watch, totals);
}

static void greater(uint64_t *sum, uint64_t more)
{
	if (more > *sum)
		*sum = more;
}

void pool_totals_add(struct pool_totals *sum, const struct pool_totals *more)
{
	sum->busy += more->busy;
	sum->threads += more->threads;
	sum->queued += more->queued;
	sum->jobs += more->jobs;
	greater(&sum->wait_p50_ns, more->wait_p50_ns);
	greater(&sum->wait_p99_ns, more->wait_p99_ns);
	greater(&sum->wait_max_ns, more->wait_max_ns);
	greater(&sum->run_p50_ns, more->run_p50_ns);
	greater(&sum->run_p99_ns, more->run_p99_ns);
}
