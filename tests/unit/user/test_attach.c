/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is seen beginning while probes are still being attached is seen ending too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "symbolizer/base.h"
#include "user/attach.h"

static size_t place_of(enum nt_shape shape)
{
	size_t i = 0;

	while (i < NT_SHAPE_COUNT && attach_nth(i) != shape)
		i++;
	return i;
}

static void test_every_shape_is_attached_once(void **state)
{
	(void)state;
	for (unsigned int shape = 0; shape < NT_SHAPE_COUNT; shape++)
		assert_true(place_of((enum nt_shape)shape) < NT_SHAPE_COUNT);
}

static void test_ends_are_seen_before_beginnings(void **state)
{
	static const struct {
		enum nt_shape end, beginning;
	} pairs[] = {
		{NT_SHAPE_SCOPE_CLOSE, NT_SHAPE_SCOPE_OPEN_ENV},
		{NT_SHAPE_SCOPE_CLOSE, NT_SHAPE_SCOPE_OPEN_WRAP},
		{NT_SHAPE_MICROTASKS_END, NT_SHAPE_MICROTASKS_BEGIN},
		{NT_SHAPE_WORK_END, NT_SHAPE_WORK_START},
		{NT_SHAPE_STREAM_AFTER_WRITE, NT_SHAPE_STREAM_WRITE},
		{NT_SHAPE_TLS_WRITTEN, NT_SHAPE_TLS_WRITE},
		{NT_SHAPE_HTTP2_CLOSE, NT_SHAPE_HTTP2_RESPONSE},
		{NT_SHAPE_HTTP2_DATA, NT_SHAPE_HTTP2_RESPONSE},
		/* the headers of a stream that was not seen make no request: its response does */
		{NT_SHAPE_HTTP2_RESPONSE, NT_SHAPE_HTTP2_HEADERS},
		{NT_SHAPE_HTTP2_HEADERS, NT_SHAPE_HTTP2_STREAM},
		/* what a request does and answers, before the request */
		{NT_SHAPE_STREAM_WRITE, NT_SHAPE_PARSER_URL},
		{NT_SHAPE_TLS_WRITE, NT_SHAPE_PARSER_URL},
		{NT_SHAPE_TLS_WRITE, NT_SHAPE_HTTP2_RESPONSE},
		{NT_SHAPE_STREAM_WRITE, NT_SHAPE_HTTP2_RESPONSE},
		{NT_SHAPE_SCOPE_OPEN_WRAP, NT_SHAPE_HTTP2_STREAM},
		{NT_SHAPE_WORK_SUBMIT, NT_SHAPE_HTTP2_STREAM},
		{NT_SHAPE_WORK_SUBMIT, NT_SHAPE_PARSER_URL},
		{NT_SHAPE_PARSER_URL, NT_SHAPE_PARSER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		assert_true(place_of(pairs[i].end) < place_of(pairs[i].beginning));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_shape_is_attached_once),
		cmocka_unit_test(test_ends_are_seen_before_beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
