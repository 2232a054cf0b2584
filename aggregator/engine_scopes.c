/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_scopes.h"

#include <string.h>

#include "aggregator/engine_begun.h"
#include "aggregator/engine_clients.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_http2.h"
#include "aggregator/engine_ports.h"
#include "aggregator/engine_sources.h"
#include "aggregator/engine_time.h"

#include "symbolizer/base.h"

/* Scopes that follow each other so closely run on one return of the poll: one loop time. */
#define SAME_TURN_NS (200 * NS_PER_US)
/* A busy loop never pauses, yet its time moves on. */
#define MAX_TURN_NS (10 * NS_PER_MS)

/*
 * Scopes live on the stack, which grows down: an enclosing one stands higher. What does not stand
 * above this address has been left, though its close was not seen.
 */
bool scope_is_stale(const struct engine_thread *thread, uint64_t address)
{
	return thread->n_scopes && thread->scopes[thread->n_scopes - 1].address <= address;
}

static void scopes_left(struct engine_thread *thread, uint64_t address)
{
	while (scope_is_stale(thread, address))
		thread->n_scopes--;
	if (!thread->n_scopes)
		thread->in_microtasks = false;
}

static struct context scope_entered(struct engine_thread *thread, const struct event *event)
{
	struct scope *scope;
	uint64_t id = event->b;

	scopes_left(thread, event->a);
	if (thread->n_scopes == MAX_SCOPES) { /* deeper than anybody nests: the bottom is stale */
		memmove(thread->scopes, thread->scopes + 1,
			(MAX_SCOPES - 1) * sizeof(*thread->scopes));
		thread->n_scopes--;
	}
	scope = &thread->scopes[thread->n_scopes++];
	*scope = (struct scope){.address = event->a,
				.id = id,
				.adrift = thread->adrift,
				.in_microtasks = thread->in_microtasks,
				.token = thread->token,
				.microtask_exec = thread->microtask_exec};
	thread->in_microtasks = thread->adrift = false;
	return context_id(id);
}

/* The scope in which a list of timers or the immediates run. Returns who is called first. */
static struct context phase_entered(struct engine *engine, struct engine_thread *thread,
				    const struct event *event)
{
	struct context first;

	thread->first_boundary = true;
	thread->next = 0;
	thread->phase_counter = event->counter;
	thread->n_done = 0;
	thread->has_fifo_first = false;
	if (thread->phase != NT_PHASE_IMMEDIATES) {
		first = timer_called(engine, thread, thread->first_timer, thread->first_trigger,
				     event->ts);
		thread->first_timer = 0;
		return first;
	}
	if (event->immediates && thread->n_fifo == event->immediates &&
	    thread->fifo[0].kind != CONTEXT_UNKNOWN) {
		thread->has_fifo_first = true;
		thread->fifo_first = thread->fifo[0];
	}
	thread->n_fifo = 0;
	return context_top;
}

struct context scope_open(struct engine *engine, struct engine_thread *thread,
			  const struct event *event)
{
	struct context post = scope_entered(thread, event);
	const struct id_record *record;
	uint64_t id = event->b;

	if (thread->n_scopes == 1)
		time_called_back(thread);
	if (thread->n_scopes == 1 && (event->ts - thread->left_ts > SAME_TURN_NS ||
				      event->ts - thread->turn_ts > MAX_TURN_NS))
		thread->turn_ts = event->ts;
	if (!id)
		return thread->n_scopes == 1 ? phase_entered(engine, thread, event) : post;
	if (thread->n_scopes == 1)
		thread->phase = NT_PHASE_NONE;
	record = id_peek(thread, id);
	if (!record || !record->type)
		id_set_pair(thread, id, event->c, false, false);
	if (event->arg & NT_SCOPE_SKIP_TASK_QUEUES)
		http_bind_parser(engine, thread, id);
	else
		begun_ran(thread, id); /* a parser is one request's, or has its requests */
	if (event->arg & NT_SCOPE_SKIP_TASK_QUEUES && thread->read_stream)
		client_parsed(engine, thread, id);
	http2_scope_opened(engine, thread, id, event->a);
	port_deliver(engine, thread, id);
	op_scope_opened(engine, thread, id, event->ts);
	return post;
}

/* The innermost open scope at this address, or -1. */
static int scope_find(const struct engine_thread *thread, uint64_t address)
{
	for (uint32_t i = thread->n_scopes; i--;)
		if (thread->scopes[i].address == address)
			return (int)i;
	return -1;
}

struct context scope_close(struct engine *engine, struct engine_thread *thread,
			   const struct event *event)
{
	int index = scope_find(thread, event->a);
	struct scope closed;

	http2_scope_closed(engine, thread, event->a);
	if (index < 0) { /* its opening was not seen */
		scopes_left(thread, event->a);
	} else {
		closed = thread->scopes[index];
		thread->n_scopes = (uint32_t)index;
		thread->adrift = closed.adrift;
		thread->in_microtasks = closed.in_microtasks;
		thread->token = closed.token;
		thread->microtask_exec = closed.microtask_exec;
	}
	if (!thread->n_scopes) {
		thread->in_microtasks = false;
		thread->read_stream = 0;
		thread->left_ts = event->ts;
	}
	if (thread->adrift)
		return context_unknown;
	if (thread->in_microtasks)
		return context_token(thread->token);
	return thread->n_scopes ? context_id(thread->scopes[thread->n_scopes - 1].id) : context_top;
}
