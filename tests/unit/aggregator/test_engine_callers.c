/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What calls the closures of many: the first request that needed a limiter made what it runs when a job has ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/engine_births.h"
#include "aggregator/trace.h"

#define POOL_ID  90 /* of a connection that was there before */
#define OWN      (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)
#define SPILLED  (NT_BIRTH_INLINED | NT_SIGHT_FRAME)
#define REQUESTS 3
#define DONE     9 /* the function that the first request's closure of the limiter is */

static const char *const urls[REQUESTS] = {"/first", "/second", "/third"};

/* Requests that are open at once, and a handle of the second's and the third's. */
struct limiter {
	struct trace trace;
	uint32_t
		born[REQUESTS]; /* sequence numbers of the gaps in which their closures were made */
	uint64_t handle[REQUESTS];
};

/* A job for a handle, in the scope that is open; births on its stack, innermost first, each as the function of its
 * index + DONE among the requests. */
static void job(struct limiter *limiter, uint32_t of, const char *path, uint32_t n,
		const uint32_t *requests)
{
	struct trace *trace = &limiter->trace;
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = 0x9000 + trace->seq;
	event.b = 6 + 1;
	event.c = limiter->handle[of];
	event.arg = NT_WORK_FS;
	event.n_births = n;
	for (uint32_t i = 0; i < n; i++) {
		event.birth_kinds |= OWN << 4 * i;
		event.births[i] = event.seq - limiter->born[requests[i]];
		event.birth_functions[i] = DONE + requests[i];
	}
	trace_text(&event, path);
	trace_feed(trace, &event);
}

static void begin(struct limiter *limiter)
{
	struct trace *trace = &limiter->trace;

	memset(limiter, 0, sizeof(*limiter));
	trace_init(trace, 100);
	for (uint32_t i = 0; i < 2; i++) { /* the connection serves many, and is seen to */
		trace_scope(trace, 0x8000, POOL_ID, 0, 0);
		trace_close(trace, 0x8000);
	}
	for (uint32_t i = 0; i < REQUESTS; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, urls[i]);
		limiter->born[i] = trace->seq;
		limiter->handle[i] = trace_resource(trace, "ZLIB");
		job(limiter, i, "/of its own", 0, NULL);
		job(limiter, i, "/another", 0, NULL);
		trace_close(trace, 0x7000);
	}
}

static void open_pool(struct limiter *limiter)
{
	trace_scope(&limiter->trace, 0x8000, POOL_ID, 0, 0);
}

static void close_pool(struct limiter *limiter)
{
	trace_close(&limiter->trace, 0x8000);
}

/* An operation whose stack tells closures of these requests, innermost first. */
static void stat_seeing(struct limiter *limiter, const char *path, uint32_t n,
			const uint32_t *requests)
{
	struct event event = trace_stat_event(&limiter->trace, path, n);

	for (uint32_t i = 0; i < n; i++) {
		event.birth_kinds |= OWN << 4 * i;
		event.births[i] = event.seq - limiter->born[requests[i]];
		event.birth_functions[i] = DONE + requests[i];
	}
	trace_feed(&limiter->trace, &event);
}

/* The first one's closure calls that of the second and of the third, in one run or in two. */
static void call_both(struct limiter *limiter, bool at_once)
{
	open_pool(limiter);
	stat_seeing(limiter, "/a", 2, (const uint32_t[]){1, 0});
	if (!at_once) {
		close_pool(limiter);
		open_pool(limiter);
	}
	stat_seeing(limiter, "/b", 2, (const uint32_t[]){2, 0});
	close_pool(limiter);
}

static bool has(const struct limiter *limiter, uint32_t request, const char *path)
{
	return trace_op(trace_find(&limiter->trace, urls[request]), path);
}

static void assert_nobodys(const struct limiter *limiter, const char *path)
{
	for (uint32_t i = 0; i < REQUESTS; i++)
		assert_false(has(limiter, i, path));
}

static void test_what_calls_closures_of_others_tells_nobody(void **state)
{
	struct limiter limiter;

	(void)state;
	begin(&limiter);
	call_both(&limiter, false);
	open_pool(&limiter);
	stat_seeing(&limiter, "/c", 1, (const uint32_t[]){0});
	close_pool(&limiter);
	trace_answer_all(&limiter.trace, REQUESTS);
	assert_true(has(&limiter, 1, "/a"));
	assert_true(has(&limiter, 2, "/b"));
	assert_nobodys(&limiter, "/c");
	trace_done(&limiter.trace);
}

/* As a request's own loop over those who wait for it does. */
static void test_a_loop_over_others_is_ones_own(void **state)
{
	struct limiter limiter;

	(void)state;
	begin(&limiter);
	call_both(&limiter, true);
	open_pool(&limiter);
	stat_seeing(&limiter, "/c", 1, (const uint32_t[]){0});
	close_pool(&limiter);
	trace_answer_all(&limiter.trace, REQUESTS);
	assert_true(has(&limiter, 0, "/c"));
	trace_done(&limiter.trace);
}

/* The same other one again and again is not many. */
static void test_what_calls_one_other_is_ones_own(void **state)
{
	struct limiter limiter;

	(void)state;
	begin(&limiter);
	for (uint32_t i = 0; i < 3; i++) {
		open_pool(&limiter);
		stat_seeing(&limiter, "/a", 2, (const uint32_t[]){1, 0});
		close_pool(&limiter);
	}
	open_pool(&limiter);
	stat_seeing(&limiter, "/c", 1, (const uint32_t[]){0});
	close_pool(&limiter);
	trace_answer_all(&limiter.trace, REQUESTS);
	assert_true(has(&limiter, 0, "/c"));
	trace_done(&limiter.trace);
}

static void test_where_the_ids_say_the_same_it_is_that_ones(void **state)
{
	struct limiter limiter;
	struct trace *trace = &limiter.trace;

	(void)state;
	begin(&limiter);
	call_both(&limiter, false);
	trace_scope(trace, 0x8000, limiter.handle[0], 0, 0);
	stat_seeing(&limiter, "/c", 1, (const uint32_t[]){0});
	trace_close(trace, 0x8000);
	trace_answer_all(trace, REQUESTS);
	assert_true(has(&limiter, 0, "/c"));
	trace_done(trace);
}

/* A job of the second's has ended; what hands on the next was made by one that is over. Whose it is, and what comes of
 * it, nobody knows: neither by the job that ended, nor by what is made while the next one begins. */
static void test_what_is_handed_on_is_not_of_the_job_that_ended(void **state)
{
	struct limiter limiter;
	struct trace *trace = &limiter.trace;

	(void)state;
	begin(&limiter);
	call_both(&limiter, false);
	trace_respond(trace, 0x2000, 200);
	trace_pass(trace, 2000 * MS);
	trace_scope(trace, 0x8000, limiter.handle[1], 0, 0);
	job(&limiter, 2, "/next", 1, (const uint32_t[]){0});
	limiter.born[0] = trace->seq - 1; /* made in there */
	trace_close(trace, 0x8000);
	trace_scope(trace, 0x8000, limiter.handle[2], 0, 0);
	stat_seeing(&limiter, "/of the next", 1, (const uint32_t[]){0});
	trace_close(trace, 0x8000);
	trace_respond(trace, 0x2001, 200);
	trace_respond(trace, 0x2002, 200);
	trace_finish(trace);
	assert_nobodys(&limiter, "/next");
	assert_nobodys(&limiter, "/of the next");
	trace_done(trace);
}

/* A slot alone is too little against the ids; the frame's own closure is enough, also where a slot says the same. */
static void test_a_slot_that_says_the_same_is_no_doubt(void **state)
{
	struct limiter limiter;
	struct trace *trace = &limiter.trace;
	uint32_t born[2];

	(void)state;
	begin(&limiter);
	born[0] = born[1] = limiter.born[1];
	trace_scope(trace, 0x8000, limiter.handle[0], 0, 0);
	trace_stat_seeing(trace, "/slot", 1, born, SPILLED, 0);
	trace_stat_seeing(trace, "/both", 2, born, SPILLED | NT_BIRTH_CONTEXT << 4, 5);
	trace_close(trace, 0x8000);
	trace_answer_all(trace, REQUESTS);
	assert_nobodys(&limiter, "/slot");
	assert_true(has(&limiter, 1, "/both"));
	trace_done(trace);
}

/* The ids may come to know better for whom a function ran: that is no second one. */
static void test_a_run_counts_for_one(void **state)
{
	struct limiter limiter;
	struct engine_thread *thread;
	uint64_t number;

	(void)state;
	begin(&limiter);
	thread = limiter.trace.engine->threads;
	number = thread->serial - (limiter.trace.seq - limiter.born[0]) + 1;
	birth_runs_for(thread, number, 7, 2, 10);
	birth_runs_for(thread, number, 7, 3, 10);
	assert_false(birth_is_shared(thread, number, 7));
	birth_runs_for(thread, number, 7, 3, 11);
	assert_false(birth_is_shared(thread, number, 7));
	birth_runs_for(thread, number, 7, 2, 12);
	assert_true(birth_is_shared(thread, number, 7));
	trace_answer_all(&limiter.trace, REQUESTS);
	trace_done(&limiter.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_calls_closures_of_others_tells_nobody),
		cmocka_unit_test(test_a_loop_over_others_is_ones_own),
		cmocka_unit_test(test_what_calls_one_other_is_ones_own),
		cmocka_unit_test(test_where_the_ids_say_the_same_it_is_that_ones),
		cmocka_unit_test(test_what_is_handed_on_is_not_of_the_job_that_ended),
		cmocka_unit_test(test_a_slot_that_says_the_same_is_no_doubt),
		cmocka_unit_test(test_a_run_counts_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
