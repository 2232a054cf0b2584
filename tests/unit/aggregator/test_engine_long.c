/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Long runs: ids, tokens and the gaps between events take memory for the requests that are open, and not for
 * those that were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "aggregator/engine_state.h"
#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define FOREVER   0x3000 /* the connection of the request that stays open */
#define AWAITS    20     /* of each request */
#define WARM      2000   /* requests until everything has its size */
#define LONG      20000
#define SPARE     (512 << 10) /* bytes: pages that are begun, arrays that doubled */

static struct engine_thread *thread_of(const struct trace *trace)
{
	assert_non_null(trace->engine->threads);
	return trace->engine->threads;
}

/* One microtask: runs a token, and registers the next. */
static void await(struct trace *trace, uint64_t *token)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, *token, 0, 0);
	trace->counter += 2; /* ticks, or whatever else JavaScript makes */
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, ++*token, 0, 0);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
}

/* Its handler awaits, and asks for a file in the last continuation. */
static void one_request(struct trace *trace, uint64_t *token)
{
	uint32_t n = trace->n_requests;

	trace_request(trace, PARSER, STREAM, PARSER_ID, "/one");
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, ++*token, 0, 0);
	trace_close(trace, SCOPE);
	for (int i = 0; i < AWAITS; i++)
		await(trace, token);
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, *token, 0, 0);
	trace_stat(trace, 0x9000, "/mine");
	trace_plain(trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_respond(trace, STREAM, 200);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_pass(trace, 2 * MS);
	while (trace->n_requests > n) {
		assert_non_null(trace_op(trace->requests[n], "/mine"));
		request_free(trace->requests[--trace->n_requests]);
	}
}

static void many_requests(struct trace *trace, uint64_t *token, int n)
{
	for (int i = 0; i < n; i++)
		one_request(trace, token);
}

/* After many more requests no more is held than after the first ones. */
static void assert_memory_is_flat(struct trace *trace, uint64_t *token)
{
	const struct engine_thread *thread;
	uint64_t memory;
	size_t gaps, tokens;

	many_requests(trace, token, WARM);
	thread = thread_of(trace);
	memory = trace_totals(trace).memory;
	gaps = thread->n_gaps;
	tokens = paged_bytes(&thread->tokens);
	many_requests(trace, token, LONG);
	assert_true(trace_totals(trace).memory <= memory + SPARE);
	assert_true(thread->n_gaps <= 2 * gaps + 8192);
	assert_true(paged_bytes(&thread->tokens) <= tokens + SPARE);
	assert_int_equal(trace_totals(trace).forgotten, 0);
}

static void test_ids_tokens_and_gaps_are_those_of_open_requests(void **state)
{
	struct trace trace;
	uint64_t token = 0;

	(void)state;
	trace_init(&trace, 100);
	assert_memory_is_flat(&trace, &token);
	trace_done(&trace);
}

/* One that stays open, as a stream of events, keeps what is its own and nothing of the others'. */
static void test_a_request_that_stays_open_does_not_keep_what_is_of_others(void **state)
{
	uint64_t token = 0, its_own;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, FOREVER, FOREVER + 8, PARSER_ID + 1, "/forever");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, ++token, 0, 0);
	its_own = token;
	trace_close(&trace, SCOPE);
	trace.ts += 20000 * MS; /* longer open than most */
	engine_tick(trace.engine, trace.ts);
	assert_memory_is_flat(&trace, &token);

	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, its_own, 0, 0);
	trace_stat(&trace, 0x9100, "/still");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/forever"), "/still"));
	trace_done(&trace);
}

/* It awaited very often while it was open; what it registered first still waits. */
static void test_continuations_that_ran_leave_room_for_those_that_wait(void **state)
{
	uint64_t token = 0, waits;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, FOREVER, FOREVER + 8, PARSER_ID, "/forever");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, ++token, 0, 0);
	waits = token;
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, ++token, 0, 0);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 20000 * MS);
	for (int i = 0; i < 200000; i++)
		await(&trace, &token);
	assert_true(trace_totals(&trace).memory < 48 << 20);

	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, waits, 0, 0);
	trace_stat(&trace, 0x9100, "/first");
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, token, 0, 0);
	trace_stat(&trace, 0x9200, "/last");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/forever"), "/first"));
	assert_non_null(trace_op(trace_find(&trace, "/forever"), "/last"));
	trace_done(&trace);
}

/* What a continuation registered long ago is still its request's, though it has run and is forgotten. */
static void test_what_was_registered_by_one_that_ran_keeps_its_owner(void **state)
{
	uint64_t token = 0, waits;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, FOREVER, FOREVER + 8, PARSER_ID, "/forever");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, ++token, 0, 0);
	trace_close(&trace, SCOPE);
	for (int i = 0; i < PAGED_RECORDS - 1;
	     i++) /* the one that waits is the first of its page */
		await(&trace, &token);
	waits = token;
	trace_pass(&trace, 20000 * MS);
	for (int i = 0; i < 60000; i++) { /* others' ids: nothing is registered */
		trace.counter += 2;
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	}
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_TOKEN_RUN, waits, 0, 0);
	trace_stat(&trace, 0x9100, "/still");
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_finish(&trace);
	assert_non_null(trace_op(trace_find(&trace, "/forever"), "/still"));
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_tokens_and_gaps_are_those_of_open_requests),
		cmocka_unit_test(test_a_request_that_stays_open_does_not_keep_what_is_of_others),
		cmocka_unit_test(test_continuations_that_ran_leave_room_for_those_that_wait),
		cmocka_unit_test(test_what_was_registered_by_one_that_ran_keeps_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
