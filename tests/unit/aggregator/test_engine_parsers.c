/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One connection after whose requests more have come than there is room for at first, before they are handed out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define REQUESTS  120

/* All within the time that requests wait for late evidence. */
static void serve_many(struct trace *trace)
{
	char path[32];

	for (uint32_t i = 0; i < REQUESTS; i++) {
		trace_request(trace, PARSER, STREAM, PARSER_ID, "/r");
		(void)snprintf(path, sizeof(path), "/file%u", i);
		trace_stat(trace, 0x9000 + i, path);
		trace_respond(trace, STREAM, 200);
		trace_close(trace, SCOPE);
	}
}

static void test_each_keeps_what_its_handler_started(void **state)
{
	struct trace trace;
	char path[32];

	(void)state;
	trace_init(&trace, 100);
	serve_many(&trace);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, REQUESTS);
	for (uint32_t i = 0; i < REQUESTS; i++) {
		(void)snprintf(path, sizeof(path), "/file%u", i);
		assert_int_equal(trace.requests[i]->n_ops, 1);
		assert_non_null(trace_op(trace.requests[i], path));
	}
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_keeps_what_its_handler_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
