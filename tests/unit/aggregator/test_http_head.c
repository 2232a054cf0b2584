/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"

#define RESPONSE "HTTP/1.1 200 OK\r\n"

static struct http_head parse(const char *text)
{
	struct http_head head;

	assert_int_equal(http_head_parse(text, strlen(text), &head), 0);
	return head;
}

static enum body_framing framing_of(const char *text)
{
	struct http_head head = parse(text);

	return http_head_framing(&head);
}

static void expect_slice(struct slice slice, const char *wanted)
{
	assert_int_equal(slice.len, strlen(wanted));
	assert_memory_equal(slice.text, wanted, slice.len);
}

static void test_status_needs_a_whole_status_line_start(void **state)
{
	(void)state;
	assert_int_equal(http_status("HTTP/1.1 404", 12), 404);
	assert_int_equal(http_status("HTTP/1.0 200 OK\r\n", 17), 200);
	assert_int_equal(http_status("HTTP/1.1 40", 11), 0);
	assert_int_equal(http_status("HTTP/2.0 404", 12), 0);
	assert_int_equal(http_status("HTTP/1.1 4x4", 12), 0);
	assert_int_equal(http_status("", 0), 0);
}

static void test_length_framing_with_head_length(void **state)
{
	const char *text = RESPONSE "X: 1\r\ncontent-LENGTH:  17 \r\n\r\nbody that follows";
	struct http_head head = parse(text);

	(void)state;
	assert_true(head.complete);
	assert_int_equal(head.length, strlen(text) - 17);
	assert_int_equal(head.status, 200);
	assert_int_equal(head.content_length, 17);
	assert_int_equal(http_head_framing(&head), BODY_LENGTH);
}

static void test_chunked_beats_length(void **state)
{
	(void)state;
	assert_int_equal(framing_of(RESPONSE "Transfer-Encoding: chunked\r\n\r\n"), BODY_CHUNKED);
	assert_int_equal(framing_of(
				 RESPONSE
				 "Content-Length: 3\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"),
			 BODY_CHUNKED);
	assert_int_equal(framing_of(RESPONSE "Transfer-Encoding: xchunked\r\n\r\n"),
			 BODY_UNTIL_CLOSE);
}

static void test_some_statuses_have_no_body(void **state)
{
	(void)state;
	assert_int_equal(framing_of("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
			 BODY_NONE);
	assert_int_equal(framing_of("HTTP/1.1 304 Not Modified\r\n\r\n"), BODY_NONE);
	assert_int_equal(framing_of("HTTP/1.1 100 Continue\r\n\r\n"), BODY_NONE);
	assert_int_equal(framing_of("HTTP/1.1 101 Switching Protocols\r\n"), BODY_NONE);
}

static void test_neither_length_nor_chunked_lasts_until_close(void **state)
{
	(void)state;
	assert_int_equal(framing_of(RESPONSE "Connection: close\r\n\r\n"), BODY_UNTIL_CLOSE);
}

static void test_head_cut_short_is_unknown_unless_chunked(void **state)
{
	(void)state;
	assert_int_equal(framing_of(RESPONSE "Connection: close\r\n"), BODY_UNKNOWN);
	assert_int_equal(framing_of(RESPONSE "Content-Length: 5\r\n"), BODY_UNKNOWN);
	assert_int_equal(framing_of(RESPONSE "Transfer-Encoding: chunked\r\nX"), BODY_CHUNKED);
	assert_int_equal(parse(RESPONSE "Content-Length: 5\r\n\r").length, 0);
	/* The number itself may be cut: "12" of "1234". */
	assert_false(parse(RESPONSE "Content-Length: 12").has_length);
}

static void test_lengths_that_disagree_or_overflow_are_unknown(void **state)
{
	(void)state;
	assert_int_equal(framing_of(RESPONSE "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
			 BODY_UNKNOWN);
	assert_int_equal(framing_of(RESPONSE "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
			 BODY_LENGTH);
	assert_int_equal(framing_of(RESPONSE "Content-Length: 18446744073709551616\r\n\r\n"),
			 BODY_UNKNOWN);
	assert_int_equal(framing_of(RESPONSE "Content-Length: -5\r\n\r\n"), BODY_UNKNOWN);
	assert_int_equal(framing_of(RESPONSE "Content-Length:\r\n\r\n"), BODY_UNKNOWN);
}

static void test_request_line_and_host(void **state)
{
	struct http_head head =
		parse("M-SEARCH /a?b HTTP/1.1\r\nAccept: */*\r\nhost: h:80\r\nHost: x\r\n\r\n");

	(void)state;
	assert_int_equal(head.status, 0);
	expect_slice(head.method, "M-SEARCH");
	expect_slice(head.target, "/a?b");
	expect_slice(head.host, "h:80");
}

/* Only a target that fills all that was copied is cut; any other has its version after it. */
static void test_target_that_fills_the_text_is_taken_without_its_end(void **state)
{
	struct http_head head;
	char text[NT_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = 'G', text[1] = 'E', text[2] = 'T', text[3] = ' ', text[4] = '/';
	assert_int_equal(http_head_parse(text, sizeof(text), &head), 0);
	assert_int_equal(head.target.len, sizeof(text) - 4);
	assert_int_equal(http_head_parse(text, sizeof(text) / 2, &head), -EBADMSG);
	text[4] = 'x';
	assert_int_equal(http_head_parse(text, sizeof(text), &head), -EBADMSG);
}

static void test_other_protocols_are_refused(void **state)
{
	static const char *const others[] = {"",
					     "GET",
					     "GET ",
					     "get / HTTP/1.1\r\n",
					     "\x16\x03\x01",
					     "A /",
					     "GET my-secret-diary-entry and more\r\n",
					     "PUT password=hunter2",
					     "GET /path\r\n",
					     "GET /path HTTP/2\r\n",
					     "*1\r\n$4\r\nPING\r\n",
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n"};
	struct http_head head;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(http_head_parse(others[i], strlen(others[i]), &head), -EBADMSG);
}

static void test_any_prefix_and_any_flip_stays_in_bounds(void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 123\r\nHost: abc\r\n"
				   "Transfer-Encoding: gzip, chunked\r\nX:\r\n:\r\n\r\nbody";
	struct http_head head;
	size_t len;
	int round;

	(void)state;
	srand(1);
	for (round = 0; round < 20000; round++) {
		char *copy;

		len = (size_t)rand() % sizeof(text);
		copy = malloc(len ? len : 1);
		memcpy(copy, text, len);
		if (len && rand() % 2)
			copy[(size_t)rand() % len] = (char)rand();
		if (!http_head_parse(copy, len, &head)) {
			assert_true(head.length <= len);
			assert_true(!head.host.len ||
				    (head.host.text > copy &&
				     head.host.text + head.host.len <= copy + len));
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_needs_a_whole_status_line_start),
		cmocka_unit_test(test_length_framing_with_head_length),
		cmocka_unit_test(test_chunked_beats_length),
		cmocka_unit_test(test_some_statuses_have_no_body),
		cmocka_unit_test(test_neither_length_nor_chunked_lasts_until_close),
		cmocka_unit_test(test_head_cut_short_is_unknown_unless_chunked),
		cmocka_unit_test(test_lengths_that_disagree_or_overflow_are_unknown),
		cmocka_unit_test(test_request_line_and_host),
		cmocka_unit_test(test_target_that_fills_the_text_is_taken_without_its_end),
		cmocka_unit_test(test_other_protocols_are_refused),
		cmocka_unit_test(test_any_prefix_and_any_flip_stays_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
