/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Jobs of the thread pool: their times, types and paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
static void test_job_has_the_times_of_its_pool_thread(void **state)
{
	const struct op *op;
	struct trace trace;
	struct event pool;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_stat(&trace, 0x9000, "/x");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	pool = (struct event){
		.ts = trace.ts + MS, .tid = 9, .kind = NT_EVENT_WORK_START, .a = 0x9000};
	trace_feed(&trace, &pool);
	pool = (struct event){.ts = trace.ts + 3 * MS,
			      .tid = 9,
			      .seq = 1,
			      .kind = NT_EVENT_WORK_END,
			      .a = 0x9000};
	trace_feed(&trace, &pool);
	trace.ts += 4 * MS;
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, (uint64_t)-2, 0);
	trace_finish(&trace);

	op = &trace.requests[0]->ops[0];
	assert_int_equal(op->pool_tid, 9);
	assert_int_equal(op->finished_ns - op->started_ns, 2 * MS);
	assert_true(op->queued_ns < op->started_ns && op->finished_ns < op->end_ns);
	assert_int_equal(op->flags, OP_FAILED);
	trace_done(&trace);
}

/* Node 26 reads and writes whole files in one job, whose wrap does not tell which. */
static void test_whole_file_jobs_have_their_type_and_path(void **state)
{
	static const uint32_t kinds[] = {NT_WORK_READ_FILE, NT_WORK_WRITE_FILE, NT_WORK_QUEUED};
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/files");
	for (size_t i = 0; i < 3; i++) {
		uint64_t id = trace_resource(&trace, i < 2 ? "FSREQCALLBACK" : "ZLIB");

		event = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
		event.a = 0x9000 + i;
		event.c = id;
		event.arg = kinds[i];
		trace_text(&event, i == 0 ? "/read" : i == 1 ? "/written" : "");
		trace_feed(&trace, &event);
	}
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_string_equal(trace_op(trace.requests[0], "/read")->type, "fs.readfile");
	assert_string_equal(trace_op(trace.requests[0], "/written")->type, "fs.writefile");
	assert_string_equal(trace_op(trace.requests[0], "Zlib")->type, "zlib");
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_job_has_the_times_of_its_pool_thread),
		cmocka_unit_test(test_whole_file_jobs_have_their_type_and_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
