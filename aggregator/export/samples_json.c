/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/samples_json.h"

#include "aggregator/blame.h"
#include "aggregator/export/json_writer.h"
#include "aggregator/request.h"

static void put_number(struct json_writer *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

/* 0: null */
static void put_known(struct json_writer *json, const char *key, uint64_t value)
{
	json_key(json, key);
	if (value)
		json_uint(json, value);
	else
		json_null(json);
}

static void put_sample(struct json_writer *json, const struct request *request,
		       const struct cpu_sample *sample)
{
	const struct frame *frame = blame_frame(sample->stack);

	json_object_begin(json);
	put_known(json, "op", sample->op < request->n_ops ? request->ops[sample->op].id : 0);
	json_key(json, "fn");
	json_string(json, frame ? frame->function : NULL);
	json_key(json, "file");
	json_string(json, frame ? frame->file : NULL);
	put_known(json, "line", frame ? frame->line : 0);
	put_number(json, "count", sample->count);
	put_number(json, "cpu_ns", sample->ns);
	json_object_end(json);
}

void samples_json_put(struct json_writer *json, const struct request *request)
{
	if (!request->n_samples)
		return;
	json_key(json, "samples");
	json_array_begin(json);
	for (uint32_t i = 0; i < request->n_samples; i++)
		put_sample(json, request, &request->samples[i]);
	json_array_end(json);
}
