/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Operations: given to the request that their context resolves to, handed out with it. Where they
 * come from is engine_sources.c's business.
 */
#include "aggregator/engine_ops.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_async.h"
#include "aggregator/engine_callers.h"
#include "aggregator/engine_clients.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_sources.h"
#include "aggregator/engine_state.h"

#include "symbolizer/base.h"

/* Folding walks a request's operations: not for each one too many. */
#define FOLD_SLACK  256
#define MAX_ORPHANS 65536
/* An operation without a request is looked at again after this time, then given up. */
#define ORPHAN_NS (1000 * NS_PER_MS)

struct live_op *op_find(struct engine *engine, uint64_t id)
{
	struct live_op *live;

	HASH_FIND(hh, engine->ops, &id, sizeof(id), live);
	return live;
}

static void live_op_free(struct engine *engine, struct live_op *live)
{
	work_remove(engine, live);
	HASH_DELETE(hh, engine->ops, live);
	free(live->op.runs);
	free((void *)live->op.detail);
	free((void *)live->op.wire);
	free((void *)live->op.fronts);
	free(live);
}

/* The operation it hangs on. An immediate is found at its own id: then what lies above that. */
static uint64_t parent_of(const struct live_op *live, const struct owner *owner)
{
	const struct id_record *record;

	if (owner->op != live->id)
		return owner->op;
	record = id_peek(live->thread, live->op.async_id);
	return record && record->memo.kind == MEMO_OWNED ? record->memo.op : 0;
}

/* A request that is ready to be handed out takes nothing more, whether or not it was yet. */
static bool request_takes(struct engine *engine, uint64_t serial)
{
	const struct live_request *request = request_find(engine, serial);

	return request && !request_is_settled(engine, request);
}

/* Puts the operation where its context says now. */
static void op_place(struct engine *engine, struct live_op *live)
{
	struct owner owner = owner_of(engine, live->thread, &live->context, live->asof);
	struct live_request *request = request_find(engine, owner.request);

	live->op.evidence = owner.evidence;
	live->parent = parent_of(live, &owner);
	if (!request_takes(engine, owner.request)) {
		live->request = 0;
		DL_APPEND(engine->orphans, live);
		engine->n_orphans++;
		return;
	}
	live->request = owner.request;
	DL_APPEND(request->ops, live);
	request->n_ops++;
	request->n_open += live->open;
}

/* Do the ids of such an operation need the help of closures? */
static enum nt_stack_verdict verdict_of(const struct live_op *live)
{
	if (!live->request)
		return NT_STACK_UNOWNED;
	if (live->op.evidence == EVIDENCE_PARSER ||
	    (live->context.kind == CONTEXT_TOKEN && live->op.evidence < EVIDENCE_CLOSURE))
		return NT_STACK_PLAIN;
	return 0;
}

struct live_op *op_new(struct engine *engine, struct engine_thread *thread,
		       const struct event *event, const struct context *context, const char *type,
		       const char *detail)
{
	struct live_op *live = calloc(1, sizeof(*live));

	if (!live)
		return NULL;
	live->op.detail = strdup(detail);
	if (!live->op.detail) {
		free(live);
		return NULL;
	}
	live->id = live->op.id = ++engine->next_op;
	live->thread = thread;
	live->context = *context;
	live->asof = thread->number;
	live->open = true;
	live->op.type = type;
	live->op.start_ns = event->ts;
	live->op.stack = event->stack;
	live->op.count = 1;
	live->op.tid = thread->tid;
	HASH_ADD(hh, engine->ops, id, sizeof(live->id), live);
	op_place(engine, live);
	if (context->sight)
		sight_note_callers(engine, thread, context);
	if (event->stack && engine->output.on_stack)
		engine->output.on_stack(engine->output.user, event->stack_id, verdict_of(live));
	return live;
}

void op_end(struct engine *engine, struct live_op *live, uint64_t ts)
{
	op_end_silent(engine, live, ts, engine->now);
}

void op_end_silent(struct engine *engine, struct live_op *live, uint64_t ts, uint64_t quiet_ns)
{
	struct live_request *request;

	if (!live->open)
		return;
	live->open = false;
	live->op.end_ns = ts;
	request = request_find(engine, live->request);
	if (!request || !request->n_open)
		return;
	request->n_open--;
	if (quiet_ns > request->quiet_ns)
		request->quiet_ns = quiet_ns;
}

/* The first operation of an id tells more of where it was made than the id's birth does. */
static void bind_first(struct engine_thread *thread, struct id_record *record,
		       const struct live_op *live)
{
	if (!record->created || !live->context.sight)
		return;
	record->parent.sight = live->context.sight;
	if (record->memo.kind == MEMO_EMPTY)
		return;
	record->memo.kind = MEMO_EMPTY;
	thread->version++;
}

void op_bind_id(struct engine *engine, struct engine_thread *thread, struct live_op *live,
		uint64_t id)
{
	struct id_record *record = id_get(thread, id);

	if (!record || id > thread->last_counter)
		return;
	live->op.async_id = id;
	if (!live->op.wrap)
		live->op.wrap = record->wrap;
	if (!record->op)
		bind_first(thread, record, live);
	else if (record->created)
		job_note(engine, thread, record, live, id);
	record->op = live->id;
}

void op_add_run(struct engine *engine, uint64_t request, uint64_t op, const struct span *run)
{
	struct live_op *live = op ? op_find(engine, op) : NULL;
	struct live_request *owner = live ? NULL : request_find(engine, request);

	if (live) {
		struct span since = *run;

		if (since.start_ns < live->op.start_ns) /* it became known only while it ran */
			since.start_ns = live->op.start_ns;
		if (since.start_ns < since.end_ns)
			run_append(&live->op.runs, &live->op.n_runs, &live->cap_runs, &since);
	} else if (owner) {
		run_append(&owner->request->runs, &owner->request->n_runs, &owner->cap_runs, run);
	}
}

static void count_op(struct engine *engine, const struct live_op *live)
{
	engine->totals.by_evidence[live->op.evidence]++;
	if (live->op.evidence == EVIDENCE_UNKNOWN)
		engine->totals.ops_unknown++;
	else if (!live->request)
		engine->totals.ops_none++;
	if (live->request)
		engine->totals.ops++;
}

uint32_t op_index(const struct request *request, uint32_t n, uint64_t id)
{
	size_t low = PARTITION_POINT(i, n, request->ops[i].id < id);

	return low < n && request->ops[low].id == id ? (uint32_t)low : OP_PARENT_REQUEST;
}

int op_copy(struct request *request, const struct live_op *live, uint32_t index)
{
	struct op *op = &request->ops[index];

	*op = live->op;
	op->parent = live->parent ? op_index(request, index, live->parent) : OP_PARENT_REQUEST;
	if (live->open && !op->end_ns)
		op->flags |= OP_OPEN;
	/* only guessed: must not make the request look longer than it was */
	if (op->flags & OP_END_INFERRED && op->end_ns > request->end_ns &&
	    op->start_ns < request->end_ns)
		op->end_ns = request->end_ns;
	op->detail = arena_copy(request->arena, live->op.detail, strlen(live->op.detail));
	op->runs = arena_alloc(request->arena, live->op.n_runs * sizeof(*op->runs));
	op->wire = op_wire_copy(request->arena, live->op.wire);
	if (!op->detail || !op->runs || (live->op.wire && !op->wire) ||
	    op_fronts_copy(request->arena, op))
		return -ENOMEM;
	if (live->op.n_runs)
		memcpy(op->runs, live->op.runs, live->op.n_runs * sizeof(*op->runs));
	return 0;
}

/* Everything beyond --max-nodes becomes one node that tells how many there were. */
static void op_fold(struct op *folded, const struct live_op *live)
{
	if (!folded->count)
		*folded = (struct op){.id = live->id,
				      .type = "folded",
				      .detail = "",
				      .start_ns = live->op.start_ns,
				      .parent = OP_PARENT_REQUEST,
				      .flags = OP_FOLDED,
				      .evidence = live->op.evidence};
	folded->count++;
	if (live->id < folded->id)
		folded->id = live->id;
	if (live->op.start_ns < folded->start_ns)
		folded->start_ns = live->op.start_ns;
	if (live->op.end_ns > folded->end_ns)
		folded->end_ns = live->op.end_ns;
	if (live->op.evidence > folded->evidence)
		folded->evidence = live->op.evidence;
}

void ops_fold_excess(struct engine *engine, struct live_request *live)
{
	uint32_t max = engine->options.max_ops, index = 0;
	struct live_op *op, *tmp;

	if (live->n_ops <= max + FOLD_SLACK)
		return;
	DL_FOREACH_SAFE(live->ops, op, tmp)
	{
		if (index++ < max || op->open)
			continue;
		op_fold(&live->folded, op);
		count_op(engine, op);
		DL_DELETE(live->ops, op);
		live->n_ops--;
		live_op_free(engine, op);
	}
}

static int by_id(const void *a, const void *b)
{
	const struct live_op *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static struct owner op_owner(struct engine *engine, const struct live_op *op)
{
	if (op->settled)
		return (struct owner){
			.request = op->request, .op = op->parent, .evidence = op->op.evidence};
	return owner_of(engine, op->thread, &op->context, op->asof);
}

void ops_settle(struct engine *engine, struct live_request *live,
		const struct engine_thread *thread, uint64_t number)
{
	struct live_op *op, *tmp;
	struct owner owner;

	DL_FOREACH_SAFE(live->ops, op, tmp)
	{
		if (op->thread != thread || op->asof >= number || op->settled)
			continue;
		owner = op_owner(engine, op);
		op->op.evidence = owner.evidence;
		op->parent = parent_of(op, &owner);
		op->settled = true;
		if (owner.request == live->serial)
			continue;
		DL_DELETE(live->ops, op);
		live->n_ops--;
		live->n_open -= op->open;
		op_place(engine, op);
	}
}

/* The operations that belong to this request by the evidence of now, in order of creation. */
static struct live_op **ops_collect(struct engine *engine, struct live_request *live,
				    uint32_t *ret_n)
{
	struct live_op **all = calloc(live->n_ops + 1, sizeof(void *));
	struct live_op *op, *tmp;
	uint32_t n = 0;

	DL_FOREACH_SAFE(live->ops, op, tmp)
	{
		struct owner owner = op_owner(engine, op);

		DL_DELETE(live->ops, op);
		if (owner.request != live->serial) { /* better evidence moved it */
			op_place(engine, op);
			continue;
		}
		op->op.evidence = owner.evidence;
		op->parent = parent_of(op, &owner);
		if (all)
			all[n++] = op;
		else
			live_op_free(engine, op);
	}
	if (all)
		qsort(all, n, sizeof(void *), by_id);
	*ret_n = n;
	return all;
}

int ops_hand_over(struct engine *engine, struct live_request *live)
{
	struct request *request = live->request;
	uint32_t max = engine->options.max_ops, n, kept;
	struct live_op **all = ops_collect(engine, live, &n);
	int err = 0;

	if (!all)
		return -ENOMEM;
	kept = n > max ? max : n;
	request->n_ops_total = n + live->folded.count;
	request->ops = arena_alloc(request->arena, (kept + 1) * sizeof(*request->ops));
	for (uint32_t i = 0; i < n; i++) {
		count_op(engine, all[i]);
		if (!request->ops || err)
			err = -ENOMEM;
		else if (i < kept)
			err = op_copy(request, all[i], i);
		else
			op_fold(&live->folded, all[i]);
		if (!err && i < kept)
			request->n_ops = i + 1;
	}
	if (!err && request->ops)
		err = async_group(request, all);
	for (uint32_t i = 0; i < n; i++)
		live_op_free(engine, all[i]);
	if (!err && request->ops && live->folded.count) {
		request->ops[request->n_ops++] = live->folded;
		request->flags |= REQUEST_FOLDED;
	}
	free(all);
	return err;
}

static void orphan_remove(struct engine *engine, struct live_op *live)
{
	DL_DELETE(engine->orphans, live);
	engine->n_orphans--;
}

void op_move(struct engine *engine, struct live_op *live, bool open)
{
	struct live_request *request = request_find(engine, live->request);

	if (request) {
		DL_DELETE(request->ops, live);
		request->n_ops--;
		request->n_open -= live->open;
	} else {
		orphan_remove(engine, live);
	}
	live->open = open;
	op_place(engine, live);
}

static void orphan_hand_out(struct engine *engine, struct live_op *live)
{
	if (live->open)
		live->op.flags |= OP_OPEN;
	live->op.parent = OP_PARENT_REQUEST;
	count_op(engine, live);
	if (engine->options.keep_unowned && engine->output.on_unowned)
		engine->output.on_unowned(engine->output.user, &live->op);
	live_op_free(engine, live);
}

/* Evidence may have come since; an operation whose request is gone already stays without. */
void ops_sweep_orphans(struct engine *engine, bool all)
{
	struct live_op *live = engine->orphans, *next;
	struct owner owner;

	for (; live; live = next) {
		next = live->next;
		if (!all && engine->n_orphans < MAX_ORPHANS &&
		    engine->now - live->op.start_ns < ORPHAN_NS)
			break; /* the list is in order of time */
		orphan_remove(engine, live);
		owner = owner_of(engine, live->thread, &live->context, live->asof);
		if (request_takes(engine, owner.request))
			op_place(engine, live);
		else
			orphan_hand_out(engine, live);
	}
}

void ops_done(struct engine *engine)
{
	struct live_op *live, *tmp;

	HASH_ITER (hh, engine->ops, live, tmp)
		live_op_free(engine, live);
	sources_done(engine);
}
