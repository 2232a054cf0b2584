/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What went on around a request while it was open: when its event loop ran it, ran others, or waited, when V8
 * collected, how many threads of the pool were at work. A copy, in the request's arena, of what the thread's
 * history and the pool's steps know at that time.
 *
 * Bounded: where there are more than AROUND_CELLS spans, the request's time is cut into as many cells, and
 * the spans of a cell are summed up by their value: shares stay right, the order within a cell does not.
 */
#ifndef NT_AGGREGATOR_AROUND_H
#define NT_AGGREGATOR_AROUND_H

#include <stdint.h>

struct history;
struct pool_watch;
struct request;

#define AROUND_CELLS 256

enum around_lane {
	AROUND_RAN,  /* the loop ran somebody: enum around_who */
	AROUND_IDLE, /* the loop waited: 0 */
	AROUND_GC,   /* V8 collected: 1 all of the heap, else 0 */
	AROUND_POOL, /* threads at work, and AROUND_QUEUED when jobs waited for one */
	AROUND_LANES,
};

enum around_who {
	AROUND_OWN,
	AROUND_OTHER,  /* another request */
	AROUND_NOBODY, /* what belongs to no request */
};

#define AROUND_BUSY_MAX 10 /* more threads count as so many */
#define AROUND_QUEUED   16
#define AROUND_VALUES   (AROUND_QUEUED + AROUND_BUSY_MAX + 1)

/* Those of a lane stand in the order of time and do not overlap. */
struct around_span {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t value;
};

struct around {
	struct around_span *spans[AROUND_LANES];
	uint32_t n[AROUND_LANES];
	uint64_t known_ns; /* from when on the loop's history is whole … */
	uint64_t until_ns; /* … and until when: what it does since is not told yet */
};

/* Sets request->around. Returns 0 or -ENOMEM, and then it is as it was. */
int around_find(struct request *request, const struct history *history,
		const struct pool_watch *pool);

#endif
