/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A connection that became another protocol's is its request's until it closes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define OWN (NT_BIRTH_CONTEXT | NT_SIGHT_FRAME)

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000

static void test_upgraded_connection_belongs_to_its_request_until_it_closes(void **state)
{
	const struct request *request;
	struct trace trace;
	uint64_t socket;

	(void)state;
	trace_init(&trace, 100);
	socket = trace_resource(&trace, "TCPWRAP");
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/socket");
	trace_write(&trace, STREAM, 101, BODY_NONE, 100, 0);
	trace_close(&trace, SCOPE);
	trace_pass(&trace, 5000 * MS);
	assert_int_equal(trace.n_requests, 0);
	for (uint64_t i = 0; i < 2; i++) {
		struct event read = trace_event(&trace, NT_EVENT_STREAM_READ);

		read.a = STREAM;
		read.b = 10;
		read.c = socket;
		trace_feed(&trace, &read);
		trace_scope(&trace, SCOPE, socket, 0, 0);
		trace_stat(&trace, 0x9000 + i, i ? "/second" : "/first");
		trace_close(&trace, SCOPE);
		trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
	}
	assert_int_equal(trace.n_requests, 0);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace_pass(&trace, 100 * MS);

	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_int_equal(request->status, 101);
	assert_int_equal(request->flags, REQUEST_UPGRADED);
	assert_int_equal(request->n_ops, 2);
	assert_int_equal(trace_op(request, "/first")->evidence, EVIDENCE_PARSER);
	assert_non_null(trace_op(request, "/second"));
	assert_int_equal(trace.n_unowned, 0);
	trace_done(&trace);
}

/* Its answer was over long before; what hands it over asks again after its connection closed. */
static void test_closures_of_an_upgraded_request_speak_until_its_connection_closes(void **state)
{
	struct trace trace;
	uint32_t born;

	(void)state;
	trace_init(&trace, 100);
	for (uint32_t i = 0; i < 2; i++) { /* it serves many, and is seen to */
		trace_scope(&trace, 0x8000, 90, 0, 0);
		trace_close(&trace, 0x8000);
	}
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/socket");
	born = trace.seq;
	trace_write(&trace, STREAM, 101, BODY_NONE, 100, 0);
	trace_close(&trace, SCOPE);
	trace.ts += 5000 * MS;
	trace_scope(&trace, 0x8000, 90, 0, 0);
	trace_stat_seeing(&trace, "/queued", 1, &born, OWN, 0);
	trace_close(&trace, 0x8000);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace.ts += 500 * MS;
	trace_scope(&trace, 0x8000, 90, 0, 0);
	trace_stat_seeing(&trace, "/late", 1, &born, OWN, 0);
	trace_close(&trace, 0x8000);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace_op(trace.requests[0], "/queued")->evidence, EVIDENCE_CLOSURE);
	assert_int_equal(trace.requests[0]->n_ops,
			 1); /* nothing that is later than its connection */
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_closures_of_an_upgraded_request_speak_until_its_connection_closes),
		cmocka_unit_test(test_upgraded_connection_belongs_to_its_request_until_it_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
