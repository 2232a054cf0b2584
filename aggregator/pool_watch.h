/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The thread pool of a process as a whole: how many of its threads are at work, how many jobs wait, and for
 * how long, whoever's they are. Told in the order of time. Bounded: it keeps the newest POOL_STEPS_MAX changes,
 * and threads beyond POOL_THREADS_MAX are not counted.
 */
#ifndef NT_AGGREGATOR_POOL_WATCH_H
#define NT_AGGREGATOR_POOL_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "aggregator/histogram.h"

#define POOL_STEPS_MAX   32768
#define POOL_THREADS_MAX 1024 /* libuv: src/threadpool.c at v1.48.0, MAX_THREADPOOL_SIZE */

/* From then on, until the next step. */
struct pool_step {
	uint64_t since_ns;
	uint32_t busy;   /* threads at work */
	uint32_t queued; /* jobs that no thread has taken */
};

struct pool_thread {
	uint32_t tid;
	uint64_t since_ns; /* of its job; 0: it has none */
};

struct pool_watch {
	struct pool_step *steps; /* ring */
	size_t n, capacity;
	uint64_t added;
	struct pool_step now;
	struct pool_thread *threads; /* that were seen at work */
	size_t n_threads, threads_capacity;
	/* Of the period that runs, and of the one before. */
	struct histogram waits[2], runs[2];
	uint64_t period_ns; /* when it began */
	uint64_t told_ns;   /* when quantiles were found last */
};

/* The pool at one moment; quantiles are of the last 10 to 20 seconds. */
struct pool_totals {
	uint32_t busy;
	uint32_t threads; /* that were seen at work */
	uint32_t queued;
	uint64_t jobs; /* that the quantiles are of */
	uint64_t wait_p50_ns, wait_p99_ns, wait_max_ns;
	uint64_t run_p50_ns, run_p99_ns;
};

/* Frees what it holds, not itself. */
void pool_watch_done(struct pool_watch *watch);
/* Each returns 0 or -ENOMEM. waited_ns: since the job was given to the pool, UINT64_MAX unknown. */
int pool_submitted(struct pool_watch *watch, uint64_t ts);
int pool_started(struct pool_watch *watch, uint32_t tid, uint64_t ts, uint64_t waited_ns);
/* Taken out of the queue by whoever put it there. */
int pool_cancelled(struct pool_watch *watch, uint64_t ts);
int pool_finished(struct pool_watch *watch, uint32_t tid, uint64_t ts);
/* Events were lost: what waits is not known any more. */
void pool_lost(struct pool_watch *watch);

/* How it is now; quantiles are brought up to date ten times a second. To be asked now and then: a period ends
 * when it is. */
void pool_watch_totals(struct pool_watch *watch, uint64_t now_ns, struct pool_totals *totals);
/* Adds those of another process: numbers are summed, of quantiles the greater counts. */
void pool_totals_add(struct pool_totals *sum, const struct pool_totals *more);

/* The i-th of the n that are kept, oldest first, and the index of the one that was in force at ts; 0 when ts is
 * before all. */
const struct pool_step *pool_step_at(const struct pool_watch *watch, size_t i);
size_t pool_step_find(const struct pool_watch *watch, uint64_t ts);

#endif
