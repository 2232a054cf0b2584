/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Calls into the file system that io_uring does, and those that it leaves to the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/label.h"

#include "aggregator/trace.h"

#define PARSER  0x1000
#define STREAM  0x2000
#define WORK    0x9000
#define OPEN    1
#define READ    3
#define FD      21
#define FAILED  (-5) /* EIO */
#define PATH    "/srv/a.txt"
#define REQUEST "/a"

static void submit(struct trace *trace, enum nt_work kind, uint32_t type, uint64_t id,
		   const char *path)
{
	struct event event = trace_event(trace, NT_EVENT_WORK_SUBMIT);

	event.a = WORK;
	event.b = type + 1;
	event.c = id;
	event.arg = kind | FD << 8;
	trace_text(&event, path);
	trace_feed(trace, &event);
}

static void done(struct trace *trace, int64_t result)
{
	struct event event;

	trace->ts += MS;
	event = trace_event(trace, NT_EVENT_WORK_DONE);
	event.a = WORK;
	event.b = (uint64_t)result;
	trace_feed(trace, &event);
}

static void on_pool(struct trace *trace, enum nt_event_kind kind)
{
	struct event event;

	trace->ts += MS;
	trace_thread(trace, 2);
	event = trace_event(trace, kind);
	event.has_ids = false;
	event.a = WORK;
	trace_feed(trace, &event);
	trace_thread(trace, 1);
}

static uint64_t begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, 50, REQUEST);
	return trace_resource(trace, "FSREQCALLBACK");
}

static const struct request *finish(struct trace *trace)
{
	const struct request *request;

	trace_respond(trace, STREAM, 200);
	trace_close(trace, 0x7000);
	trace_finish(trace);
	request = trace_find(trace, REQUEST);
	assert_non_null(request);
	return request;
}

static void test_done_by_uring(void **state)
{
	const struct request *request;
	const struct op *op;
	struct trace trace;
	uint64_t id = begin(&trace);

	(void)state;
	submit(&trace, NT_WORK_FS_URING, OPEN, id, PATH);
	done(&trace, FD);
	submit(&trace, NT_WORK_FS_URING, READ, id, "");
	done(&trace, FAILED);
	request = finish(&trace);
	assert_int_equal(request->n_ops, 2);
	op = &request->ops[0];
	assert_string_equal(op->type, "fs.open");
	assert_int_equal(op->flags, OP_IO_URING);
	assert_true(op->end_ns > op->start_ns);
	assert_int_equal(op->queued_ns, 0);
	op = &request->ops[1];
	assert_string_equal(op->type, "fs.read");
	assert_string_equal(op->detail, PATH); /* what the descriptor was opened for */
	assert_int_equal(op->flags, OP_IO_URING | OP_FAILED);
	trace_done(&trace);
}

/* A request that waits for nothing else waits for I/O, not for the pool. */
static void test_waits_for_io(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t id = begin(&trace);

	(void)state;
	submit(&trace, NT_WORK_FS_URING, OPEN, id, PATH);
	trace_close(&trace, 0x7000);
	trace.ts += 10 * MS;
	done(&trace, FD);
	trace_scope(&trace, 0x7000, id, 1, 0);
	request = finish(&trace);
	assert_int_equal(request->n_ops, 1);
	assert_int_equal(request->ops[0].n_runs, 1);
	assert_true(request->label_ns[LABEL_IO] >= 10 * MS);
	assert_int_equal(request->label_ns[LABEL_POOL], 0);
	assert_int_equal(request->label_ns[LABEL_POOL_QUEUE], 0);
	trace_done(&trace);
}

/* The same request, once more: one operation, of the pool. */
static void test_left_to_the_pool(void **state)
{
	const struct request *request;
	const struct op *op;
	struct trace trace;
	uint64_t id = begin(&trace);

	(void)state;
	submit(&trace, NT_WORK_FS_URING, OPEN, id, PATH);
	trace.ts += MS;
	submit(&trace, NT_WORK_FS, OPEN, id, PATH);
	on_pool(&trace, NT_EVENT_WORK_START);
	on_pool(&trace, NT_EVENT_WORK_END);
	done(&trace, FD);
	request = finish(&trace);
	assert_int_equal(request->n_ops, 1);
	op = &request->ops[0];
	assert_int_equal(op->flags, 0);
	assert_true(op->queued_ns >= op->start_ns + MS);
	assert_true(op->started_ns >= op->queued_ns + MS);
	assert_true(op->finished_ns >= op->started_ns + MS);
	assert_true(op->end_ns >= op->finished_ns + MS);
	trace_done(&trace);
}

/* Its end was lost; another request at the same address is another operation. */
static void test_lost_end(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t id = begin(&trace);

	(void)state;
	submit(&trace, NT_WORK_FS_URING, OPEN, id, PATH);
	id = trace_resource(&trace, "FSREQCALLBACK");
	submit(&trace, NT_WORK_FS, OPEN, id, PATH);
	done(&trace, FD);
	request = finish(&trace);
	assert_int_equal(request->n_ops, 2);
	assert_int_equal(request->ops[0].flags, OP_IO_URING | OP_OPEN);
	assert_int_equal(request->ops[1].flags, 0);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done_by_uring),
		cmocka_unit_test(test_waits_for_io),
		cmocka_unit_test(test_left_to_the_pool),
		cmocka_unit_test(test_lost_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
