/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_stuck.h"

#include "aggregator/blame.h"
#include "symbolizer/base.h"

/* Not met on the CPU for so long, it has gone to wait for all we know: dozens of looks. */
#define FRESH_NS (500 * NS_PER_MS)

void turn_began(struct engine_thread *thread)
{
	thread->running.turn = (struct turn_seen){.idle_scopes = thread->n_scopes,
						  .idle_microtasks = thread->in_microtasks,
						  .idle_number = thread->number};
}

void turn_sampled(struct engine_thread *thread, const struct event *event)
{
	struct turn_seen *turn = &thread->running.turn;

	if (!turn->sampled_first_ns)
		turn->sampled_first_ns = event->ts;
	if (event->ts > turn->sampled_ns)
		turn->sampled_ns = event->ts;
	if (blame_frame(event->stack))
		turn->stack = event->stack;
}

/* Ticks run while the outermost scope is being closed; that they have all run is told. */
static bool in_tick(const struct engine_thread *thread)
{
	return !thread->n_scopes && thread->post.kind == CONTEXT_ID &&
	       thread->number > thread->running.turn.idle_number;
}

bool turn_in_callback(const struct engine_thread *thread)
{
	const struct turn_seen *turn = &thread->running.turn;

	/* microtasks run while the outermost scope is being closed, which has been told */
	return !thread->lossy && (thread->n_scopes > turn->idle_scopes || in_tick(thread) ||
				  (thread->in_microtasks && !turn->idle_microtasks));
}

uint64_t turn_start(const struct engine_thread *thread)
{
	const struct turn_seen *turn = &thread->running.turn;

	if (thread->running.woke_ns && !turn->lossy)
		return thread->running.woke_ns;
	if (turn_in_callback(thread) && !turn->lossy &&
	    (!turn->sampled_first_ns || thread->turn_ts < turn->sampled_first_ns))
		return thread->turn_ts;
	return turn->sampled_first_ns;
}

/* Of a worker nothing tells that it has ended, in the middle of a callback: it has to be met. */
static bool runs_callback(const struct engine *engine, const struct engine_thread *thread)
{
	return turn_in_callback(thread) && thread->tid == engine->options.pid;
}

uint64_t turn_until(const struct engine *engine, const struct engine_thread *thread)
{
	uint64_t until = thread->running.turn.sampled_ns;

	if (runs_callback(engine, thread))
		return engine->now;
	return thread->last_ts > until ? thread->last_ts : until;
}

bool turn_goes_on(const struct engine *engine, const struct engine_thread *thread)
{
	uint64_t sampled_ns = thread->running.turn.sampled_ns;

	if (runs_callback(engine, thread))
		return true;
	return sampled_ns > thread->last_ts && engine->now < sampled_ns + FRESH_NS;
}

static void set_place(const struct engine_thread *thread, struct stuck_loop *stuck)
{
	stuck->frame = blame_frame(thread->running.turn.stack);
	stuck->is_last_seen = !stuck->frame;
	if (stuck->is_last_seen)
		stuck->frame = blame_frame(thread->running.stack);
}

static void add_running(const struct engine *engine, const struct engine_thread *thread,
			struct totals *totals)
{
	uint64_t start = turn_start(thread), until = turn_until(engine, thread);
	struct stuck_loop stuck = {.pid = engine->options.pid,
				   .tid = thread->tid,
				   .is_older = start != thread->running.woke_ns,
				   .before_trace = !thread->running.woke_ns};

	if (thread->running.wait.since_ns) /* it is over, and nothing else told that */
		until = thread->running.wait.since_ns;
	if (!start || until <= start)
		return;
	totals->loop.busy_ns += until - start;
	if (until - start > totals->loop.lag_ns)
		totals->loop.lag_ns = until - start;
	if (thread->running.wait.since_ns || !turn_goes_on(engine, thread) ||
	    engine->now - start < STUCK_NS)
		return;
	stuck.busy_ns = engine->now - start;
	set_place(thread, &stuck);
	if (stuck_loop_is_worse(&stuck, &totals->stuck))
		totals->stuck = stuck;
}

void turns_running(const struct engine *engine, struct totals *totals)
{
	const struct engine_thread *thread;

	for (thread = engine->threads; thread; thread = thread->hh.next)
		add_running(engine, thread, totals);
}
