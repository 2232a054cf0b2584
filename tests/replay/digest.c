/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tests/replay/digest.h"

#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_FUNCTIONS 3

/* Functions of the application itself: named, and not of node. */
static bool is_of_application(const struct frame *frame)
{
	return frame_runs_js(frame->kind) && frame->file && strcmp(frame->function, "js") != 0 &&
	       strncmp(frame->file, "node:", 5) != 0;
}

static void put_stack(FILE *out, const struct stack *stack)
{
	const char *word = " in";
	unsigned int n = 0;

	for (uint32_t i = 0; stack && i < stack->n_frames && n < MAX_FUNCTIONS; i++) {
		if (!is_of_application(&stack->frames[i]))
			continue;
		fprintf(out, "%s %s", word, stack->frames[i].function);
		word = " <";
		n++;
	}
}

static void put_marks(FILE *out, const struct op *op)
{
	char flags[128];

	if (op_flags_print(op->flags, " ", flags, sizeof(flags)))
		fprintf(out, " %s", flags);
	if (op->n_runs)
		fputs(" ran", out);
	if (op->started_ns && op->finished_ns)
		fputs(" pool", out);
	if (op->count != 1)
		fprintf(out, " x%" PRIu32, op->count);
}

/* What is the same on every machine. */
static void put_wire(FILE *out, const struct op_wire *wire)
{
	if (!wire)
		return;
	if (wire->status)
		fprintf(out, " status %" PRIu32, wire->status);
	if (wire->agent_ns)
		fputs(" queued", out);
	if (wire->connected_ns)
		fputs(" connected", out);
	if (wire->round_trips)
		fprintf(out, " out %" PRIu64 " in %" PRIu64, wire->bytes_out, wire->bytes_in);
	if (wire->round_trips > 1)
		fprintf(out, " round trips %" PRIu32, wire->round_trips);
}

static void put_op(FILE *out, const struct op *op, unsigned int depth, bool late)
{
	fprintf(out, "%*s%s%s%s %s", (int)depth * 2, "", op->type, op->detail[0] ? " " : "",
		op->detail, evidence_name(op->evidence));
	put_marks(out, op);
	put_wire(out, op->wire);
	if (late)
		fputs(" late", out);
	put_stack(out, op->stack);
	fputc('\n', out);
}

void digest_op(FILE *out, const struct op *op, unsigned int depth)
{
	put_op(out, op, depth, false);
}

/* The tree below `parent`; operations stand behind their parents. */
static void put_children(FILE *out, const struct request *request, uint32_t parent,
			 unsigned int depth)
{
	uint32_t i = parent == OP_PARENT_REQUEST ? 0 : parent + 1;

	for (; i < request->n_ops; i++) {
		if (request->ops[i].parent != parent)
			continue;
		put_op(out, &request->ops[i], depth, request->ops[i].start_ns >= request->end_ns);
		put_children(out, request, i, depth + 1);
	}
}

static void put_request(FILE *out, const struct request *request)
{
	char flags[256];

	fprintf(out, "%s %s %" PRIu32, request->method, request->url, request->status);
	if (request_flags_print(request->flags, " ", flags, sizeof(flags)))
		fprintf(out, " %s", flags);
	fputc('\n', out);
	put_children(out, request, OP_PARENT_REQUEST, 1);
}

void digest_write(FILE *out, const struct capture *capture)
{
	const struct totals *totals = &capture->totals;

	for (size_t i = 0; i < capture->n_requests; i++)
		put_request(out, capture->requests[i]);
	if (capture->unowned_len)
		fprintf(out, "of no request\n%s", capture->unowned_text);
	fprintf(out,
		"%" PRIu64 " requests, %" PRIu64 " operations, of no request %" PRIu64
		", unknown %" PRIu64 ", lost %" PRIu64 "%s\n",
		totals->requests, totals->ops, totals->ops_none, totals->ops_unknown, totals->lost,
		capture->complete ? "" : ", incomplete");
}
