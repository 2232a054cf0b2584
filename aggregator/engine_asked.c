/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_asked.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_clients.h"
#include "symbolizer/base.h"

#define MAX_ASKED 16384 /* sockets of a thread to which nothing was written yet */

/* A socket, by the async id of this use of it. */
struct asked {
	uint64_t id;
	uint64_t ts;
	struct context context;
	uint64_t asof;
	const struct stack *stack; /* NULL unknown */
	uint64_t queued_ns; /* it is given to who waited for one since then, 0: to who asks now */
	UT_hash_handle hh;
};

static struct asked *asked_find(const struct engine_thread *thread, uint64_t id)
{
	struct asked *asked;

	HASH_FIND(hh, thread->asked, &id, sizeof(id), asked);
	return asked;
}

static void asked_free(struct engine_thread *thread, struct asked *asked)
{
	HASH_DEL(thread->asked, asked);
	free(asked);
}

void asked_forget(struct engine_thread *thread, uint64_t below)
{
	struct asked *asked, *tmp;

	HASH_ITER (hh, thread->asked, asked, tmp)
		if (asked->id < below)
			asked_free(thread, asked);
}

/* Steps over frames of this file of node's. Returns whether there was one. */
static bool pass_file(const struct stack *stack, uint32_t *at, const char *file)
{
	uint32_t from = *at;

	for (; *at < stack->n_frames; (*at)++) {
		const struct frame *frame = &stack->frames[*at];

		if (frame_runs_js(frame->kind) && (!frame->file || strcmp(frame->file, file) != 0))
			break;
	}
	return *at > from;
}

/*
 * An agent that hands a connection on enters the scope of who waits for it, and there gives it a new id.
 * https://github.com/nodejs/node/blob/v22.23.3/lib/_http_agent.js: on('free'), asyncResetHandle()
 */
static bool is_handed_on(const struct stack *stack)
{
	uint32_t at = 0;

	while (stack && at < stack->n_frames && !frame_runs_js(stack->frames[at].kind))
		at++;
	return stack && pass_file(stack, &at, "node:_http_agent") &&
	       pass_file(stack, &at, "node:async_hooks") &&
	       pass_file(stack, &at, "node:_http_agent");
}

/* Who waits was made in the call itself, by JavaScript: not after the event that showed it. */
static uint64_t queued_since(const struct engine_thread *thread, const struct event *event,
			     const struct context *context)
{
	const struct gap *gap = context->kind == CONTEXT_ID ? gap_of(thread, context->id) : NULL;

	if (!gap || gap->lossy || !is_handed_on(event->stack))
		return 0;
	return gap->ts;
}

int asked_note(struct engine *engine, struct engine_thread *thread, const struct event *event,
	       const struct context *context)
{
	struct asked *asked = asked_find(thread, event->counter);

	if (context->kind != CONTEXT_ID && context->kind != CONTEXT_TOKEN)
		return 0; /* accepted, not asked for */
	if (asked)        /* damaged data */
		asked_free(thread, asked);
	if (HASH_COUNT(thread->asked) >= MAX_ASKED) {
		asked_free(thread, thread->asked); /* the oldest */
		engine->totals.forgotten++;
	}
	asked = calloc(1, sizeof(*asked));
	if (!asked)
		return -ENOMEM;
	asked->id = event->counter;
	asked->ts = event->ts;
	asked->context = *context;
	asked->asof = thread->number;
	asked->queued_ns = queued_since(thread, event, context);
	asked->stack = asked->queued_ns ? NULL : event->stack;
	HASH_ADD(hh, thread->asked, id, sizeof(asked->id), asked);
	return 0;
}

/* Puts it where it was asked for. Returns false when that is somebody else's, or not known. */
static bool asked_move(struct engine *engine, struct live_op *live, const struct asked *asked)
{
	struct owner now = owner_of(engine, live->thread, &live->context, live->asof);
	struct owner then = owner_of(engine, live->thread, &asked->context, asked->asof);

	if (live->settled || !then.request || now.request != then.request || now.op != then.op)
		return false;
	live->context = asked->context;
	live->asof = asked->asof;
	if (asked->stack)
		live->op.stack = asked->stack;
	op_move(engine, live, live->open);
	return true;
}

void asked_connect(struct engine *engine, struct live_op *live, uint64_t id)
{
	const struct asked *asked = asked_find(live->thread, id);

	if (asked)
		(void)asked_move(engine, live, asked);
}

void asked_request(struct engine *engine, struct live_op *live, uint64_t id)
{
	struct asked *asked = asked_find(live->thread, id);
	struct op_wire *wire = op_get_wire(live);

	if (!asked)
		return;
	if (asked_move(engine, live, asked)) {
		if (asked->queued_ns && wire)
			wire->agent_ns = asked->ts;
		if (asked->queued_ns && asked->queued_ns < asked->ts)
			live->op.start_ns = asked->queued_ns;
		else if (asked->ts < live->op.start_ns)
			live->op.start_ns = asked->ts;
	}
	asked_free(live->thread, asked);
}
