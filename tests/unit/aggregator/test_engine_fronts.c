/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which jobs were in front of one that waited for a thread of the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/label.h"

#include "aggregator/trace.h"

#define STREAM 0x2000
#define WORK   0x9000
#define POOL   2 /* threads of the pool */
#define OTHER  3

static const struct stack here = {.n_frames = 0};

/* A request that submits a job of this type and waits for it. Its number tells its parser, stream and so on. */
static void submit(struct trace *trace, uint64_t number, const char *url, const char *wrap)
{
	uint64_t id;
	struct event event;

	trace_request(trace, 0x1000 + number, STREAM + number, 50 + number, url);
	id = trace_resource(trace, wrap);
	event = trace_event(trace, NT_EVENT_WORK_SUBMIT);
	event.a = WORK + number;
	event.c = id;
	event.arg = NT_WORK_QUEUED;
	event.stack = &here;
	trace_feed(trace, &event);
	trace_close(trace, 0x7000);
}

static void on_pool(struct trace *trace, uint32_t tid, enum nt_event_kind kind, uint64_t number,
		    uint64_t after_ns)
{
	struct event event;

	trace->ts += after_ns;
	trace_thread(trace, tid);
	event = trace_event(trace, kind);
	event.has_ids = false;
	event.a = WORK + number;
	trace_feed(trace, &event);
	trace_thread(trace, 1);
}

static void done(struct trace *trace, uint64_t number)
{
	struct event event = trace_event(trace, NT_EVENT_WORK_DONE);

	event.a = WORK + number;
	trace_feed(trace, &event);
	trace_respond(trace, STREAM + number, 200);
}

static const struct op *job_of(const struct trace *trace, const char *url)
{
	const struct request *request = trace_find(trace, url);

	assert_non_null(request);
	assert_int_equal(request->n_ops, 1);
	return &request->ops[0];
}

static void expect_front(const struct trace *trace, const struct op *op, uint32_t i,
			 const char *url, const char *job)
{
	const struct op_front *front = &op->fronts[i];

	assert_true(i < op->n_fronts);
	assert_true(front->start_ns >= op->queued_ns && front->end_ns <= op->started_ns);
	assert_int_equal(front->request, url ? trace_find(trace, url)->serial : 0);
	assert_int_equal(front->op, url ? job_of(trace, url)->id : 0);
	if (job)
		assert_string_equal(front->job, job);
	else
		assert_null(front->job);
	assert_ptr_equal(front->stack, url ? &here : NULL);
}

/* What of the queue's time is whose, nanosecond by nanosecond. */
static void expect_queued(const struct request *request, uint64_t culprit, uint64_t ns)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < request->n_labels; i++)
		if (request->labels[i].label == LABEL_POOL_QUEUE &&
		    request->labels[i].culprit == culprit)
			sum += request->labels[i].end_ns - request->labels[i].start_ns;
	assert_int_equal(sum, ns);
}

/* Two hashes of different requests one after the other, then the victim's job. */
static void test_those_that_had_the_thread_are_in_front(void **state)
{
	const struct op *op, *first, *second;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	submit(&trace, 1, "/first", "PBKDF2REQUEST");
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 1, 0);
	submit(&trace, 2, "/second", "RANDOMBYTESREQUEST");
	submit(&trace, 3, "/victim", "ZLIB");
	submit(&trace, 4, "/elsewhere", "SCRYPTREQUEST");
	on_pool(&trace, OTHER, NT_EVENT_WORK_START, 4, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 1, 10 * MS);
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 2, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 2, 5 * MS);
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 3, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 3, MS);
	on_pool(&trace, OTHER, NT_EVENT_WORK_END, 4, MS);
	for (uint64_t i = 1; i <= 4; i++)
		done(&trace, i);
	trace_finish(&trace);

	op = job_of(&trace, "/victim");
	first = job_of(&trace, "/first");
	second = job_of(&trace, "/second");
	assert_int_equal(op->n_fronts, 2);
	assert_false(op->fronts_cut);
	expect_front(&trace, op, 0, "/first", "crypto pbkdf2");
	expect_front(&trace, op, 1, "/second", "crypto randomBytes");
	assert_int_equal(op->fronts[0].start_ns, op->queued_ns);
	assert_int_equal(op->fronts[0].end_ns, first->finished_ns);
	assert_int_equal(op->fronts[1].start_ns, second->started_ns);
	assert_int_equal(job_of(&trace, "/first")->n_fronts, 0);
	assert_int_equal(job_of(&trace, "/elsewhere")->n_fronts, 0);
	trace_done(&trace);
}

static void test_the_queue_is_blamed_on_them(void **state)
{
	const struct request *request;
	struct trace trace;
	const struct op *op;

	(void)state;
	trace_init(&trace, 100);
	submit(&trace, 1, "/first", "PBKDF2REQUEST");
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 1, 0);
	submit(&trace, 2, "/victim", "ZLIB");
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 1, 10 * MS);
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 2, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 2, MS);
	done(&trace, 1);
	trace_scope(&trace, 0x7000, 50 + 2, 1, 0); /* of its parser: where it goes on */
	done(&trace, 2);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace_find(&trace, "/victim");
	op = &request->ops[0];
	assert_int_equal(op->n_fronts, 1);
	expect_queued(request, trace_find(&trace, "/first")->serial,
		      op->fronts[0].end_ns - request->runs[0].end_ns);
	for (uint32_t i = 0; i < request->n_labels; i++)
		if (request->labels[i].culprit)
			assert_string_equal(request->labels[i].job, "crypto pbkdf2");
	trace_done(&trace);
}

/* It had the thread when the trace began: whose it is nobody knows, but that there was one. */
static void test_a_job_older_than_the_trace(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	submit(&trace, 1, "/victim", "ZLIB");
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 77, 10 * MS);
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 1, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 1, MS);
	done(&trace, 1);
	trace_finish(&trace);

	op = job_of(&trace, "/victim");
	assert_int_equal(op->n_fronts, 1);
	expect_front(&trace, op, 0, NULL, NULL);
	assert_int_equal(op->fronts[0].start_ns, op->queued_ns);
	trace_done(&trace);
}

/* More jobs than are remembered: the longest stay, in order, and it says that there were more. */
static void test_a_long_queue_is_bounded(void **state)
{
	const struct op *op;
	struct trace trace;
	uint32_t n_long = 0;

	(void)state;
	trace_init(&trace, 100);
	submit(&trace, 5, "/victim", "ZLIB");
	for (uint64_t i = 0; i < 100; i++) {
		on_pool(&trace, POOL, NT_EVENT_WORK_START, 300 + i, 0);
		on_pool(&trace, POOL, NT_EVENT_WORK_END, 300 + i, i % 5 ? MS : 20 * MS);
	}
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 5, 0);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 5, MS);
	done(&trace, 5);
	trace_finish(&trace);

	op = job_of(&trace, "/victim");
	assert_int_equal(op->n_fronts, OP_MAX_FRONTS);
	assert_true(op->fronts_cut);
	for (uint32_t i = 0; i < op->n_fronts; i++) {
		assert_true(!i || op->fronts[i].start_ns >= op->fronts[i - 1].end_ns);
		n_long += op->fronts[i].end_ns - op->fronts[i].start_ns >= 20 * MS;
	}
	assert_int_equal(n_long, 12); /* of the last 64 */
	trace_done(&trace);
}

/* A hole in what the thread told: what it had before is not taken for what it has now. */
static void test_lost_events_name_nobody(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	submit(&trace, 1, "/first", "PBKDF2REQUEST");
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 1, 0);
	submit(&trace, 2, "/victim", "ZLIB");
	trace.others[POOL].seq += 2;
	on_pool(&trace, POOL, NT_EVENT_WORK_START, 2, 10 * MS);
	on_pool(&trace, POOL, NT_EVENT_WORK_END, 2, MS);
	done(&trace, 1);
	done(&trace, 2);
	trace_finish(&trace);

	op = job_of(&trace, "/victim");
	assert_int_equal(op->n_fronts, 0);
	assert_true(op->fronts_cut);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_those_that_had_the_thread_are_in_front),
		cmocka_unit_test(test_the_queue_is_blamed_on_them),
		cmocka_unit_test(test_a_job_older_than_the_trace),
		cmocka_unit_test(test_a_long_queue_is_bounded),
		cmocka_unit_test(test_lost_events_name_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
