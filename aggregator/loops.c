/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/loops.h"

#include <stddef.h>

static struct loop_share *least_busy(struct loops *loops)
{
	struct loop_share *least = &loops->items[0];

	for (uint32_t i = 1; i < loops->n; i++)
		if (loops->items[i].busy_ns < least->busy_ns)
			least = &loops->items[i];
	return least;
}

void loops_add(struct loops *loops, const struct loop_share *share)
{
	struct loop_share *place;

	if (!share->busy_ns && !share->idle_ns)
		return;
	if (loops->n < LOOPS_MAX) {
		loops->items[loops->n++] = *share;
		return;
	}
	loops->n_beyond++;
	place = least_busy(loops);
	if (share->busy_ns > place->busy_ns)
		*place = *share;
}

void loops_add_all(struct loops *sum, const struct loops *more)
{
	for (uint32_t i = 0; i < more->n; i++)
		loops_add(sum, &more->items[i]);
	sum->n_beyond += more->n_beyond;
}

static const struct loop_share *find(const struct loops *loops, uint32_t tid)
{
	for (uint32_t i = 0; i < loops->n; i++)
		if (loops->items[i].tid == tid)
			return &loops->items[i];
	return NULL;
}

/* What it did meanwhile; nothing when its figures went back: the thread is another one. */
static struct loop_share since(const struct loop_share *before, const struct loop_share *now)
{
	struct loop_share nothing = {.tid = now->tid};

	if (now->busy_ns < before->busy_ns || now->idle_ns < before->idle_ns ||
	    now->gc_ns < before->gc_ns)
		return nothing;
	return (struct loop_share){now->tid, now->busy_ns - before->busy_ns,
				   now->idle_ns - before->idle_ns, now->gc_ns - before->gc_ns};
}

static double busy(const struct loop_share *share)
{
	return (double)share->busy_ns / (double)(share->busy_ns + share->idle_ns);
}

bool loops_busiest(const struct loops *before, const struct loops *now,
		   struct loop_share *ret_share)
{
	bool found = false;

	for (uint32_t i = 0; i < now->n; i++) {
		const struct loop_share *old = find(before, now->items[i].tid);
		struct loop_share share;

		if (!old) /* its first figures are of nobody knows how long */
			continue;
		share = since(old, &now->items[i]);
		if (!share.busy_ns && !share.idle_ns)
			continue;
		if (!found || busy(&share) > busy(ret_share))
			*ret_share = share;
		found = true;
	}
	return found;
}
