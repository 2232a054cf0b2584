/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The new request, once it is decided what becomes of each operation. */
#include <stdlib.h>
#include <string.h>

#include "aggregator/arena.h"
#include "aggregator/compress_plan.h"
#include "aggregator/text.h"

#include "symbolizer/base.h"

#define MORE "\u2026"

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;
	int order = compress_compare(a->start_ns, b->start_ns);

	return order ? order : compress_compare(a->end_ns, b->end_ns);
}

/* The index of what stands for an operation in the end, or OP_PARENT_REQUEST. */
static uint32_t stand_in(const struct compressor *c, uint32_t op)
{
	uint32_t into = c->into[op];

	/* an inlined one may stand below one that was merged later */
	while (into != OP_PARENT_REQUEST && c->into[into] != into)
		into = c->into[into];
	return into == OP_PARENT_REQUEST ? into : c->place[into];
}

/* Room for all runs that come together at each target. */
static int allocate_runs(struct compressor *c)
{
	struct request *out = c->out;
	struct op *target;
	uint32_t i, at;

	for (i = 0; i < c->request->n_ops; i++) {
		at = stand_in(c, i);
		*(at == OP_PARENT_REQUEST ? &out->n_runs : &out->ops[at].n_runs) +=
			c->request->ops[i].n_runs;
	}
	out->n_runs += c->request->n_runs;
	out->runs = arena_alloc(out->arena, out->n_runs * sizeof(*out->runs));
	if (!out->runs)
		return -ENOMEM;
	out->n_runs = 0;
	for (i = 0; i < out->n_ops; i++) {
		target = &out->ops[i];
		target->runs = arena_alloc(out->arena, target->n_runs * sizeof(*target->runs));
		if (!target->runs)
			return -ENOMEM;
		target->n_runs = 0;
	}
	return 0;
}

static void add_runs(struct span *runs, uint32_t *n, const struct span *more, uint32_t n_more)
{
	if (n_more)
		memcpy(runs + *n, more, n_more * sizeof(*runs));
	*n += n_more;
}

static void move_runs(struct compressor *c)
{
	struct request *out = c->out;
	const struct op *op;
	uint32_t i, at;

	add_runs(out->runs, &out->n_runs, c->request->runs, c->request->n_runs);
	for (i = 0; i < c->request->n_ops; i++) {
		op = &c->request->ops[i];
		at = stand_in(c, i);
		if (at == OP_PARENT_REQUEST)
			add_runs(out->runs, &out->n_runs, op->runs, op->n_runs);
		else
			add_runs(out->ops[at].runs, &out->ops[at].n_runs, op->runs, op->n_runs);
	}
	for (i = 0; i < out->n_ops; i++)
		qsort(out->ops[i].runs, out->ops[i].n_runs, sizeof(struct span), compare_spans);
	qsort(out->runs, out->n_runs, sizeof(struct span), compare_spans);
}

static void add_inlined(struct inlined *to, uint32_t count, uint64_t elapsed_ns)
{
	to->count += count;
	to->elapsed_ns += elapsed_ns;
}

static uint64_t between(uint64_t start_ns, uint64_t end_ns)
{
	return start_ns && end_ns > start_ns ? end_ns - start_ns : 0;
}

static struct op_sums sums_of(const struct request *request, const struct op *op)
{
	uint64_t elapsed_ns = op_elapsed_ns(request, op);

	if (op->sums)
		return *op->sums;
	return (struct op_sums){.elapsed_ns = elapsed_ns,
				.min_ns = elapsed_ns,
				.max_ns = elapsed_ns,
				.queued_ns = between(op->queued_ns, op->started_ns),
				.pool_ns = between(op->started_ns, op->finished_ns)};
}

/* Cuts `detail` to what the other one begins with as well, and says so. */
static const char *common_detail(struct arena *arena, const char *detail, const char *other)
{
	char buf[256];
	size_t n = 0;

	if (!strcmp(detail, other))
		return detail;
	while (detail[n] && detail[n] == other[n] && n < sizeof(buf) - sizeof(MORE))
		n++;
	n = text_boundary(detail, n);
	memcpy(buf, detail, n);
	memcpy(buf + n, MORE, sizeof(MORE));
	return arena_copy(arena, buf, strlen(buf));
}

/* Both together: bytes and round trips, and the status that they share. */
static int merge_wire(struct arena *arena, struct op *to, const struct op *op)
{
	struct op_wire *wire = op_wire_copy(arena, to->wire);

	if (!to->wire || !op->wire) {
		to->wire = to->wire ? to->wire : op_wire_copy(arena, op->wire);
		return op->wire && !to->wire ? -ENOMEM : 0;
	}
	if (!wire)
		return -ENOMEM;
	wire->connect_ns = wire->connected_ns = wire->written_ns = wire->first_byte_ns = 0;
	wire->agent_ns = 0;
	wire->bytes_out += op->wire->bytes_out;
	wire->bytes_in += op->wire->bytes_in;
	wire->round_trips += op->wire->round_trips;
	if (wire->status != op->wire->status)
		wire->status = 0;
	to->wire = wire;
	return 0;
}

/* One more sibling goes into the node that stands for all of them. */
static int merge_op(struct compressor *c, struct op *to, const struct op *op)
{
	struct op_sums more = sums_of(c->request, op);
	struct op_sums *sums = (struct op_sums *)to->sums;
	const char *detail = common_detail(c->out->arena, to->detail, op->detail);

	if (!sums) {
		sums = arena_alloc(c->out->arena, sizeof(*sums));
		if (sums)
			*sums = sums_of(c->request, to);
	}
	if (!sums || !detail || merge_wire(c->out->arena, to, op))
		return -ENOMEM;
	sums->elapsed_ns += more.elapsed_ns;
	sums->min_ns = more.min_ns < sums->min_ns ? more.min_ns : sums->min_ns;
	sums->max_ns = more.max_ns > sums->max_ns ? more.max_ns : sums->max_ns;
	sums->queued_ns += more.queued_ns;
	sums->pool_ns += more.pool_ns;
	to->sums = sums;
	to->detail = detail;
	to->count += op->count;
	to->queued_ns = to->started_ns = to->finished_ns = 0;
	to->pool_tid = 0;
	to->fronts = NULL; /* the critical path still tells of those that mattered */
	to->n_fronts = 0;
	if (op->start_ns < to->start_ns)
		to->start_ns = op->start_ns;
	if (op->end_ns > to->end_ns)
		to->end_ns = op->end_ns;
	if (op->evidence > to->evidence)
		to->evidence = op->evidence;
	add_inlined(&to->inlined, op->inlined.count, op->inlined.elapsed_ns);
	return 0;
}

static int copy_kept(struct compressor *c)
{
	struct request *out = c->out;
	struct op_wire *wire;
	struct op_sums *sums;
	struct op *op;

	for (uint32_t i = 0; i < c->request->n_ops; i++) {
		if (c->fate[i] != FATE_KEPT)
			continue;
		c->place[i] = out->n_ops;
		op = &out->ops[out->n_ops++];
		*op = c->request->ops[i];
		op->parent = compress_parent(c->request, i);
		if (op->parent != OP_PARENT_REQUEST && c->into[op->parent] != OP_PARENT_REQUEST)
			op->parent = c->place[c->into[op->parent]];
		else
			op->parent = OP_PARENT_REQUEST;
		op->n_runs = 0;
		op->detail = arena_copy(out->arena, op->detail, strlen(op->detail));
		sums = op->sums ? arena_alloc(out->arena, sizeof(*sums)) : NULL;
		wire = op_wire_copy(out->arena, op->wire);
		if (!op->detail || (op->sums && !sums) || (op->wire && !wire) ||
		    op_fronts_copy(out->arena, op))
			return -ENOMEM;
		op->wire = wire;
		if (sums)
			*sums = *op->sums;
		op->sums = sums;
	}
	return 0;
}

static int add_others(struct compressor *c)
{
	const struct op *op;
	struct inlined *to;
	int err = 0;

	for (uint32_t i = 0; i < c->request->n_ops && !err; i++) {
		uint32_t at = stand_in(c, i);

		op = &c->request->ops[i];
		if (c->fate[i] == FATE_MERGED)
			err = merge_op(c, &c->out->ops[at], op);
		if (c->fate[i] != FATE_INLINED)
			continue;
		to = at == OP_PARENT_REQUEST ? &c->out->inlined : &c->out->ops[at].inlined;
		add_inlined(to, op->count, op_elapsed_ns(c->request, op));
		add_inlined(to, op->inlined.count, op->inlined.elapsed_ns);
	}
	return err;
}

/* The critical path, by the operations that are left. */
static int copy_labels(struct compressor *c)
{
	struct request *out = c->out;
	uint32_t op;

	out->labels = arena_alloc(out->arena, ((size_t)out->n_labels + 1) * sizeof(*out->labels));
	if (!out->labels)
		return -ENOMEM;
	for (uint32_t i = 0; i < out->n_labels; i++) {
		out->labels[i] = c->request->labels[i];
		op = out->labels[i].op;
		if (op >= c->request->n_ops)
			continue;
		op = stand_in(c, op);
		out->labels[i].op = op == OP_PARENT_REQUEST ? LABEL_OP_REQUEST : op;
	}
	return 0;
}

static int copy_turns(struct compressor *c)
{
	struct request *out = c->out;
	struct turn_delay *turns;

	out->turns = NULL;
	if (!out->n_turns)
		return 0;
	turns = arena_alloc(out->arena, out->n_turns * sizeof(*turns));
	if (!turns)
		return -ENOMEM;
	memcpy(turns, c->request->turns, out->n_turns * sizeof(*turns));
	out->turns = turns;
	return 0;
}

static int copy_samples(struct compressor *c)
{
	struct request *out = c->out;
	uint32_t op;

	out->samples =
		arena_alloc(out->arena, ((size_t)out->n_samples + 1) * sizeof(*out->samples));
	if (!out->samples)
		return -ENOMEM;
	for (uint32_t i = 0; i < out->n_samples; i++) {
		out->samples[i] = c->request->samples[i];
		op = out->samples[i].op;
		if (op < c->request->n_ops)
			out->samples[i].op = stand_in(c, op);
	}
	return 0;
}

/* The request without its operations. */
static int copy_request(struct compressor *c)
{
	const struct request *in = c->request;
	struct arena *arena = arena_new();
	struct request *out = arena ? arena_alloc(arena, sizeof(*out)) : NULL;

	if (!out) {
		arena_free(arena);
		return -ENOMEM;
	}
	*out = *in;
	c->out = out;
	out->arena = arena;
	out->runs = NULL;
	out->n_runs = out->n_ops = 0;
	out->labels = NULL;
	out->samples = NULL;
	out->around = NULL;
	out->url = arena_copy(arena, in->url, strlen(in->url));
	out->websocket = websocket_copy(arena, in->websocket);
	out->ops = arena_alloc(arena, ((size_t)in->n_ops + 1) * sizeof(*out->ops));
	return out->url && out->ops ? 0 : -ENOMEM;
}

int compress_build(struct compressor *c)
{
	int err = copy_request(c);

	if (!err)
		err = copy_kept(c);
	if (!err)
		err = allocate_runs(c);
	if (err)
		return err;
	move_runs(c);
	err = add_others(c);
	if (!err)
		err = copy_labels(c);
	if (!err)
		err = copy_turns(c);
	if (!err)
		err = copy_samples(c);
	c->out->bytes = arena_bytes(c->out->arena);
	return err;
}
