/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A write of so many buffers that they were not all summed up: where its response ends is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER    0x100
#define STREAM    0x200
#define PARSER_ID 5
#define SCOPE     0x7000

/* A response of 200,000 bytes of which 131,072 were summed. */
static void ask(struct trace *trace, const char *url)
{
	trace->content_length = 200000;
	trace_request(trace, PARSER, STREAM, PARSER_ID, url);
	trace_write(trace, STREAM, 200, BODY_LENGTH, 131072, NT_WRITE_CUT);
	trace_close(trace, SCOPE);
}

static void check(const struct trace *trace, const char *url)
{
	const struct request *request = trace_find(trace, url);

	assert_non_null(request);
	assert_int_equal(request->status, 200);
	assert_int_equal(request->bytes_out, 131072);
	assert_int_equal(request->flags, REQUEST_END_APPROXIMATE);
}

static void test_it_is_over_when_the_next_begins_and_not_aborted(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	ask(&trace, "/one");
	ask(&trace, "/two");
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, STREAM, 0, 0);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 2);
	check(&trace, "/one");
	check(&trace, "/two");
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_over_when_the_next_begins_and_not_aborted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
