/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tests/fuzz/sink.h"

#include <stdio.h>

#include "aggregator/export/exporter.h"
#include "aggregator/folded.h"
#include "symbolizer/base.h"
#include "tests/fuzz/fuzz.h"

#define MAX_MEMORY (8ULL << 20)
#define MAX_PATHS  64

static const char *const formats[] = {"text", "ndjson", "folded"};

struct sink {
	FILE *null;
	const struct exporter_ops *ops[ARRAY_SIZE(formats)];
	struct exporter *exporters[ARRAY_SIZE(formats)];
	struct folded *folded[FOLDED_METRIC_COUNT];
	uint64_t requests;
	uint64_t unowned;
};

static struct sink sink;

static void check_op(const struct request *request, uint32_t i)
{
	const struct op *op = &request->ops[i];

	must(op->type && op->detail && op->count > 0);
	must(op->parent == OP_PARENT_REQUEST || op->parent < i);
	must(op->evidence < EVIDENCE_COUNT);
	must(!op->n_runs || op->runs);
}

static void on_request(void *user, struct request *request)
{
	(void)user;
	sink.requests++;
	must(request->method && request->url && request->end_ns >= request->start_ns);
	for (uint32_t i = 0; i < request->n_ops; i++)
		check_op(request, i);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		must(!sink.ops[i]->request(sink.exporters[i], request));
	for (unsigned int i = 0; i < FOLDED_METRIC_COUNT; i++)
		must(!folded_add(sink.folded[i], request));
	request_free(request);
}

static void on_unowned(void *user, const struct op *op)
{
	(void)user;
	sink.unowned++;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (sink.ops[i]->wants_unowned)
			must(!sink.ops[i]->unowned(sink.exporters[i], op));
}

static void open_outputs(void)
{
	const struct export_options options = {.start_ns = 1};

	sink = (struct sink){.null = fopen("/dev/null", "we")};
	must(sink.null);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		sink.ops[i] = exporter_find(formats[i]);
		must(sink.ops[i] && !sink.ops[i]->open(sink.null, &options, &sink.exporters[i]));
	}
	for (unsigned int i = 0; i < FOLDED_METRIC_COUNT; i++)
		must(!folded_new((enum folded_metric)i, MAX_PATHS, &sink.folded[i]));
}

struct engine *sink_engine(uint32_t max_ops)
{
	const struct engine_options options = {
		.pid = 1,
		.max_ops = max_ops,
		.linger_ns = NS_PER_SEC,
		.max_memory = MAX_MEMORY,
		.keep_unowned = true,
	};
	const struct engine_output output = {.on_request = on_request, .on_unowned = on_unowned};
	struct engine *engine;

	open_outputs();
	must(!engine_new(&options, &output, &engine));
	return engine;
}

void sink_finish(struct engine *engine, uint64_t now_ns)
{
	struct export_summary summary = {.node_version = "", .target = ""};
	uint64_t sum;

	engine_finish(engine, now_ns);
	engine_totals(engine, &summary.totals);
	must(summary.totals.requests == sink.requests && summary.totals.requests_open == 0);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		must(!sink.ops[i]->close(sink.exporters[i], &summary));
	for (unsigned int i = 0; i < FOLDED_METRIC_COUNT; i++) {
		must(!folded_write(sink.folded[i], sink.null, &sum));
		folded_free(sink.folded[i]);
	}
	must(!fclose(sink.null));
	engine_free(engine);
}
