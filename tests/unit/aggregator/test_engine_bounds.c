/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a long time costs: open requests, threads and operations hold what is theirs, no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/engine_state.h"
#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define JOB       0xa000 /* messages */

static void token(struct trace *trace, enum nt_event_kind kind, uint64_t number)
{
	trace_plain(trace, kind, number, 0, 0);
}

/* A request, and 4,000 ids and tokens in its name. */
static void busy_request(struct trace *trace, uint64_t i)
{
	const uint64_t parser = PARSER + 2 + i, stream = STREAM + 2 + i;
	char path[32];

	(void)snprintf(path, sizeof(path), "/short-%" PRIu64, i);
	trace_request(trace, parser, stream, trace_resource(trace, "HTTPINCOMINGMESSAGE"), path);
	for (int k = 0; k < 2000; k++) {
		trace->counter += 2;
		token(trace, NT_EVENT_TOKEN_REGISTER, 1000 + i * 4000 + (uint64_t)k);
	}
	trace_stat(trace, 0x9000 + 8 * i, path);
	trace_plain(trace, NT_EVENT_WORK_DONE, 0x9000 + 8 * i, 0, 0);
	trace_respond(trace, stream, 200);
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_HANDLE_CLOSE, stream, 0, 0);
	trace->ts += 500 * MS;
}

static void check_short(struct trace *trace)
{
	for (uint32_t i = 0; i < trace->n_requests; i++) {
		const struct request *request = trace->requests[i];

		if (strcmp(request->url, "/events") != 0)
			assert_non_null(trace_op(request, request->url));
	}
}

static void test_request_that_stays_open_holds_only_what_is_its_own(void **state)
{
	const struct request *request;
	uint64_t interval, peak = 0;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/events");
	token(&trace, NT_EVENT_TOKEN_REGISTER, 7);
	interval = trace_timeout(&trace, 1000, NT_TIMER_REPEATS);
	trace_stat(&trace, 0x8000, "/first");
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x8000, 0, 0);
	trace_close(&trace, SCOPE);
	for (uint64_t i = 0; i < 100; i++) { /* a minute, 400,000 ids, 200,000 tokens */
		busy_request(&trace, i);
		if (trace_totals(&trace).memory > peak)
			peak = trace_totals(&trace).memory;
	}
	assert_true(peak < 32 << 20);
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	token(&trace, NT_EVENT_TOKEN_RUN, 7);
	trace_stat(&trace, 0x8008, "/of-token");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace.exec = interval;
	trace.trigger = PARSER_ID;
	trace_stat(&trace, 0x8010, "/of-id");
	trace.exec = trace.trigger = 0;
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 101);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	check_short(&trace);
	request = trace_find(&trace, "/events");
	assert_int_equal(request->flags, 0);
	assert_non_null(trace_op(request, "/first"));
	assert_non_null(trace_op(request, "/of-token"));
	assert_non_null(trace_op(request, "/of-id"));
	trace_done(&trace);
}

/* Each is a worker that lives for a tenth of a second, and answers to a message. */
static void test_threads_that_ended_are_forgotten(void **state)
{
	struct trace trace;
	uint32_t seq = 0;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/long");
	for (uint32_t i = 0; i < 3000; i++) {
		struct event event;

		trace.ts += 100 * MS;
		trace_plain(&trace, NT_EVENT_PORT_POST, JOB + i, 0, 0);
		event = trace_event(&trace, NT_EVENT_PORT_RECEIVE);
		event.a = JOB + i;
		seq = event.seq;
		event.tid = 1000 + i;
		event.seq = 0;
		trace.seq = seq;
		trace_feed(&trace, &event);
		assert_true(HASH_COUNT(trace.engine->threads) <= 300);
	}
	trace_stat(&trace, 0x9000, "/still");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	assert_int_equal(trace_totals(&trace).lost, 0);
	trace_finish(&trace);
	assert_non_null(trace_op(trace.requests[0], "/still"));
	trace_done(&trace);
}

static void test_ended_operations_beyond_the_limit_are_folded_while_it_runs(void **state)
{
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/many");
	for (uint64_t i = 0; i < 5000; i++) {
		trace_stat(&trace, 0x9000 + i, "/x");
		trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	assert_true(HASH_COUNT(trace.engine->ops) < 1000);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops_total, 5000);
	assert_int_equal(request->n_ops, 5);
	assert_int_equal(request->ops[4].count, 4996);
	assert_int_equal(request->ops[4].flags, OP_FOLDED);
	assert_true(request->ops[4].start_ns < request->ops[4].end_ns);
	assert_true(request->ops[4].end_ns < request->end_ns);
	assert_int_equal(trace_totals(&trace).ops, 5000);
	trace_done(&trace);
}

static void test_open_operations_are_kept_while_the_ended_are_folded(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 4);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/slow");
	for (uint64_t i = 0; i < 1000; i++) {
		trace_stat(&trace, 0x9000 + i, "/x");
		if (i != 500)
			trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 100 * MS);
	assert_int_equal(trace.n_requests, 0); /* waits for it */
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + 500, 0, 0);
	trace_pass(&trace, 20 * MS);
	assert_int_equal(trace.n_requests, 0); /* its callback may start more */
	trace_pass(&trace, 40 * MS);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->n_ops_total, 1000);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_that_stays_open_holds_only_what_is_its_own),
		cmocka_unit_test(test_threads_that_ended_are_forgotten),
		cmocka_unit_test(test_ended_operations_beyond_the_limit_are_folded_while_it_runs),
		cmocka_unit_test(test_open_operations_are_kept_while_the_ended_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
