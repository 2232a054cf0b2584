/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request for the exporters, and its text in a format. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_EXPORT_SAMPLE_H
#define NT_TESTS_UNIT_AGGREGATOR_EXPORT_SAMPLE_H

#include "aggregator/export/exporter.h"
#include "aggregator/sample.h"
#include "symbolizer/base.h"

static const struct export_options options = {
	.start_ns = 1000000, .start_unix_ns = 1700000000000000000ULL, /* 2023-11-14 22:13:20 UTC */
};

static const struct export_summary totals = {
	.totals = {.events = 100,
		   .requests = 1,
		   .ops = 2,
		   .ops_none = 3,
		   .ops_unknown = 4,
		   .by_evidence = {[EVIDENCE_TOKEN] = 2}},
	.own_cpu_ns = 25,
	.duration_ns = 1000,
	.node_version = "v20.20.2",
	.target = "server.js",
};

/* One request with a finished pool operation, an open child of it, and a stack. */
static inline struct request *sample(void)
{
	struct request *request = sample_request(7, "GET", "/a;b 1?x", 2000, 5500);
	struct stack *stack =
		arena_alloc(request->arena, sizeof(*stack) + 3 * sizeof(struct frame));
	struct op *op;

	sample_own_run(request, 2000, 2100);
	op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/etc/\"x\"", 2050, 3000);
	op->async_id = 12;
	op->wrap = "FSREQCALLBACK";
	op->queued_ns = 2051000;
	op->started_ns = 2060000;
	op->finished_ns = 2990000;
	op->pool_tid = 99;
	op->evidence = EVIDENCE_TOKEN;
	sample_run(request, op, 3000, 3100);
	stack->n_frames = 3;
	stack->frames[0] =
		(struct frame){.function = "handler", .file = "/app.js", .line = 3, .column = 9};
	stack->frames[1] = (struct frame){.function = "js"};
	stack->frames[2] = (struct frame){
		.function = "outer", .file = "/app.js", .line = 38, .kind = FRAME_ASYNC};
	op->stack = stack;
	op = sample_op(request, 0, "timer", "20", 3050, 0);
	op->tid = 4122;
	op->flags = OP_OPEN | OP_TRUNCATED;
	op->evidence = EVIDENCE_CREATED;
	op->count = 3;
	request->flags = REQUEST_ABORTED | REQUEST_LOSSY;
	return request;
}

/* Runs the sample through an exporter. The caller frees the text. */
static inline char *export(const char *format, struct export_options with,
			   const struct request *request, struct export_summary *summary)
{
	const struct exporter_ops *ops = exporter_find(format);
	struct exporter *exporter;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(ops);
	assert_non_null(out);
	assert_int_equal(ops->open(out, &with, &exporter), 0);
	if (request)
		assert_int_equal(ops->request(exporter, request), 0);
	if (request && ops->unowned)
		assert_int_equal(ops->unowned(exporter, &request->ops[1]), 0);
	assert_int_equal(ops->close(exporter, summary), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

#endif
