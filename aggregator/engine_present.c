/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_present.h"

#include "aggregator/engine_context.h"
#include "aggregator/engine_parsers.h"
#include "aggregator/engine_stuck.h"

#define MAX_STEPS 16 /* from a continuation up to the callback it goes on with */

/* The operation or, true with 0, the handler of the request that this id is of. */
static bool is_of(const struct live_request *live, uint64_t op, uint64_t *ret_op)
{
	const struct live_op *at;

	DL_FOREACH(live->ops, at)
	{
		if (at->id == op) {
			*ret_op = op;
			return true;
		}
	}
	return false;
}

static bool is_remembered(const struct live_request *live, const struct memo *memo,
			  uint64_t *ret_op)
{
	if (memo->kind != MEMO_OWNED || memo->request != live->serial)
		return false;
	*ret_op = memo->op;
	return true;
}

/* Only the newest request of a connection, and as long as nothing was lost since its headers. */
static bool is_handler(const struct live_request *live, const struct parser_id *parser)
{
	const struct parser_request *at;

	at = parser_request_last(parser);
	return at && at->request == live->serial && !at->until &&
	       at->number >= live->thread->lost_number;
}

/* Sets ret_op when the id tells; else *context is who made it, if that is known. */
static bool id_is_of(const struct engine *engine, const struct live_request *live,
		     struct context *context, uint64_t *ret_op)
{
	const struct parser_id *parser = parser_id_find(engine, live->thread, context->id);
	const struct id_record *record = id_peek(live->thread, context->id);
	struct context next = context_unknown;
	bool is_own = false;

	*ret_op = 0;
	if (parser)
		is_own = is_handler(live, parser);
	else if (record && record->op)
		is_own = is_of(live, record->op, ret_op);
	else if (record && is_remembered(live, &record->memo, ret_op))
		is_own = true;
	else if (context->token)
		next = (struct context){.kind = CONTEXT_TOKEN, .token = context->token};
	*context = next;
	return is_own;
}

static bool token_is_of(const struct live_request *live, struct context *context, uint64_t *ret_op)
{
	const struct token_record *record = paged_peek(&live->thread->tokens, context->token);

	if (record && is_remembered(live, &record->memo, ret_op))
		return true;
	*context = record && record->asof ? record->context : context_unknown;
	return false;
}

/* Is it the request's code that executes? */
static bool is_own(const struct engine *engine, const struct live_request *live, uint64_t *ret_op)
{
	struct context context = live->thread->post;

	for (unsigned int i = 0; i < MAX_STEPS && !context.sight; i++) {
		if (context.kind == CONTEXT_ID && id_is_of(engine, live, &context, ret_op))
			return true;
		if (context.kind == CONTEXT_TOKEN && token_is_of(live, &context, ret_op))
			return true;
		if (context.kind != CONTEXT_ID && context.kind != CONTEXT_TOKEN)
			break;
	}
	return false;
}

bool present_is_running(const struct engine *engine, const struct live_request *live)
{
	uint64_t op;

	return turn_in_callback(live->thread) && is_own(engine, live, &op);
}

size_t present_runs(const struct engine *engine, const struct live_request *live,
		    struct present_run ret_runs[PRESENT_MAX])
{
	const struct engine_thread *thread = live->thread;
	const struct running *running = &thread->running;
	struct present_run now = {.span.end_ns = turn_until(engine, thread)};
	size_t n = 0;

	now.span.start_ns = thread->last_ts > running->woke_ns ? thread->last_ts : running->woke_ns;
	if (running->request == live->serial && running->end_ns > running->start_ns)
		ret_runs[n++] = (struct present_run){.op = running->op,
						     .span = {.start_ns = running->start_ns,
							      .end_ns = running->end_ns}};
	if (!turn_in_callback(thread) || now.span.end_ns <= now.span.start_ns ||
	    !is_own(engine, live, &now.op))
		return n;
	if (n && ret_runs[0].op == now.op && ret_runs[0].span.end_ns == now.span.start_ns)
		ret_runs[0].span.end_ns = now.span.end_ns;
	else
		ret_runs[n++] = now;
	return n;
}

uint64_t present_busy_since(const struct engine *engine, const struct engine_thread *thread)
{
	return turn_goes_on(engine, thread) ? turn_start(thread) : 0;
}
