/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is handed out does not depend on when the time is told: a recording knows that of its events only. */
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

/* How many operations a request has that starts another one `later` after its response; `told` after it the time is
 * told, 0 never. */
static uint32_t ops_of(uint64_t begin, uint64_t told, uint64_t later)
{
	struct trace trace;
	uint64_t stat, end;
	uint32_t n;

	trace_init(&trace, 100);
	trace.ts += begin;
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/r");
	stat = trace_stat(&trace, 0x9000, "/first");
	trace_close(&trace, SCOPE);
	trace_scope(&trace, SCOPE, stat, PARSER_ID, 0);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	end = trace.ts;
	if (told)
		engine_tick(trace.engine, end + told);
	trace.ts = end + later;
	trace_scope(&trace, SCOPE, stat, PARSER_ID, 0);
	trace_stat(&trace, 0x9001, "/second");
	trace_close(&trace, SCOPE);
	trace_finish(&trace);
	n = trace.requests[0]->n_ops;
	trace_done(&trace);
	return n;
}

static void test_a_tick_between_two_events_changes_nothing(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (uint64_t begin = 0; begin < 10 * MS; begin += 3 * MS)
		for (uint64_t later = 35 * MS; later < 75 * MS; later += 5 * MS) {
			uint32_t n = ops_of(begin, 0, later);

			seen |= 1U << n;
			for (uint64_t told = 30 * MS; told < later; told += 3 * MS)
				assert_int_equal(ops_of(begin, told, later), n);
		}
	assert_int_equal(seen, 1U << 1 | 1U << 2); /* at one moment it is handed out */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tick_between_two_events_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
