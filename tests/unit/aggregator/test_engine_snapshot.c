/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define MAX       8

static const struct engine_snapshot_limits all = {.max_requests = MAX, .max_ops = 1000};

static void free_all(struct request **requests, size_t n)
{
	while (n)
		request_free(requests[--n]);
}

static void test_open_request_is_copied_with_what_waits(void **state)
{
	struct request *requests[MAX];
	const struct request *request;
	struct trace trace;
	uint64_t id;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/nested");
	id = trace_stat(&trace, 0x9000, "/outer");
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_scope(&trace, 0x7100, id, PARSER_ID, 0);
	trace_stat(&trace, 0x9000, "/inner");
	trace_close(&trace, 0x7100);

	assert_int_equal(engine_snapshot(trace.engine, &all, requests), 1);
	request = requests[0];
	assert_string_equal(request->url, "/nested");
	assert_int_equal(request->flags, REQUEST_OPEN);
	assert_int_equal(request->status, 0);
	assert_int_equal(request->end_ns, trace.ts);
	assert_int_equal(request->n_ops, 2);
	assert_string_equal(request->ops[0].detail, "/outer");
	assert_int_equal(request->ops[0].flags, 0);
	assert_string_equal(request->ops[1].detail, "/inner");
	assert_int_equal(request->ops[1].parent, 0);
	assert_int_equal(request->ops[1].flags, OP_OPEN);
	assert_true(request->cpu_ns > 0);

	/* It lives on its own, and looking has changed nothing. */
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_ops, 2);
	assert_int_equal(trace.requests[0]->flags, 0);
	assert_int_equal(trace.requests[0]->status, 200);
	trace_done(&trace);
	assert_string_equal(request->url, "/nested");
	assert_string_equal(request->ops[1].detail, "/inner");
	free_all(requests, 1);
}

static void test_young_ones_and_those_beyond_the_limit_are_left_out(void **state)
{
	struct engine_snapshot_limits limits = all;
	struct request *requests[MAX];
	struct trace trace;
	uint64_t i;

	(void)state;
	trace_init(&trace, 100);
	for (i = 0; i < 5; i++) {
		trace_request(&trace, PARSER + i, STREAM + i, PARSER_ID + i, i < 3 ? "/a" : "/b");
		trace_close(&trace, 0x7000);
		trace.ts += (i == 2 ? 50 : 1) * MS;
	}
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	limits.min_age_ns = 40 * MS;
	assert_int_equal(engine_snapshot(trace.engine, &limits, requests), 3);
	assert_string_equal(requests[2]->url, "/a");
	free_all(requests, 3);
	limits.max_requests = 2;
	assert_int_equal(engine_snapshot(trace.engine, &limits, requests), 2);
	assert_true(requests[0]->start_ns < requests[1]->start_ns);
	free_all(requests, 2);
	trace_finish(&trace);
	trace_done(&trace);
}

static void test_operations_beyond_the_limit_are_counted(void **state)
{
	struct engine_snapshot_limits limits = all;
	struct request *requests[MAX];
	struct trace trace;
	uint64_t i;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/many");
	for (i = 0; i < 7; i++)
		trace_stat(&trace, 0x9000 + i, "/x");
	trace_close(&trace, 0x7000);
	limits.max_ops = 3;
	assert_int_equal(engine_snapshot(trace.engine, &limits, requests), 1);
	assert_int_equal(requests[0]->n_ops, 3);
	assert_int_equal(requests[0]->n_ops_total, 7);
	assert_int_equal(requests[0]->flags, REQUEST_OPEN | REQUEST_FOLDED);
	free_all(requests, 1);
	trace_finish(&trace);
	trace_done(&trace);
}

/* A pool's idle timer holds the request back for a while; whoever looks meanwhile sees what will be handed out. */
static void test_answered_request_has_its_labels_and_is_not_open(void **state)
{
	struct request *requests[MAX];
	struct trace trace;
	uint64_t label_ns = 0;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/pooled");
	assert_int_equal(trace_totals(&trace).requests_open, 1);
	trace_timeout(&trace, 10000, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace.ts += 10 * MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);

	assert_int_equal(trace.n_requests, 0);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	assert_int_equal(engine_snapshot(trace.engine, &all, requests), 1);
	assert_int_equal(requests[0]->flags & REQUEST_OPEN, 0);
	assert_true(requests[0]->n_labels > 0);
	for (int i = 0; i < LABEL_COUNT; i++)
		label_ns += requests[0]->label_ns[i];
	assert_int_equal(label_ns, requests[0]->end_ns - requests[0]->start_ns);
	free_all(requests, 1);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	trace_done(&trace);
}

static void test_nothing_open_gives_nothing(void **state)
{
	struct request *requests[MAX];
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	assert_int_equal(engine_snapshot(trace.engine, &all, requests), 0);
	trace_finish(&trace);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_request_is_copied_with_what_waits),
		cmocka_unit_test(test_young_ones_and_those_beyond_the_limit_are_left_out),
		cmocka_unit_test(test_operations_beyond_the_limit_are_counted),
		cmocka_unit_test(test_answered_request_has_its_labels_and_is_not_open),
		cmocka_unit_test(test_nothing_open_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
