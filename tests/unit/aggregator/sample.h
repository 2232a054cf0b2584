/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Hand-built requests for tests. Times are given in microseconds. */
#ifndef NT_TESTS_SAMPLE_H
#define NT_TESTS_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/arena.h"
#include "aggregator/request.h"

#define SAMPLE_MAX_OPS  6000
#define SAMPLE_MAX_RUNS 8

static inline struct request *sample_request(uint64_t id, const char *method, const char *url,
					     uint64_t start_us, uint64_t end_us)
{
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	assert_non_null(request);
	request->arena = arena;
	request->id = id;
	request->serial = id;
	request->pid = 4121;
	request->tid = 4121;
	request->method = method;
	request->url = url;
	request->status = 200;
	request->start_ns = start_us * 1000;
	request->read_ns = start_us * 1000;
	request->headers_ns = start_us * 1000;
	request->sent_ns = end_us * 1000;
	request->end_ns = end_us * 1000;
	request->ops = arena_alloc(arena, SAMPLE_MAX_OPS * sizeof(struct op));
	assert_non_null(request->ops);
	request->bytes = arena_bytes(arena);
	return request;
}

/* Adds an operation; returns it, end_us 0: open. */
static inline struct op *sample_op(struct request *request, uint32_t parent, const char *type,
				   const char *detail, uint64_t start_us, uint64_t end_us)
{
	struct op *op = &request->ops[request->n_ops];

	assert_true(request->n_ops < SAMPLE_MAX_OPS);
	*op = (struct op){
		.id = 1000 * request->id + request->n_ops,
		.type = type,
		.detail = detail,
		.start_ns = start_us * 1000,
		.end_ns = end_us * 1000,
		.parent = parent,
		.count = 1,
		.evidence = EVIDENCE_CREATED,
	};
	request->n_ops++;
	request->n_ops_total++;
	return op;
}

static inline void sample_run(struct request *request, struct op *op, uint64_t start_us,
			      uint64_t end_us)
{
	if (!op->runs)
		op->runs = arena_alloc(request->arena, SAMPLE_MAX_RUNS * sizeof(*op->runs));
	assert_true(op->runs && op->n_runs < SAMPLE_MAX_RUNS);
	op->runs[op->n_runs++] = (struct span){start_us * 1000, end_us * 1000, false};
}

static inline void sample_own_run(struct request *request, uint64_t start_us, uint64_t end_us)
{
	struct op as_op = {.runs = request->runs, .n_runs = request->n_runs};

	sample_run(request, &as_op, start_us, end_us);
	request->runs = as_op.runs;
	request->n_runs = as_op.n_runs;
	request->cpu_ns += (end_us - start_us) * 1000;
}

#endif
