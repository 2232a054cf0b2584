/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A thread gets the id of one that has ended: it counts all anew, and nothing of the other is its. */
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
#define N_TOKENS  60000 /* so many that the first are forgotten */

static void restart(struct trace *trace)
{
	trace->seq = 0;
	trace->counter = 100;
	trace->exec = trace->trigger = 0;
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
}

static void end_first(struct trace *trace)
{
	trace_init(trace, 100);
	for (uint64_t i = 1; i <= N_TOKENS; i++)
		trace_plain(trace, NT_EVENT_TOKEN_REGISTER, i, 0, 0);
}

static void continuation(struct trace *trace, uint64_t token, uint64_t work, const char *path)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, token, 0, 0);
	trace_stat(trace, work, path);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
}

static void test_tokens_of_a_later_thread_are_known(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	end_first(&trace);
	restart(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/second");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 3, 0, 0);
	trace_close(&trace, SCOPE);
	continuation(&trace, 3, 0x9000, "/continued");
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = trace_op(trace_find(&trace, "/second"), "/continued");
	assert_non_null(op);
	assert_int_equal(op->evidence, EVIDENCE_TOKEN);
	trace_done(&trace);
}

/* What the first thread left open is not of whoever has its numbers now. */
static void test_operations_of_the_thread_that_ended_stay_whose_they_were(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	for (uint64_t i = 0; i < 100; i++) /* restarts are told from events that come late */
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/first");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 3, 0, 0);
	trace_close(&trace, SCOPE);
	continuation(&trace, 3, 0x9000, "/of-first");
	continuation(&trace, 4, 0x9001, "/of-nobody");
	restart(&trace);
	trace_request(&trace, PARSER + 8, STREAM + 8, PARSER_ID, "/second");
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 3, 0, 0);
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 4, 0, 0);
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 8, 200);
	trace_finish(&trace);

	assert_non_null(trace_op(trace_find(&trace, "/first"), "/of-first"));
	assert_int_equal(trace_find(&trace, "/second")->n_ops, 0);
	trace_done(&trace);
}

static void test_the_parser_of_the_thread_that_ended_tells_nothing_of_the_later_one(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/first");
	trace_close(&trace, SCOPE);
	for (uint64_t i = 0; i < 100; i++) /* restarts are told from events that come late */
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	restart(&trace);
	trace_scope(&trace, SCOPE, PARSER_ID, 1, 0);
	trace_stat(&trace, 0x9000, "/of-the-later");
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_null(trace_op(trace_find(&trace, "/first"), "/of-the-later"));
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_parser_of_the_thread_that_ended_tells_nothing_of_the_later_one),
		cmocka_unit_test(test_tokens_of_a_later_thread_are_known),
		cmocka_unit_test(test_operations_of_the_thread_that_ended_stay_whose_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
