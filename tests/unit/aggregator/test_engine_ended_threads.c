/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Threads that are silent are forgotten, unless something refers to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/engine_state.h"
#include "aggregator/http2.h"

/* So many others live and end, one after the other, while this one says nothing. */
static void others_come_and_go(struct trace *trace)
{
	for (uint32_t i = 0; i < 600; i++) {
		trace->ts += 100 * MS;
		trace_feed(trace, &(struct event){.ts = trace->ts,
						  .tid = 1000 + i,
						  .kind = NT_EVENT_PHASE,
						  .has_ids = true,
						  .counter = 10,
						  .text = ""});
	}
	assert_true(HASH_COUNT(trace->engine->threads) < 600);
}

static void test_thread_of_a_session_that_is_idle_stays(void **state)
{
	struct engine_thread *thread;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200 | NT_HTTP2_NO_BODY);
	written(&trace);
	event_of(&trace, NT_EVENT_HTTP2_CLOSE, 0, 0, 1);
	others_come_and_go(&trace);
	assert_int_equal(trace.n_requests, 1);
	HASH_FIND(hh, trace.engine->threads, &trace.tid, sizeof(trace.tid), thread);
	assert_non_null(thread);
	written(&trace); /* the server says that it goes away */
	assert_int_equal(trace_totals(&trace).lost, 0);
	trace_done(&trace);
}

static void test_thread_whose_session_is_closed_goes(void **state)
{
	struct engine_thread *thread;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	(void)open_stream(&trace, 1, "GET /one");
	trace_close(&trace, SCOPE);
	respond(&trace, 1, 200 | NT_HTTP2_NO_BODY);
	written(&trace);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, UV, 0, 0);
	others_come_and_go(&trace);
	HASH_FIND(hh, trace.engine->threads, &trace.tid, sizeof(trace.tid), thread);
	assert_null(thread);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thread_of_a_session_that_is_idle_stays),
		cmocka_unit_test(test_thread_whose_session_is_closed_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
