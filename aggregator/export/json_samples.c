/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/json_samples.h"

#include "aggregator/blame.h"
#include "aggregator/export/json_writer.h"
#include "aggregator/request.h"

static void put_sample(struct json_writer *json, const struct request *request,
		       const struct cpu_sample *sample)
{
	const struct frame *frame = blame_frame(sample->stack);

	json_object_begin(json);
	json_put_known(json, "op", sample->op < request->n_ops ? request->ops[sample->op].id : 0);
	json_put_string(json, "fn", frame ? frame->function : NULL);
	json_put_string(json, "file", frame ? frame->file : NULL);
	json_put_line(json, frame ? frame->line : 0, frame && frame->of_function);
	json_put_uint(json, "count", sample->count);
	json_put_uint(json, "cpu_ns", sample->ns);
	json_object_end(json);
}

void json_put_samples(struct json_writer *json, const struct request *request)
{
	if (!request->n_samples)
		return;
	json_key(json, "samples");
	json_array_begin(json);
	for (uint32_t i = 0; i < request->n_samples; i++)
		put_sample(json, request, &request->samples[i]);
	json_array_end(json);
}
