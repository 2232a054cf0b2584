/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * One JSON object a line: "meta", then "req" for each request and "none" for each operation that
 * belongs to none, then "summary". The fields are a contract, described in the README: they are
 * added to, never changed or removed within a version. Times are CLOCK_MONOTONIC nanoseconds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/export/formats.h"
#include "aggregator/export/json_protocol.h"
#include "aggregator/export/json_samples.h"
#include "aggregator/export/json_writer.h"
#include "aggregator/export/times.h"
#include "symbolizer/base.h"

#define NDJSON_VERSION 1

struct exporter {
	struct json_writer json;
	struct times times;
};

struct field {
	const char *name;
	size_t offset; /* of a uint64_t in struct export_summary */
};

static const struct field summary_fields[] = {
	{"events", offsetof(struct export_summary, totals.events)},
	{"lost", offsetof(struct export_summary, totals.lost)},
	{"requests", offsetof(struct export_summary, totals.requests)},
	{"requests_open", offsetof(struct export_summary, totals.requests_open)},
	{"ops", offsetof(struct export_summary, totals.ops)},
	{"ops_none", offsetof(struct export_summary, totals.ops_none)},
	{"ops_unknown", offsetof(struct export_summary, totals.ops_unknown)},
	{"forgotten", offsetof(struct export_summary, totals.forgotten)},
	{"shed", offsetof(struct export_summary, shed)},
	{"shed_ops", offsetof(struct export_summary, shed_ops)},
	{"own_cpu_ns", offsetof(struct export_summary, own_cpu_ns)},
	{"duration_ns", offsetof(struct export_summary, duration_ns)},
	{"loop_turns", offsetof(struct export_summary, totals.loop.turns)},
	{"loop_idle_ns", offsetof(struct export_summary, totals.loop.idle_ns)},
	{"loop_busy_ns", offsetof(struct export_summary, totals.loop.busy_ns)},
	{"loop_lag_ns", offsetof(struct export_summary, totals.loop.lag_ns)},
	{"gcs_minor", offsetof(struct export_summary, totals.loop.gcs_minor)},
	{"gcs_major", offsetof(struct export_summary, totals.loop.gcs_major)},
	{"gc_minor_ns", offsetof(struct export_summary, totals.loop.gc_minor_ns)},
	{"gc_major_ns", offsetof(struct export_summary, totals.loop.gc_major_ns)},
	{"sync_calls", offsetof(struct export_summary, totals.loop.syncs)},
	{"sync_ns", offsetof(struct export_summary, totals.loop.sync_ns)},
};

static void put_id(struct json_writer *json, uint64_t id)
{
	if (id)
		json_uint(json, id);
	else
		json_null(json);
}

static void put_runs(struct json_writer *json, const struct span *runs, uint32_t n_runs)
{
	uint32_t i;

	json_key(json, "runs");
	json_array_begin(json);
	for (i = 0; i < n_runs; i++) {
		json_array_begin(json);
		json_uint(json, runs[i].start_ns);
		json_uint(json, runs[i].end_ns);
		json_array_end(json);
	}
	json_array_end(json);
}

/* `flags` is a list separated by commas, as the flag printers write it. */
static void put_flags(struct json_writer *json, char *flags)
{
	char *rest = flags;
	char *flag;

	json_key(json, "flags");
	json_array_begin(json);
	while ((flag = strsep(&rest, ","))) {
		if (*flag)
			json_string(json, flag);
	}
	json_array_end(json);
}

static void put_place(struct json_writer *json, const struct frame *frame)
{
	json_put_line(json, frame->line, frame->of_function);
	if (frame->column && !frame->of_function)
		json_put_uint(json, "col", frame->column);
}

static void put_frame(struct json_writer *json, const struct frame *frame)
{
	json_object_begin(json);
	json_put_string(json, "fn", frame->function);
	json_put_string(json, "file", frame->file);
	put_place(json, frame);
	json_put_if(json, "async", frame->kind == FRAME_ASYNC);
	json_put_if(json, "cut", frame->kind == FRAME_CUT);
	json_object_end(json);
}

static void put_stack(struct json_writer *json, const struct stack *stack)
{
	uint32_t i;

	json_key(json, "stack");
	json_array_begin(json);
	for (i = 0; stack && i < stack->n_frames; i++)
		put_frame(json, &stack->frames[i]);
	json_array_end(json);
}

static void put_front(struct json_writer *json, const struct op_front *front)
{
	const struct frame *frame = blame_frame(front->stack);

	json_object_begin(json);
	json_put_uint(json, "start_ns", front->start_ns);
	json_put_uint(json, "end_ns", front->end_ns);
	json_put_known(json, "serial", front->request);
	json_put_known(json, "op", front->op);
	json_put_string(json, "job", front->job);
	if (frame) {
		json_put_string(json, "fn", frame->function);
		json_put_string(json, "file", frame->file);
		put_place(json, frame);
	}
	json_object_end(json);
}

static void put_fronts(struct json_writer *json, const struct op *op)
{
	if (!op->n_fronts)
		return;
	json_key(json, "behind");
	json_array_begin(json);
	for (uint32_t i = 0; i < op->n_fronts; i++)
		put_front(json, &op->fronts[i]);
	json_array_end(json);
	json_put_if(json, "behind_more", op->fronts_cut);
}

static void put_pool_times(struct json_writer *json, const struct op *op)
{
	if (!op->queued_ns)
		return;
	json_put_uint(json, "queued_ns", op->queued_ns);
	json_put_known(json, "started_ns", op->started_ns);
	json_put_known(json, "finished_ns", op->finished_ns);
	json_put_known(json, "pool_tid", op->pool_tid);
	put_fronts(json, op);
}

/* Merged siblings have no times. */
static void put_wire(struct json_writer *json, const struct op_wire *wire)
{
	if (!wire)
		return;
	json_put_known(json, "status", wire->status);
	json_put_known(json, "connect_ns", wire->connect_ns);
	json_put_known(json, "connected_ns", wire->connected_ns);
	json_put_known(json, "agent_ns", wire->agent_ns);
	json_put_known(json, "written_ns", wire->written_ns);
	json_put_known(json, "first_byte_ns", wire->first_byte_ns);
	json_put_known(json, "bytes_out", wire->bytes_out);
	json_put_known(json, "bytes_in", wire->bytes_in);
	json_put_known(json, "round_trips", wire->round_trips);
}

/* Compressed requests only (compress.h). */
static void put_sums(struct json_writer *json, const struct op_sums *sums)
{
	if (!sums)
		return;
	json_put_uint(json, "sum_ns", sums->elapsed_ns);
	json_put_uint(json, "min_ns", sums->min_ns);
	json_put_uint(json, "max_ns", sums->max_ns);
	json_put_uint(json, "pool_queue_ns", sums->queued_ns);
	json_put_uint(json, "pool_run_ns", sums->pool_ns);
}

static void put_inlined(struct json_writer *json, const struct inlined *inlined)
{
	if (!inlined->count)
		return;
	json_key(json, "short");
	json_object_begin(json);
	json_put_uint(json, "count", inlined->count);
	json_put_uint(json, "sum_ns", inlined->elapsed_ns);
	json_object_end(json);
}

/* parent_id 0: created by the request itself, or by nobody known. */
static void put_op(struct json_writer *json, const struct op *op, uint64_t parent_id)
{
	char flags[128];

	json_object_begin(json);
	json_put_uint(json, "id", op->id);
	json_put_known(json, "parent", parent_id);
	json_put_string(json, "type", op->type);
	json_put_string(json, "detail", op->detail);
	json_put_uint(json, "start_ns", op->start_ns);
	json_put_known(json, "end_ns", op->end_ns);
	json_put_known(json, "aid", op->async_id);
	json_put_string(json, "evidence", evidence_name(op->evidence));
	json_put_string(json, "wrap", op->wrap);
	if (op->count > 1)
		json_put_uint(json, "count", op->count);
	put_sums(json, op->sums);
	put_inlined(json, &op->inlined);
	put_runs(json, op->runs, op->n_runs);
	put_pool_times(json, op);
	put_wire(json, op->wire);
	put_stack(json, op->stack);
	(void)op_flags_print(op->flags, ",", flags, sizeof(flags));
	put_flags(json, flags);
	json_object_end(json);
}

static void put_ops(struct json_writer *json, const struct request *request)
{
	uint32_t i;

	json_key(json, "ops");
	json_array_begin(json);
	for (i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];

		put_op(json, op, op->parent < i ? request->ops[op->parent].id : 0);
	}
	json_array_end(json);
}

/* One row a stretch: start, end, label, operation, culprit; null: the request itself, nobody's. */
static void put_path(struct json_writer *json, const struct request *request)
{
	json_key(json, "path");
	json_array_begin(json);
	for (uint32_t i = 0; i < request->n_labels; i++) {
		const struct label_span *span = &request->labels[i];

		json_array_begin(json);
		json_uint(json, span->start_ns);
		json_uint(json, span->end_ns);
		json_string(json, label_name(span->label));
		put_id(json, span->op < request->n_ops ? request->ops[span->op].id : 0);
		put_id(json, span->culprit);
		json_array_end(json);
	}
	json_array_end(json);
}

static void put_labels(struct json_writer *json, const struct request *request)
{
	json_key(json, "labels");
	json_object_begin(json);
	for (unsigned int i = 0; i < LABEL_COUNT; i++)
		if (request->label_ns[i])
			json_put_uint(json, label_name((enum label)i), request->label_ns[i]);
	json_object_end(json);
	put_path(json, request);
	json_put_samples(json, request);
	json_put_uint(json, "loop_idle_ns", request->idle_ns);
	json_put_uint(json, "gc_ns", request->gc_ns);
	if (request->preempted_ns)
		json_put_uint(json, "preempted_ns", request->preempted_ns);
	if (request->n_syncs) {
		json_put_uint(json, "sync_calls", request->n_syncs);
		json_put_uint(json, "sync_ns", request->sync_ns);
	}
}

static int ndjson_open(FILE *out, const struct export_options *options,
		       struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	struct json_writer *json;
	int err;

	if (!exporter)
		return -ENOMEM;
	json = &exporter->json;
	json_init(json, out);
	json_object_begin(json);
	json_put_string(json, "k", "meta");
	json_put_string(json, "format", "ntrace-bpf");
	json_put_uint(json, "version", NDJSON_VERSION);
	json_put_uint(json, "start_ns", options->start_ns);
	json_put_uint(json, "start_unix_ns", options->start_unix_ns);
	json_object_end(json);
	err = json_line_end(json);
	if (!err)
		err = times_open(options, &exporter->times);
	if (err) {
		free(exporter);
		return err;
	}
	*ret_exporter = exporter;
	return 0;
}

/* Of one that was open when tracing began nobody saw it. */
static void put_method(struct json_writer *json, const char *method)
{
	json_key(json, "method");
	if (strcmp(method, "?") != 0)
		json_string(json, method);
	else
		json_null(json);
}

static int ndjson_request(struct exporter *exporter, const struct request *request)
{
	struct json_writer *json = &exporter->json;
	char flags[256];
	int err;

	json_object_begin(json);
	json_put_string(json, "k", "req");
	json_put_uint(json, "id", request->id);
	json_put_uint(json, "serial", request->serial);
	json_put_uint(json, "pid", request->pid);
	json_put_uint(json, "tid", request->tid);
	put_method(json, request->method);
	json_put_string(json, "url", request->url);
	json_protocol(json, request);
	json_put_known(json, "status", request->status);
	json_put_uint(json, "start_ns", request->start_ns);
	json_put_known(json, "read_ns", request->read_ns);
	json_put_known(json, "headers_ns", request->headers_ns);
	json_put_known(json, "sent_ns", request->sent_ns);
	json_put_known(json, "end_ns", request->end_ns);
	json_put_uint(json, "cpu_ns", request->cpu_ns);
	json_put_uint(json, "bytes_out", request->bytes_out);
	json_websocket(json, request->websocket);
	put_runs(json, request->runs, request->n_runs);
	json_put_uint(json, "ops_total", request->n_ops_total);
	put_inlined(json, &request->inlined);
	put_labels(json, request);
	put_ops(json, request);
	(void)request_flags_print(request->flags, ",", flags, sizeof(flags));
	put_flags(json, flags);
	json_object_end(json);
	err = json_line_end(json);
	return err ? err : times_add(&exporter->times, request);
}

static int ndjson_unowned(struct exporter *exporter, const struct op *op)
{
	struct json_writer *json = &exporter->json;

	json_object_begin(json);
	json_put_string(json, "k", "none");
	json_put_uint(json, "tid", op->tid);
	json_key(json, "ops");
	json_array_begin(json);
	put_op(json, op, 0);
	json_array_end(json);
	json_object_end(json);
	return json_line_end(json);
}

static void put_evidence(struct json_writer *json, const struct totals *totals)
{
	unsigned int i;

	json_key(json, "by_evidence");
	json_object_begin(json);
	for (i = 0; i < EVIDENCE_COUNT; i++)
		json_put_uint(json, evidence_name((enum evidence)i), totals->by_evidence[i]);
	json_object_end(json);
}

/* Only what there is: mostly nothing. */
static void put_gaps(struct json_writer *json, const struct stack_gaps *gaps)
{
	const char *name;
	uint64_t value;
	size_t i;

	json_key(json, "stacks");
	json_object_begin(json);
	for (i = 0; (name = stack_gaps_at(gaps, i, &value)); i++)
		if (value)
			json_put_uint(json, name, value);
	json_object_end(json);
}

static int ndjson_close(struct exporter *exporter, struct export_summary *summary)
{
	const struct totals *totals = &summary->totals;
	struct json_writer *json = &exporter->json;
	int err = times_write(&exporter->times, json);
	size_t i;

	json_object_begin(json);
	json_put_string(json, "k", "summary");
	json_put_string(json, "target", summary->target);
	json_put_string(json, "node", summary->node_version);
	for (i = 0; i < ARRAY_SIZE(summary_fields); i++) {
		uint64_t value;

		memcpy(&value, (const char *)summary + summary_fields[i].offset, sizeof(value));
		json_put_uint(json, summary_fields[i].name, value);
	}
	json_put_uint(json, "unattributed", totals->ops_none + totals->ops_unknown);
	put_evidence(json, totals);
	put_gaps(json, &totals->stacks);
	json_object_end(json);
	if (!err)
		err = json_line_end(json);
	times_close(&exporter->times);
	free(exporter);
	return err;
}

const struct exporter_ops ndjson_exporter = {
	.name = "ndjson",
	.extension = "ndjson",
	.also = "jsonl",
	.summary = "one JSON object a line, with all operations, times and stacks",
	.wants_unowned = true,
	.has_tree = true,
	.open = ndjson_open,
	.request = ndjson_request,
	.unowned = ndjson_unowned,
	.close = ndjson_close,
};
