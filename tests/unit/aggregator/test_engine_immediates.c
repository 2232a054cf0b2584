/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Immediates: when they end, seen or inferred. */
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

/* A request makes an immediate; returns its id. */
static uint64_t set_immediate(struct trace *trace)
{
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/immediate");
	trace->counter++;
	trace->immediates++;
	trace_respond(trace, STREAM, 200);
	trace_close(trace, SCOPE);
	return trace->counter;
}

static void test_immediate_that_is_seen_running_ends_then(void **state)
{
	const struct op *immediate, *child;
	uint64_t id, phase, seen;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	id = set_immediate(&trace);
	trace.ts += MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	phase = trace.ts;
	trace_scope(&trace, SCOPE, 0, 0, 0);
	trace.exec = id;
	trace.trigger = PARSER_ID;
	trace.immediates--;
	seen = trace.ts;
	trace_stat(&trace, 0x9000, "/in-immediate");
	trace.exec = trace.trigger = 0;
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 2);
	immediate = &trace.requests[0]->ops[0];
	assert_string_equal(immediate->type, "immediate");
	assert_string_equal(immediate->wrap, "Immediate");
	assert_int_equal(immediate->async_id, id);
	assert_true(immediate->start_ns < phase);
	assert_true(immediate->end_ns > seen);
	assert_int_equal(immediate->flags, 0);
	child = trace_op(trace.requests[0], "/in-immediate");
	assert_non_null(child);
	assert_int_equal(child->parent, 0);
	trace_done(&trace);
}

static void test_immediate_that_shows_nothing_ends_with_its_phase_and_says_so(void **state)
{
	const struct op *immediate;
	struct trace trace;
	uint64_t phase;

	(void)state;
	trace_init(&trace, 100);
	(void)set_immediate(&trace);
	trace.ts += MS;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_IMMEDIATES);
	phase = trace.ts;
	trace.immediates--;
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 1);
	immediate = &trace.requests[0]->ops[0];
	assert_string_equal(immediate->type, "immediate");
	assert_int_equal(immediate->end_ns, phase);
	assert_int_equal(immediate->flags, OP_END_INFERRED);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_immediate_that_is_seen_running_ends_then),
		cmocka_unit_test(test_immediate_that_shows_nothing_ends_with_its_phase_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
