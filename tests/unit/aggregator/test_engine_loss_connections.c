/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Whose a connection is when events of it, or of others that use it, are lost. */
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
#define CLIENT    0x5000

static void test_reused_stream_ends_the_request_whose_close_was_lost(void **state)
{
	static const char *const urls[] = {"/n0", "/n1", "/n2"};
	const struct request *old;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/old");
	trace_close(&trace, SCOPE);
	trace.seq++; /* its uv_close */
	for (uint32_t i = 0; i < 3; i++) {
		trace_request(&trace, PARSER, STREAM, PARSER_ID + 10 + i, urls[i]);
		trace_respond(&trace, STREAM, 200 + i);
		trace_close(&trace, SCOPE);
	}
	trace_pass(&trace, 2000 * MS);

	assert_int_equal(trace.n_requests, 4);
	assert_int_equal(trace_totals(&trace).requests_open, 0);
	old = trace_find(&trace, "/old");
	assert_int_equal(old->status, 0);
	assert_int_equal(old->flags, REQUEST_LOSSY | REQUEST_END_APPROXIMATE);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(trace_find(&trace, urls[i])->status, 200 + i);
		assert_int_equal(trace_find(&trace, urls[i])->flags, 0);
	}
	trace_done(&trace);
}

/* /r1 writes to another server, over a connection that it has opened. Returns the id of that. */
static uint64_t asks_others(struct trace *trace)
{
	uint64_t socket;

	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/r1");
	socket = trace_resource(trace, "TCPWRAP");
	trace_client_write(trace, CLIENT, socket);
	trace_close(trace, SCOPE);
	return socket;
}

static void test_callback_of_a_connection_that_one_request_uses_is_its_own(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t socket;

	(void)state;
	socket = asks_others(&trace);
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9000, "/answered");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace.requests[0], "/answered");
	assert_non_null(op);
	assert_int_equal(op->evidence, EVIDENCE_STREAM);
	trace_done(&trace);
}

static void test_connection_is_nobodys_when_a_write_to_it_may_be_lost(void **state)
{
	struct trace trace;
	uint64_t socket;

	(void)state;
	socket = asks_others(&trace);
	trace.seq++; /* another request writes to it */
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9000, "/whose");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_answer_given_before_a_connection_was_shared_is_void(void **state)
{
	uint64_t socket, tick;
	struct trace trace;

	(void)state;
	socket = asks_others(&trace);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.tick = 1;
	trace_scope(&trace, SCOPE, socket, 0, 0);
	tick = ++trace.counter; /* process.nextTick() in its onread, then it runs */
	trace.exec = tick;
	trace_stat(&trace, 0x9000, "/in-tick");
	trace.exec = socket;
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/r2");
	trace_client_write(&trace, CLIENT, socket);
	trace_close(&trace, SCOPE);
	trace.exec = tick;
	trace_stat(&trace, 0x9100, "/under-the-tick");
	trace.exec = 0;
	trace_scope(&trace, SCOPE, socket, 0, 0);
	trace_stat(&trace, 0x9200, "/onread");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 1, 200);
	trace_finish(&trace);

	assert_int_equal(trace_find(&trace, "/r1")->n_ops, 0);
	assert_int_equal(trace_find(&trace, "/r2")->n_ops, 0);
	trace_assert_unowned(&trace, 3, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reused_stream_ends_the_request_whose_close_was_lost),
		cmocka_unit_test(test_callback_of_a_connection_that_one_request_uses_is_its_own),
		cmocka_unit_test(test_connection_is_nobodys_when_a_write_to_it_may_be_lost),
		cmocka_unit_test(test_answer_given_before_a_connection_was_shared_is_void),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
