/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>

#include "aggregator/labels_plan.h"
#include "symbolizer/base.h"

/* Node counts timers in whole milliseconds of a time that is cut to those: so early one may be. */
#define TIMER_NS (2 * NS_PER_MS)

typedef void lay_fn(struct layer *layer, uint64_t from, uint64_t until);

/* By how the type begins; the first that fits counts. */
static const struct {
	const char *prefix;
	enum label label;
} types[] = {
	{"fs.", LABEL_POOL},         {"crypto", LABEL_POOL},     {"zlib", LABEL_POOL},
	{"job", LABEL_POOL},         {"dns.lookup", LABEL_POOL}, {"timer", LABEL_TIMER},
	{"interval", LABEL_TIMER},   {"immediate", LABEL_LOOP},  {"microtask", LABEL_LOOP},
	{"tick", LABEL_LOOP},        {"promise", LABEL_LOOP},    {"http.parser", LABEL_CLIENT},
	{"net.write", LABEL_CLIENT}, {"await", LABEL_UNKNOWN},
};

enum label label_of_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strncmp(type, types[i].prefix, strlen(types[i].prefix)))
			return types[i].label;
	return LABEL_IO;
}

enum label label_of_op(const struct op *op)
{
	return op->flags & OP_IO_URING ? LABEL_IO : label_of_type(op->type);
}

bool may_be_cleared(const struct op *op)
{
	return op->flags & OP_END_INFERRED && label_of_op(op) == LABEL_TIMER;
}

uint32_t silent_timer(const struct request *request, uint64_t before, uint64_t ts)
{
	uint32_t best = LABEL_OP_REQUEST;

	for (uint32_t i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];

		if (may_be_cleared(op) && op->start_ns < ts && op->ready_ns < ts + TIMER_NS &&
		    op->ready_ns + TIMER_NS >= before &&
		    (best == LABEL_OP_REQUEST || op->ready_ns > request->ops[best].ready_ns))
			best = i;
	}
	return best;
}

void plan_op_alone(const struct request *request, struct plan *plan)
{
	const struct op *op = &request->ops[plan->op];

	plan->label = label_of_op(op);
	if (plan->label == LABEL_TIMER && !op->end_ns && op->ready_ns &&
	    request->flags & REQUEST_OPEN && plan->end_ns == request->end_ns)
		plan->ready_ns = op->ready_ns;
}

static bool same(const struct label_span *a, const struct label_span *b)
{
	return a->end_ns == b->start_ns && a->label == b->label && a->op == b->op &&
	       a->culprit == b->culprit && a->stack == b->stack && a->busy == b->busy &&
	       a->job == b->job;
}

static int append(struct span_list *list, const struct label_span *span)
{
	struct label_span *last;
	int err;

	crowd_close(list);
	last = list->spans && list->n ? &list->spans[list->n - 1] : NULL;
	if (last && same(last, span)) {
		last->end_ns = span->end_ns;
		return 0;
	}
	err = array_reserve(&list->spans, &list->capacity, list->n, sizeof(*span));
	if (!err && list->spans)
		list->spans[list->n++] = *span;
	return err;
}

static void put(struct layer *layer, const struct label_span *span)
{
	if (span->end_ns <= span->start_ns || layer->err)
		return;
	layer->err = label_has_crowds(span->label) ? crowd_add(&layer->list, span)
						   : append(&layer->list, span);
}

static void put_label(struct layer *layer, uint64_t from, uint64_t until, enum label label)
{
	if (label == LABEL_LOOP && from < until)
		layer->turns.cut_ns += until - from; /* nobody saw who had it */
	put(layer,
	    &(struct label_span){
		    .start_ns = from, .end_ns = until, .label = label, .op = layer->plan->op});
}

/* While the loop waits nothing is ready for it. */
static void lay_wait(struct layer *layer, uint64_t from, uint64_t until)
{
	put_label(layer, from, until, layer->wait == LABEL_LOOP ? LABEL_UNKNOWN : layer->wait);
}

/* While it ran itself. */
static void lay_own_gc(struct layer *layer, uint64_t from, uint64_t until)
{
	put(layer,
	    &(struct label_span){
		    .start_ns = from, .end_ns = until, .label = LABEL_GC, .op = layer->run_op});
}

/* Of the request's own stretches in [from, until) the one that was found at one place most often. */
static const struct stretch *own_place(const struct layer *layer, uint64_t from, uint64_t until)
{
	const struct history *history = layer->history;
	const struct stretch *best = NULL;

	for (size_t i = history_stretch_after(history, from); i < history->ran.n; i++) {
		const struct stretch *ran = history_stretch(history, i);

		if (ran->start_ns >= until)
			break;
		if (ran->request == layer->request->serial && ran->samples &&
		    (!best || ran->samples > best->samples))
			best = ran;
	}
	return best;
}

static void lay_js(struct layer *layer, uint64_t from, uint64_t until)
{
	const struct stretch *place = own_place(layer, from, until);
	struct label_span span = {
		.start_ns = from, .end_ns = until, .label = LABEL_JS, .op = layer->run_op};

	if (place) {
		span.stack = place->stack;
		span.samples = place->samples;
	}
	put(layer, &span);
}

/* Cuts [from, until) where pauses begin and end. */
static void lay_around(struct layer *layer, const struct pauses *pauses, uint64_t from,
		       uint64_t until, lay_fn *in, lay_fn *out)
{
	size_t *near = pauses == &layer->history->polls ? &layer->near_poll : &layer->near_gc;

	for (size_t i = pauses_after_near(pauses, from, near); i < pauses->n && from < until; i++) {
		const struct pause *pause = pauses_at(pauses, i);
		uint64_t end = pause->end_ns < until ? pause->end_ns : until;

		if (pause->start_ns >= until)
			break;
		if (pause->start_ns > from) {
			out(layer, from, pause->start_ns);
			from = pause->start_ns;
		}
		if (end > from)
			in(layer, from, end);
		from = end > from ? end : from;
	}
	if (from < until)
		out(layer, from, until);
}

/* The loop was busy with the stretch at hand, or with its own. */
static void put_busy(struct layer *layer, uint64_t from, uint64_t until, enum label label)
{
	const struct stretch *ran = layer->ran;
	struct label_span span = {
		.start_ns = from, .end_ns = until, .label = label, .op = layer->plan->op};

	if (ran) {
		span.culprit = ran->request;
		span.stack = ran->stack;
		span.samples = ran->samples;
		span.busy = 1;
	}
	turn_delays_add(&layer->turns, layer->history, &span);
	put(layer, &span);
}

static void lay_gc(struct layer *layer, uint64_t from, uint64_t until)
{
	put_busy(layer, from, until, LABEL_GC);
}

static void lay_loop(struct layer *layer, uint64_t from, uint64_t until)
{
	put_busy(layer, from, until, LABEL_LOOP);
}

static void lay_ran(struct layer *layer, const struct stretch *ran, uint64_t from, uint64_t until)
{
	layer->ran = ran;
	if (from < until)
		lay_around(layer, &layer->history->collections, from, until, lay_gc, lay_loop);
}

/* The loop was busy: with whom? */
static void lay_busy(struct layer *layer, uint64_t from, uint64_t until)
{
	const struct history *history = layer->history;

	for (size_t i = history_stretch_after(history, from); i < history->ran.n && from < until;
	     i++) {
		const struct stretch *ran = history_stretch(history, i);
		uint64_t end = ran->end_ns < until ? ran->end_ns : until;

		if (ran->start_ns >= until)
			break;
		if (ran->start_ns > from) {
			lay_ran(layer, NULL, from, ran->start_ns);
			from = ran->start_ns;
		}
		lay_ran(layer, ran, from, end);
		from = end;
	}
	lay_ran(layer, NULL, from, until);
}

/* Ready. Where the loop waits all the same, it had not been told yet. */
static void lay_ready(struct layer *layer, uint64_t from, uint64_t until)
{
	if (layer->plan->elsewhere)
		lay_wait(layer, from, until);
	else
		lay_around(layer, &layer->history->polls, from, until, lay_wait, lay_busy);
}

/* Lays what of [from, until) is before `end`; returns where that ends. */
static uint64_t lay_phase(struct layer *layer, uint64_t from, uint64_t until, uint64_t end,
			  enum label label)
{
	if (end > until)
		end = until;
	if (end <= from)
		return from;
	put_label(layer, from, end, label);
	return end;
}

/* Queued behind this job, of which nothing is known when it is older than the trace; NULL: behind
 * nobody known, or behind several. */
static void put_queued(struct layer *layer, const struct op *op, const struct op_front *front,
		       uint64_t from, uint64_t until)
{
	struct label_span span = {.start_ns = from,
				  .end_ns = until,
				  .label = LABEL_POOL_QUEUE,
				  .op = layer->plan->op};

	if (front && front->op) {
		span.culprit = front->request;
		span.stack = front->stack;
		span.job = front->job;
		span.busy = 1;
	} else if (front || op->fronts_cut) {
		span.busy = LABEL_BUSY_SEVERAL;
	}
	put(layer, &span);
}

/* Lays what of [from, until) the job was queued; returns where that ends. */
static uint64_t lay_queue(struct layer *layer, const struct op *op, uint64_t from, uint64_t until)
{
	if (op->started_ns < until)
		until = op->started_ns;
	for (uint32_t i = 0; i < op->n_fronts && from < until; i++) {
		const struct op_front *front = &op->fronts[i];
		uint64_t start = front->start_ns < until ? front->start_ns : until;
		uint64_t end = front->end_ns < until ? front->end_ns : until;

		if (start > from) {
			put_queued(layer, op, NULL, from, start);
			from = start;
		}
		if (end > from) {
			put_queued(layer, op, front, from, end);
			from = end;
		}
	}
	if (from >= until)
		return from;
	put_queued(layer, op, NULL, from, until);
	return until;
}

/* A job of the pool; a step that was not seen lasts until the end. */
static void lay_job(struct layer *layer, const struct op *op, uint64_t from, uint64_t until)
{
	if (op->started_ns)
		from = lay_queue(layer, op, from, until);
	else
		from = lay_phase(layer, from, until, op->queued_ns, LABEL_POOL_QUEUE);
	from = lay_phase(layer, from, until, op->finished_ns ? op->finished_ns : UINT64_MAX,
			 LABEL_POOL);
	layer->wait = LABEL_POOL;
	lay_ready(layer, from, until);
}

static void lay_between(struct layer *layer, uint64_t from, uint64_t until)
{
	const struct plan *plan = layer->plan;
	const struct op *op = plan->op == LABEL_OP_REQUEST ? NULL : &layer->request->ops[plan->op];
	uint64_t ready = plan->ready_ns;

	if (from >= until)
		return;
	layer->wait = plan->label;
	if (op && op->queued_ns) {
		lay_job(layer, op, from, until);
		return;
	}
	if (plan->is_head) {
		layer->run_op = LABEL_OP_REQUEST;
		lay_around(layer, &layer->history->polls, from, until, lay_wait, lay_js);
		return;
	}
	from = lay_phase(layer, from, until, ready, layer->wait);
	if (from < until)
		lay_ready(layer, from, until);
}

/* The first own run that ends behind ts. */
static size_t run_after(const struct layer *layer, uint64_t ts)
{
	return PARTITION_POINT(i, layer->n_runs, layer->runs[i].end_ns <= ts);
}

void layer_lay(struct layer *layer, const struct plan *plan)
{
	uint64_t from = plan->start_ns;

	layer->plan = plan;
	for (size_t i = run_after(layer, from); i < layer->n_runs; i++) {
		const struct own_run *run = &layer->runs[i];
		uint64_t end = run->end_ns < plan->end_ns ? run->end_ns : plan->end_ns;

		if (run->start_ns >= plan->end_ns)
			break;
		if (run->start_ns > from) {
			lay_between(layer, from, run->start_ns);
			from = run->start_ns;
		}
		layer->run_op = run->op;
		if (run->elsewhere)
			lay_js(layer, from, end);
		else
			lay_around(layer, &layer->history->collections, from, end, lay_own_gc,
				   lay_js);
		from = end;
	}
	lay_between(layer, from, plan->end_ns);
}
