/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Between labels.c, which walks the critical path, and labels_lay.c, which labels its parts. */
#ifndef NT_AGGREGATOR_LABELS_PLAN_H
#define NT_AGGREGATOR_LABELS_PLAN_H

#include "aggregator/labels.h"
#include "aggregator/labels_crowd.h"

/* A callback of the request, or a part of one. */
struct own_run {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t op;    /* LABEL_OP_REQUEST: the handler's */
	bool elsewhere; /* on another thread, of which the history tells nothing */
};

/* All of a request, in order, none over another. */
struct own_runs {
	struct own_run *runs; /* the caller frees it */
	size_t n;
};

/* A stretch of the critical path: the wait for one thing. Own runs in it are own runs. */
struct plan {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t op;       /* what was waited for, LABEL_OP_REQUEST none of its operations */
	enum label label;  /* without an operation: of the wait */
	uint64_t ready_ns; /* from then on it was ready, UINT64_MAX never, 0 see the operation */
	bool is_head;      /* the request's own beginning: what the loop does, it does for it */
	bool elsewhere; /* another thread went on with it: what the loop does, does not delay it */
};

struct layer {
	const struct request *request;
	const struct history *history;
	const struct own_run *runs; /* in order, not overlapping */
	size_t n_runs;
	struct span_list list;
	struct turn_delays turns;
	size_t near_poll; /* for pauses_after_near() */
	size_t near_gc;
	int err;

	/* of the part at hand */
	const struct plan *plan;
	enum label wait;
	uint32_t run_op;
	const struct stretch *ran; /* who had the loop, NULL nobody known */
};

/* The callbacks of a request and of its operations, within its time. Returns 0 or -ENOMEM. */
int own_runs_collect(const struct request *request, struct own_runs *ret_own);

/* Labels one stretch, after those before it. Errors stick in layer->err. */
void layer_lay(struct layer *layer, const struct plan *plan);

/* A timer that was due and showed no callback: most of them were cleared. */
bool may_be_cleared(const struct op *op);
/*
 * A timer whose callback shows nothing has the end that it had at the earliest. Of those that became due
 * since `before`, the turn before the one of ts, the last: it may have run now only. Its index, or
 * LABEL_OP_REQUEST.
 */
uint32_t silent_timer(const struct request *request, uint64_t before, uint64_t ts);
/* Nothing ran at the end of this plan but its operation was waited for: sets what for. A timer that was due
 * before the trace ended was ready, and did not run. */
void plan_op_alone(const struct request *request, struct plan *plan);
/* When the loop learnt of what it called back for at ts; NULL: of a loop that nothing is known of. */
uint64_t told_at(const struct history *history, uint64_t ts);
/* When that was ready, as it was told; of a wait of this label that began at `since`. */
uint64_t told_ready(const struct history *history, enum label label, uint64_t since, uint64_t ts);
/* What an operation of this type waits for. */
enum label label_of_type(const char *type);
enum label label_of_op(const struct op *op);

#endif
