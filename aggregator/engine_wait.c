/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_wait.h"

/* User space looks at the loops in no order with what they tell. */
void wait_told(struct engine_thread *thread, const struct event *event)
{
	if (event->a && event->a < event->ts && event->a >= thread->last_ts &&
	    event->a >= thread->running.woke_ns)
		thread->running.wait = (struct loop_wait){event->a, event->ts};
}

void wait_over(struct engine_thread *thread, const struct event *event)
{
	if (event->ts > thread->running.wait.since_ns)
		thread->running.wait = (struct loop_wait){0};
}

uint64_t wait_since(const struct engine_thread *thread, const struct event *turn)
{
	uint64_t since = turn->a ? turn->a : thread->running.wait.since_ns;

	return since && since < turn->ts ? since : turn->ts;
}

uint64_t wait_ns(const struct engine_thread *thread)
{
	return thread->running.wait.until_ns - thread->running.wait.since_ns;
}
