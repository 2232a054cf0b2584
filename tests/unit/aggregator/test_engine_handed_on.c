/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Handles that serve several requests: where a job has ended, the next that waits is handed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define OWN (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

/* Two requests that are open at once, a handle that both use, and one of the second's own. */
struct shared {
	struct trace trace;
	uint32_t born[2]; /* sequence numbers of the gaps in which their closures were made */
	uint64_t handle, other;
};

/* A job for a handle, from a stack with such a closure; 0 none. Its path stands for it. */
static void job(struct trace *trace, uint64_t handle, const char *path, uint32_t born)
{
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = 0x9000 + trace->seq;
	event.b = 6 + 1;
	event.c = handle;
	event.arg = NT_WORK_FS;
	event.n_births = born != 0;
	event.birth_kinds = OWN;
	event.births[0] = event.seq - born;
	event.birth_functions[0] = 1;
	trace_text(&event, path);
	trace_feed(trace, &event);
}

static void begin(struct shared *shared, bool both)
{
	struct trace *trace = &shared->trace;

	memset(shared, 0, sizeof(*shared));
	trace_init(trace, 100);
	for (uint32_t i = 0; i < 2; i++) {
		trace_request(trace, 0x1000 + i, 0x2000 + i, 50 + i, i ? "/second" : "/first");
		shared->born[i] = trace->seq;
		if (!i)
			shared->handle = trace_resource(trace, "ZLIB");
		else
			shared->other = trace_resource(trace, "ZLIB");
		if (i)
			job(trace, shared->other, "/other", 0);
		if (!i || both)
			job(trace, shared->handle, i ? "/second's" : "/first's", 0);
		trace_close(trace, 0x7000);
	}
	for (uint32_t i = 0; !both && i < 2; i++) { /* the first alone gives another */
		trace_scope(trace, 0x7000, 50, 1, NT_SCOPE_SKIP_TASK_QUEUES);
		job(trace, shared->handle, "/again", 0);
		trace_close(trace, 0x7000);
	}
}

static void end(struct shared *shared)
{
	trace_answer_all(&shared->trace, 2);
}

static const struct op *op_of(const struct shared *shared, const char *url, const char *path)
{
	return trace_op(trace_find(&shared->trace, url), path);
}

/* As the sender of a connection does: what it left on the stack is of the frame that was sent. */
static void test_the_next_job_of_a_shared_handle_is_nobodys(void **state)
{
	struct shared shared;

	(void)state;
	begin(&shared, true);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	job(&shared.trace, shared.handle, "/next", shared.born[1]);
	trace_close(&shared.trace, 0x8000);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	trace_stat(&shared.trace, 0x9900, "/of the next");
	trace_close(&shared.trace, 0x8000);
	end(&shared);
	assert_null(op_of(&shared, "/first", "/next"));
	assert_null(op_of(&shared, "/second", "/next"));
	assert_null(op_of(&shared, "/second", "/of the next"));
	assert_int_equal(shared.trace.n_unowned, 2);
	trace_done(&shared.trace);
}

/* No code of the application's on the stack: node itself goes on, as with the flush after a write. */
static void test_what_goes_on_by_itself_is_of_the_same(void **state)
{
	struct shared shared;

	(void)state;
	begin(&shared, true);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	job(&shared.trace, shared.handle, "/flush", 0);
	trace_close(&shared.trace, 0x8000);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	trace_stat(&shared.trace, 0x9900, "/flushed");
	trace_close(&shared.trace, 0x8000);
	end(&shared);
	assert_non_null(op_of(&shared, "/second", "/flush"));
	assert_non_null(op_of(&shared, "/second", "/flushed"));
	trace_done(&shared.trace);
}

/* As a limiter does: a closure of another one than the job that ended tells; its own do not. */
static void test_a_limiter_hands_on_by_closures(void **state)
{
	struct shared shared;

	(void)state;
	begin(&shared, true);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	job(&shared.trace, shared.other, "/left", shared.born[1]);
	job(&shared.trace, shared.other, "/waited", shared.born[0]);
	trace_close(&shared.trace, 0x8000);
	end(&shared);
	assert_null(op_of(&shared, "/second", "/left"));
	assert_non_null(op_of(&shared, "/first", "/waited"));
	trace_done(&shared.trace);
}

static void test_a_handle_of_one_request_stays_that_ones(void **state)
{
	struct shared shared;

	(void)state;
	begin(&shared, false);
	trace_scope(&shared.trace, 0x8000, shared.handle, 0, 0);
	job(&shared.trace, shared.handle, "/next", shared.born[0]);
	trace_close(&shared.trace, 0x8000);
	end(&shared);
	assert_non_null(op_of(&shared, "/first", "/next"));
	assert_int_equal(shared.trace.n_unowned, 0);
	trace_done(&shared.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_next_job_of_a_shared_handle_is_nobodys),
		cmocka_unit_test(test_what_goes_on_by_itself_is_of_the_same),
		cmocka_unit_test(test_a_limiter_hands_on_by_closures),
		cmocka_unit_test(test_a_handle_of_one_request_stays_that_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
