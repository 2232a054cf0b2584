/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Messages between threads: whose callback the receiver runs. */
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
#define PORT_MAIN 20 /* async ids of the two ends of a channel */
#define PORT_WORK 30
#define JOB       0xa000 /* messages */
#define REPLY     0xb000

static void receive(struct trace *trace, uint64_t message, uint64_t port)
{
	trace_plain(trace, NT_EVENT_PORT_RECEIVE, message, 0, 0);
	trace_scope(trace, SCOPE, port, 0, 0);
}

static void worker_init(struct trace *trace)
{
	trace_init(trace, 100);
	trace_thread(trace, 2);
	trace->counter = 200;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_thread(trace, 1);
}

static void test_callback_of_a_message_is_of_the_request_that_sent_it(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/in-worker");
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 1);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "/in-worker");
	assert_non_null(op);
	assert_int_equal(op->evidence, EVIDENCE_MESSAGE);
	trace_done(&trace);
}

static void test_each_message_of_a_port_is_of_its_own_sender(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/a");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/b");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB + 8, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/of-a");
	trace_close(&trace, SCOPE);
	receive(&trace, JOB + 8, PORT_WORK);
	trace_stat(&trace, 0x9100, "/of-b");
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/a")->n_ops, 1);
	assert_non_null(trace_op(trace_find(&trace, "/a"), "/of-a"));
	assert_int_equal(trace_find(&trace, "/b")->n_ops, 1);
	assert_non_null(trace_op(trace_find(&trace, "/b"), "/of-b"));
	trace_done(&trace);
}

static void test_reply_to_a_message_is_nobodys_for_sure(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/job");
	trace_plain(&trace, NT_EVENT_PORT_POST, JOB, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_plain(&trace, NT_EVENT_PORT_POST, REPLY, 0, 0);
	trace_close(&trace, SCOPE);
	trace_thread(&trace, 1);
	receive(&trace, REPLY, PORT_MAIN);
	trace_stat(&trace, 0x9000, "/after-reply");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_message_sent_before_attach_is_unknown(void **state)
{
	struct trace trace;

	(void)state;
	worker_init(&trace);
	trace_thread(&trace, 2);
	receive(&trace, JOB, PORT_WORK);
	trace_stat(&trace, 0x9000, "/who");
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_callback_of_a_message_is_of_the_request_that_sent_it),
		cmocka_unit_test(test_each_message_of_a_port_is_of_its_own_sender),
		cmocka_unit_test(test_reply_to_a_message_is_nobodys_for_sure),
		cmocka_unit_test(test_message_sent_before_attach_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
