/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/labels.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/labels_plan.h"
#include "symbolizer/base.h"

/* How many operations that ended in one turn are looked at. */
#define MAX_ENDED 64
#define MAX_SPANS 1024 /* of a request, before those of several culprits become one */

struct ended {
	uint64_t end_ns;
	uint32_t op;
};

struct walk {
	const struct request *request;
	const struct history *history;
	struct own_runs own;
	struct ended *ended; /* by end */
	size_t n_ended;
	struct plan *plans; /* from the end to the start */
	size_t n_plans, capacity;
	size_t looks; /* at operations, for timers that showed nothing */
	int err;
};

/* Of one request: thousands of callbacks and timers would else be looked at each for each. */
#define MAX_LOOKS 4000000

static int by_end(const void *left, const void *right)
{
	const struct ended *a = left, *b = right;

	if (a->end_ns != b->end_ns)
		return a->end_ns < b->end_ns ? -1 : 1;
	return (a->op > b->op) - (a->op < b->op);
}

/* Can its end have moved the request on? */
static bool is_cause(const struct op *op)
{
	return !(op->flags & (OP_FUNCTION | OP_FOLDED | OP_INTERNAL));
}

static int collect_ended(struct walk *walk)
{
	const struct request *request = walk->request;

	walk->ended = calloc((size_t)request->n_ops + 1, sizeof(*walk->ended));
	if (!walk->ended)
		return -ENOMEM;
	for (uint32_t i = 0; i < request->n_ops; i++)
		if (request->ops[i].end_ns && is_cause(&request->ops[i]) &&
		    !may_be_cleared(&request->ops[i]))
			walk->ended[walk->n_ended++] = (struct ended){request->ops[i].end_ns, i};
	if (walk->n_ended)
		qsort(walk->ended, walk->n_ended, sizeof(*walk->ended), by_end);
	return 0;
}

/* The last run that starts before ts; their number when there is none. */
static size_t run_before(const struct walk *walk, uint64_t ts)
{
	size_t n = PARTITION_POINT(i, walk->own.n, walk->own.runs[i].start_ns < ts);

	return n ? n - 1 : walk->own.n;
}

/* Of the operations that ended between two moments the last, of those started before `ts`. */
static uint32_t last_ended(const struct walk *walk, uint64_t from, uint64_t until, uint64_t ts)
{
	size_t n = PARTITION_POINT(i, walk->n_ended, walk->ended[i].end_ns <= until);

	for (size_t tries = 0; n && tries < MAX_ENDED; tries++) {
		const struct ended *ended = &walk->ended[--n];

		if (ended->end_ns < from)
			break;
		if (walk->request->ops[ended->op].start_ns < ts)
			return ended->op;
	}
	return LABEL_OP_REQUEST;
}

/* When the loop learnt of what it called back for at ts. */
static uint64_t woke_at(const struct walk *walk, uint64_t ts, bool elsewhere)
{
	return told_at(elsewhere ? NULL : walk->history, ts);
}

/* A timer that showed nothing, if timers are what the loop runs there. */
static uint32_t timer_at(struct walk *walk, uint64_t woke, uint64_t ts)
{
	if (walk->looks >= MAX_LOOKS || !history_runs_timers(walk->history, ts))
		return LABEL_OP_REQUEST;
	walk->looks += walk->request->n_ops;
	return silent_timer(walk->request, history_woke(walk->history, woke - 1), ts);
}

/* Whose end the callback at runs[first], one block with those up to runs[last], was for. */
static uint32_t cause_of(struct walk *walk, size_t first, size_t last)
{
	const struct own_run *run = &walk->own.runs[first];
	uint64_t woke = woke_at(walk, run->start_ns, run->elsewhere);
	const struct op *op;
	uint32_t index;

	if (run->op != LABEL_OP_REQUEST) {
		op = &walk->request->ops[run->op];
		if (is_cause(op) && op->start_ns < run->start_ns &&
		    (!op->end_ns || op->end_ns >= woke))
			return run->op;
	}
	index = last_ended(walk, woke, walk->own.runs[last].end_ns, run->start_ns);
	if (index == LABEL_OP_REQUEST && !run->elsewhere && woke)
		index = timer_at(walk, woke, run->start_ns);
	return index;
}

static void add_plan(struct walk *walk, const struct plan *plan)
{
	if (walk->err || plan->start_ns >= plan->end_ns)
		return;
	walk->err = array_reserve(&walk->plans, &walk->capacity, walk->n_plans, sizeof(*plan));
	if (!walk->err)
		walk->plans[walk->n_plans++] = *plan;
}

/* When the operation, whose callback runs at `ts`, was ready; pool jobs tell that themselves. */
static uint64_t ready_of(const struct walk *walk, const struct op *op, uint64_t ts)
{
	enum label label = label_of_op(op);

	if (label == LABEL_LOOP)
		return op->start_ns;
	if (label == LABEL_TIMER && op->ready_ns)
		return op->ready_ns;
	return told_ready(walk->history, label, op->start_ns, ts);
}

static uint64_t plan_op(struct walk *walk, uint32_t index, const struct own_run *run)
{
	const struct op *op = &walk->request->ops[index];
	struct plan plan = {.start_ns = op->start_ns,
			    .end_ns = run->start_ns,
			    .op = index,
			    .label = label_of_op(op),
			    .ready_ns = ready_of(walk, op, run->start_ns),
			    .elsewhere = run->elsewhere};

	if (plan.start_ns < walk->request->start_ns)
		plan.start_ns = walk->request->start_ns;
	add_plan(walk, &plan);
	return plan.start_ns;
}

/* The wait of a plan, by what the loop called back for at ts. */
static void plan_by_cause(const struct walk *walk, struct plan *plan, enum label cause, uint64_t ts)
{
	plan->label = cause == LABEL_LOOP ? LABEL_UNKNOWN : cause;
	plan->ready_ns = cause == LABEL_LOOP ? history_waited(walk->history, plan->start_ns, ts)
					     : told_ready(walk->history, cause, plan->start_ns, ts);
}

/* No operation of the request tells what it waited for: what the loop called back for does. */
static uint64_t plan_hint(struct walk *walk, size_t run, uint64_t from)
{
	uint64_t ts = walk->own.runs[run].start_ns;
	size_t i = history_stretch_after(walk->history, ts);
	struct plan plan = {.start_ns = from,
			    .end_ns = ts,
			    .op = LABEL_OP_REQUEST,
			    .label = LABEL_UNKNOWN,
			    .ready_ns = UINT64_MAX};

	if (walk->own.runs[run].elsewhere)
		plan.label = LABEL_IO; /* a message to that thread */
	else if (i < walk->history->ran.n && history_stretch(walk->history, i)->start_ns <= ts &&
		 history_stretch(walk->history, i)->cause != LABEL_UNKNOWN)
		plan_by_cause(walk, &plan, history_stretch(walk->history, i)->cause, ts);
	add_plan(walk, &plan);
	return from;
}

/* Somebody ran at its end, and started something of the request: what that was called back for. */
static void hint_from(const struct walk *walk, struct plan *plan)
{
	size_t i = history_stretch_after(walk->history, plan->end_ns - 1);
	const struct stretch *ran;

	if (i >= walk->history->ran.n)
		return;
	ran = history_stretch(walk->history, i);
	if (ran->start_ns >= plan->end_ns || ran->cause == LABEL_UNKNOWN)
		return;
	plan_by_cause(walk, plan, ran->cause, ran->start_ns);
}

/* Nothing ran at the end of this: what had not ended, or ended last, was waited for. */
static void plan_silence(struct walk *walk, uint64_t from, uint64_t until)
{
	const struct request *request = walk->request;
	struct plan plan = {
		.start_ns = from, .end_ns = until, .label = LABEL_UNKNOWN, .ready_ns = UINT64_MAX};
	uint32_t best = LABEL_OP_REQUEST;
	uint64_t best_end = from;

	for (uint32_t i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];
		uint64_t end = op_end_ns(request, op);

		if (is_cause(op) && op->start_ns <= from && end > best_end && !may_be_cleared(op) &&
		    !op_outlived(request, op)) {
			best = i;
			best_end = end;
		}
	}
	plan.op = best;
	if (best != LABEL_OP_REQUEST)
		plan_op_alone(request, &plan);
	else
		hint_from(walk, &plan);
	if (plan.label == LABEL_UNKNOWN && until == request->end_ns &&
	    request->flags & REQUEST_ABORTED)
		plan.label = LABEL_CLIENT; /* nobody but the client ended it */
	add_plan(walk, &plan);
}

/* Its handler was called before the trace began: nobody saw what it waits for. */
static bool is_older(const struct request *request)
{
	return request->flags & REQUEST_PARTIAL && !request->headers_ns;
}

/* When node began to read it; at the latest when its head was parsed, and at `until`. */
static uint64_t begun_ns(const struct request *request, uint64_t until)
{
	uint64_t start = request->start_ns, headers = request->headers_ns;

	if (request->read_ns < until)
		until = request->read_ns;
	if (headers >= start && headers < until)
		until = headers;
	return until > start ? until : start;
}

/* From when its bytes came: it was ready, and not read. */
static void plan_arrival(struct walk *walk, uint64_t until)
{
	struct plan plan = {.start_ns = walk->request->start_ns,
			    .end_ns = until,
			    .op = LABEL_OP_REQUEST,
			    .label = LABEL_CLIENT,
			    .ready_ns = walk->request->start_ns};

	add_plan(walk, &plan);
}

/* Until its head was parsed. Where the loop waits, the rest of the head was under way. */
static void plan_head(struct walk *walk, uint64_t until)
{
	const struct request *request = walk->request;
	struct plan plan = {.start_ns = begun_ns(request, until),
			    .end_ns = until,
			    .op = LABEL_OP_REQUEST,
			    .label = LABEL_CLIENT,
			    .is_head = true};

	if (is_older(request)) {
		plan.label = LABEL_UNKNOWN;
		plan.ready_ns = UINT64_MAX;
		plan.is_head = false;
	}
	if (request->headers_ns >= request->start_ns && request->headers_ns < until)
		plan.end_ns = request->headers_ns;
	if (plan.end_ns < until && !walk->own.n) {
		plan_silence(walk, plan.end_ns, until);
	} else if (plan.end_ns < until) {
		add_plan(walk, &(struct plan){.start_ns = plan.end_ns,
					      .end_ns = until,
					      .op = LABEL_OP_REQUEST,
					      .label = LABEL_UNKNOWN,
					      .is_head = true});
	}
	add_plan(walk, &plan);
	plan_arrival(walk, plan.start_ns);
}

/* Handed over, and the client has not taken it. Returns where that begins. */
static uint64_t plan_tail(struct walk *walk)
{
	const struct request *request = walk->request;
	struct plan plan = {.start_ns = request->sent_ns,
			    .end_ns = request->end_ns,
			    .op = LABEL_OP_REQUEST,
			    .label = LABEL_CLIENT,
			    .ready_ns = UINT64_MAX};

	if (request->sent_ns <= request->start_ns || request->sent_ns >= request->end_ns ||
	    request->flags & REQUEST_OPEN)
		return request->end_ns;
	add_plan(walk, &plan);
	return plan.start_ns;
}

/* One callback of the request and what led to it. Returns where that begins. */
static uint64_t step_back(struct walk *walk, uint64_t until)
{
	size_t last = run_before(walk, until), first = last;
	uint64_t from;
	uint32_t op;

	if (last == walk->own.n) {
		plan_head(walk, until);
		return walk->request->start_ns;
	}
	if (walk->own.runs[last].end_ns < until) {
		plan_silence(walk, walk->own.runs[last].end_ns, until);
		until = walk->own.runs[last].end_ns;
	}
	while (first && walk->own.runs[first - 1].end_ns == walk->own.runs[first].start_ns)
		first--;
	from = walk->own.runs[first].start_ns;
	add_plan(walk, &(struct plan){.start_ns = from, .end_ns = until, .op = LABEL_OP_REQUEST});
	if (!first && walk->own.runs[0].op == LABEL_OP_REQUEST)
		return from;
	op = cause_of(walk, first, last);
	if (op != LABEL_OP_REQUEST)
		return plan_op(walk, op, &walk->own.runs[first]);
	return first ? plan_hint(walk, first, walk->own.runs[first - 1].end_ns) : from;
}

static int walk_back(struct walk *walk)
{
	const struct request *request = walk->request;
	uint64_t until = plan_tail(walk);

	while (until > request->start_ns && !walk->err)
		until = step_back(walk, until);
	return walk->err;
}

static int lay_all(const struct walk *walk, struct label_span **ret_spans, uint32_t *ret_n,
		   struct turn_delays *ret_turns)
{
	struct layer layer = {.request = walk->request,
			      .history = walk->history,
			      .runs = walk->own.runs,
			      .n_runs = walk->own.n};

	for (size_t i = walk->n_plans; i--;)
		layer_lay(&layer, &walk->plans[i]);
	crowd_close(&layer.list);
	turn_delays_close(&layer.turns);
	crowds_thin(&layer.list, MAX_SPANS);
	if (layer.err || layer.list.n > UINT32_MAX) {
		free(layer.list.spans);
		return -ENOMEM;
	}
	*ret_spans = layer.list.spans;
	*ret_n = (uint32_t)layer.list.n;
	*ret_turns = layer.turns;
	return 0;
}

int labels_find_turns(const struct request *request, const struct history *history,
		      struct label_span **ret_spans, uint32_t *ret_n, struct turn_delays *ret_turns)
{
	static const struct history nothing;
	struct walk walk = {.request = request, .history = history ? history : &nothing};
	int err = own_runs_collect(request, &walk.own);

	if (!err)
		err = collect_ended(&walk);
	if (!err && request->end_ns > request->start_ns)
		err = walk_back(&walk);
	if (!err)
		err = lay_all(&walk, ret_spans, ret_n, ret_turns);
	free(walk.own.runs);
	free(walk.ended);
	free(walk.plans);
	return err;
}
