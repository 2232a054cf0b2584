/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/timeline.h"

#include <string.h>

#include "aggregator/slots.h"
#include "symbolizer/base.h"

#define DEPTH_JS UINT32_MAX

/*
 * The request is cut at every start and end of a claim; then the claims paint the slots between the
 * cuts, most deserving first, each only what is still bare.
 */
struct claim {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t depth;
	uint32_t order; /* of creation */
	uint64_t op_end_ns;
	enum wait_kind kind;
};

struct painter {
	const struct request *request;
	uint32_t *depths; /* of the operations */
	struct claim *claims;
	size_t n_claims;
	struct slots slots;
	uint8_t *kinds; /* of each slot */
};

static int compare_claims(const void *left, const void *right)
{
	const struct claim *a = left;
	const struct claim *b = right;

	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1;
	if (a->op_end_ns != b->op_end_ns)
		return a->op_end_ns > b->op_end_ns ? -1 : 1;
	if (a->order != b->order)
		return a->order > b->order ? 1 : -1;
	return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

static void add_claim(struct painter *painter, struct claim claim)
{
	if (claim.start_ns < painter->request->start_ns)
		claim.start_ns = painter->request->start_ns;
	if (claim.end_ns > painter->request->end_ns)
		claim.end_ns = painter->request->end_ns;
	if (claim.start_ns < claim.end_ns)
		painter->claims[painter->n_claims++] = claim;
}

static void claim_runs(struct painter *painter, const struct span *runs, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		add_claim(painter, (struct claim){.start_ns = runs[i].start_ns,
						  .end_ns = runs[i].end_ns,
						  .depth = DEPTH_JS,
						  .kind = WAIT_JS});
}

static void claim_op(struct painter *painter, uint32_t index, uint32_t depth)
{
	const struct op *op = &painter->request->ops[index];
	struct phase phases[OP_PHASES_MAX];
	size_t n = op_phases(painter->request, op, phases);
	size_t i;

	if (op->flags & OP_FUNCTION)
		return; /* what was done in it tells what it waited for */
	if (op_outlived(painter->request, op))
		n = 0; /* its callbacks count all the same */
	for (i = 0; i < n; i++)
		add_claim(painter, (struct claim){phases[i].start_ns, phases[i].end_ns, depth,
						  index, phases[n - 1].end_ns, phases[i].kind});
	claim_runs(painter, op->runs, op->n_runs);
}

static int collect_claims(struct painter *painter)
{
	const struct request *request = painter->request;
	size_t max = request->n_runs + (size_t)request->n_ops * OP_PHASES_MAX;
	uint32_t i;

	for (i = 0; i < request->n_ops; i++)
		max += request->ops[i].n_runs;
	painter->depths = calloc((size_t)request->n_ops + 1, sizeof(*painter->depths));
	painter->claims = calloc(max + 1, sizeof(*painter->claims));
	if (!painter->depths || !painter->claims)
		return -ENOMEM;
	claim_runs(painter, request->runs, request->n_runs);
	for (i = 0; i < request->n_ops; i++) {
		uint32_t parent = request->ops[i].parent;

		painter->depths[i] = 1;
		if (parent < i) /* functions do not count: it is operations that wait */
			painter->depths[i] = painter->depths[parent] +
					     !(request->ops[parent].flags & OP_FUNCTION);
		claim_op(painter, i, painter->depths[i]);
	}
	qsort(painter->claims, painter->n_claims, sizeof(*painter->claims), compare_claims);
	return 0;
}

static int collect_cuts(struct painter *painter)
{
	int err = slots_init(&painter->slots, painter->n_claims + 1);

	if (err)
		return err;
	slots_cut(&painter->slots, painter->request->start_ns, painter->request->end_ns);
	for (size_t i = 0; i < painter->n_claims; i++)
		slots_cut(&painter->slots, painter->claims[i].start_ns, painter->claims[i].end_ns);
	slots_settle(&painter->slots);
	painter->kinds = malloc(painter->slots.n_cuts * sizeof(*painter->kinds));
	if (!painter->kinds)
		return -ENOMEM;
	memset(painter->kinds, WAIT_NONE, painter->slots.n_cuts * sizeof(*painter->kinds));
	return 0;
}

static void paint(struct painter *painter, const struct claim *claim)
{
	struct slots *slots = &painter->slots;
	size_t end = slots_at(slots, claim->end_ns);
	size_t slot = slots_at(slots, claim->start_ns);

	while ((slot = slots_left(slots, slot)) < end) {
		painter->kinds[slot] = (uint8_t)claim->kind;
		slots_take(slots, slot);
	}
}

static int gather(const struct painter *painter, struct timeline *timeline)
{
	const struct slots *slots = &painter->slots;
	struct phase *last = NULL;
	size_t i;

	timeline->phases = calloc(slots->n_cuts, sizeof(*timeline->phases));
	if (!timeline->phases)
		return -ENOMEM;
	for (i = 0; i + 1 < slots->n_cuts; i++) {
		struct phase phase = {slots->cuts[i], slots->cuts[i + 1],
				      (enum wait_kind)painter->kinds[i]};

		timeline->sums_ns[phase.kind] += phase.end_ns - phase.start_ns;
		if (last && last->kind == phase.kind) {
			last->end_ns = phase.end_ns;
			continue;
		}
		last = &timeline->phases[timeline->n_phases++];
		*last = phase;
	}
	return 0;
}

/* Appends a phase; one that goes on with the kind of the last is part of that. */
static void add_label(struct timeline *timeline, const struct label_span *span)
{
	enum wait_kind kind = wait_kind_of_label(span->label);
	struct phase *last = timeline->n_phases ? &timeline->phases[timeline->n_phases - 1] : NULL;

	timeline->sums_ns[kind] += span->end_ns - span->start_ns;
	if (last && last->kind == kind)
		last->end_ns = span->end_ns;
	else
		timeline->phases[timeline->n_phases++] =
			(struct phase){span->start_ns, span->end_ns, kind};
}

static int take_labels(const struct request *request, struct timeline *timeline)
{
	uint32_t i;

	timeline->phases = calloc(request->n_labels, sizeof(*timeline->phases));
	if (!timeline->phases)
		return -ENOMEM;
	for (i = 0; i < request->n_labels; i++)
		add_label(timeline, &request->labels[i]);
	return 0;
}

static int build(struct painter *painter, struct timeline *timeline)
{
	size_t i;
	int err;

	if (request_duration_ns(painter->request) == 0)
		return 0;
	err = collect_claims(painter);
	if (!err)
		err = collect_cuts(painter);
	if (err)
		return err;
	for (i = 0; i < painter->n_claims; i++)
		paint(painter, &painter->claims[i]);
	return gather(painter, timeline);
}

int timeline_new(const struct request *request, struct timeline **ret_timeline)
{
	struct painter painter = {.request = request};
	struct timeline *timeline = calloc(1, sizeof(*timeline));
	int err;

	if (!timeline)
		return -ENOMEM;
	if (request->n_labels)
		err = take_labels(request, timeline);
	else
		err = build(&painter, timeline);
	free(painter.depths);
	free(painter.claims);
	slots_done(&painter.slots);
	free(painter.kinds);
	if (err) {
		timeline_free(timeline);
		return err;
	}
	*ret_timeline = timeline;
	return 0;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	free(timeline->phases);
	free(timeline);
}

static size_t first_phase_after(const struct timeline *timeline, uint64_t ts)
{
	return PARTITION_POINT(i, timeline->n_phases, timeline->phases[i].end_ns <= ts);
}

enum wait_kind timeline_kind(const struct timeline *timeline, uint64_t start_ns, uint64_t end_ns)
{
	uint64_t shares[WAIT_KIND_COUNT] = {0};
	enum wait_kind best = WAIT_NONE;
	size_t i = first_phase_after(timeline, start_ns);
	unsigned int kind;

	for (; i < timeline->n_phases && timeline->phases[i].start_ns < end_ns; i++) {
		const struct phase *phase = &timeline->phases[i];
		uint64_t from = phase->start_ns > start_ns ? phase->start_ns : start_ns;
		uint64_t until = phase->end_ns < end_ns ? phase->end_ns : end_ns;

		shares[phase->kind] += until - from;
	}
	for (kind = 0; kind < WAIT_KIND_COUNT; kind++) {
		if (shares[kind] > shares[best])
			best = (enum wait_kind)kind;
	}
	return best;
}
