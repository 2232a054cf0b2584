/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is kept of the text of an event: of URLs and the heads of messages no secret is. */
#include "aggregator/decode.h"

#include <stdio.h>

#include "aggregator/decoding.h"

static void test_text_is_sanitized_and_ends_at_a_nul(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_WORK_SUBMIT};
	struct event event;

	(void)state;
	assert_string_equal(decode(raw, "/tmp/a\x1b[31m").text, "/tmp/a\\x1b[31m");
	assert_int_equal(decode_raw(raw, "/etc/hosts\0junk", 15, &event), 0);
	assert_string_equal(event.text, "/etc/hosts");
	assert_int_equal(event.text_len, 10);
}

static void test_url_loses_its_query_unless_kept(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_MESSAGE_URL, .arg = 1};
	struct event event = decode(raw, "/a?token=secret");

	(void)state;
	assert_string_equal(event.text, "/a");
	assert_int_equal(event.arg, 3);
	assert_null(memmem(decoder.text, sizeof(decoder.text), "secret", 6));
	decoder.keep_query = true;
	event = decode(raw, "/a?token=secret");
	assert_string_equal(event.text, "/a?token=secret");
	assert_int_equal(event.arg, 1);
}

static void test_url_that_grows_beyond_the_buffer_is_marked(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_MESSAGE_URL};
	char text[2000];
	struct event event;

	(void)state;
	memset(text, 1, sizeof(text));
	assert_int_equal(decode_raw(raw, text, sizeof(text), &event), 0);
	assert_int_equal(event.arg, 1);
	assert_true(event.text_len < DECODE_TEXT_MAX);
	assert_int_equal(strlen(event.text), event.text_len);
}

static void test_response_head_is_parsed_and_forgotten(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_STREAM_WRITE, .arg = NT_WRITE_RESPONSE_HEAD};
	const char *head =
		"HTTP/1.1 201 Created\r\nSet-Cookie: secret\r\nContent-Length: 5\r\n\r\n";
	struct event event = decode(raw, head);

	(void)state;
	assert_int_equal(event.status, 201);
	assert_int_equal(event.framing, BODY_LENGTH);
	assert_int_equal(event.content_length, 5);
	assert_int_equal(event.head_length, strlen(head));
	assert_string_equal(event.text, "");
	assert_int_equal(event.text_len, 0);
	assert_null(memmem(decoder.text, sizeof(decoder.text), "secret", 6));
}

/* A response without body and length: the terminator is in the same buffer, trailers may follow it. */
static void test_terminator_may_follow_the_head_at_once(void **state)
{
	const char *head = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct nt_event raw = {.kind = NT_EVENT_STREAM_WRITE, .arg = NT_WRITE_RESPONSE_HEAD};
	char text[128];

	(void)state;
	assert_false(decode(raw, head).arg & NT_WRITE_LAST_CHUNK);
	(void)snprintf(text, sizeof(text), "%s0\r\nx-sum: 1\r\n\r\n", head);
	assert_true(decode(raw, text).arg & NT_WRITE_LAST_CHUNK);
	(void)snprintf(text, sizeof(text), "%s10\r\n", head);
	assert_false(decode(raw, text).arg & NT_WRITE_LAST_CHUNK);
}

static void test_http2_request_is_method_and_path(void **state)
{
	static const char head[] = "OPTIONS\0\0\0\0\0\0\0\0\0/path?secret";
	struct nt_event raw = {.kind = NT_EVENT_HTTP2_HEADERS, .c = bits(7)};
	struct event event;

	(void)state;
	assert_int_equal(decode_raw(raw, head, sizeof(head) - 1, &event), 0);
	assert_string_equal(event.text, "OPTIONS /path");
	assert_int_equal(event.b, NT_URL_QUERY_DROPPED);
	assert_int_equal(event.c, 7);
	decoder.keep_query = true;
	assert_int_equal(decode_raw(raw, head, sizeof(head) - 1, &event), 0);
	assert_string_equal(event.text, "OPTIONS /path?secret");
	assert_int_equal(decode_raw(raw, head, 10, &event), 0); /* damaged */
	assert_string_equal(event.text, "");
}

static void test_request_head_becomes_method_and_url(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_STREAM_WRITE, .arg = NT_WRITE_REQUEST_HEAD};

	(void)state;
	assert_string_equal(decode(raw, "GET /p?q=1 HTTP/1.1\r\nHost: h:81\r\n\r\n").text,
			    "GET http://h:81/p");
	assert_string_equal(decode(raw, "GET /p HTTP/1.1\r\nAccept: x\r\n\r\n").text, "GET /p");
	assert_string_equal(decode(raw, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n").text,
			    "CONNECT h:443");
	assert_string_equal(decode(raw, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").text, "OPTIONS *");
	raw.arg |= NT_WRITE_TLS;
	assert_string_equal(decode(raw, "POST / HTTP/1.1\r\nHost: h\r\n\r\n").text,
			    "POST https://h/");
	decoder.keep_query = true;
	assert_string_equal(decode(raw, "GET /p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").text,
			    "GET https://h/p?q=1");
}

static void test_passwords_in_proxy_requests_are_dropped(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_STREAM_WRITE, .arg = NT_WRITE_REQUEST_HEAD};

	(void)state;
	assert_string_equal(
		decode(raw, "GET http://u:secret@h/p@x HTTP/1.1\r\nHost: h\r\n\r\n").text,
		"GET http://h/p@x");
	assert_string_equal(decode(raw, "GET http://u:secret@h HTTP/1.1\r\n\r\n").text,
			    "GET http://h");
	assert_string_equal(decode(raw, "GET http://h:1/p HTTP/1.1\r\n\r\n").text,
			    "GET http://h:1/p");
}

static void test_write_that_is_no_head_loses_the_flag(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_STREAM_WRITE,
			       .arg = NT_WRITE_REQUEST_HEAD | NT_WRITE_LAST_CHUNK};
	struct event event = decode(raw, "\x16\x03\x01");

	(void)state;
	assert_int_equal(event.arg, NT_WRITE_LAST_CHUNK);
	assert_int_equal(event.status, 0);
	assert_string_equal(event.text, "");
}

static void test_write_without_head_flag_is_not_parsed(void **state)
{
	struct event event =
		decode((struct nt_event){.kind = NT_EVENT_STREAM_WRITE}, "HTTP/1.1 200 OK\r\n\r\n");

	(void)state;
	assert_int_equal(event.status, 0);
	assert_int_equal(event.framing, BODY_UNKNOWN);
}

static void test_read_gives_the_status(void **state)
{
	struct event event =
		decode((struct nt_event){.kind = NT_EVENT_STREAM_READ}, "HTTP/1.1 404");

	(void)state;
	assert_int_equal(event.status, 404);
	assert_string_equal(event.text, "");
}

static void test_read_response_head_tells_its_framing(void **state)
{
	const char *text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nsecret";
	struct nt_event raw = {.kind = NT_EVENT_STREAM_READ, .b = strlen(text)};
	struct event event = decode(raw, text);

	(void)state;
	assert_int_equal(event.status, 200);
	assert_int_equal(event.framing, BODY_LENGTH);
	assert_int_equal(event.content_length, 12);
	assert_int_equal(event.head_length, strlen(text) - strlen("secret"));
	assert_string_equal(event.text, ""); /* nothing of it is kept */
}

static void test_interim_responses_are_part_of_the_head_behind_them(void **state)
{
	const char *text =
		"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n";
	struct event event = decode((struct nt_event){.kind = NT_EVENT_STREAM_READ}, text);

	(void)state;
	assert_int_equal(event.status, 404);
	assert_int_equal(event.content_length, 2);
	assert_int_equal(event.head_length, strlen(text));
	event = decode((struct nt_event){.kind = NT_EVENT_STREAM_READ},
		       "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.");
	assert_int_equal(event.status, 103);
	event = decode((struct nt_event){.kind = NT_EVENT_STREAM_READ},
		       "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le");
	assert_int_equal(event.status, 200);
	assert_int_equal(event.framing, BODY_UNKNOWN);
	assert_int_equal(event.head_length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_text_is_sanitized_and_ends_at_a_nul, reset),
		cmocka_unit_test_setup(test_url_loses_its_query_unless_kept, reset),
		cmocka_unit_test_setup(test_url_that_grows_beyond_the_buffer_is_marked, reset),
		cmocka_unit_test_setup(test_response_head_is_parsed_and_forgotten, reset),
		cmocka_unit_test_setup(test_request_head_becomes_method_and_url, reset),
		cmocka_unit_test_setup(test_passwords_in_proxy_requests_are_dropped, reset),
		cmocka_unit_test_setup(test_write_that_is_no_head_loses_the_flag, reset),
		cmocka_unit_test_setup(test_write_without_head_flag_is_not_parsed, reset),
		cmocka_unit_test_setup(test_read_gives_the_status, reset),
		cmocka_unit_test_setup(test_read_response_head_tells_its_framing, reset),
		cmocka_unit_test_setup(test_interim_responses_are_part_of_the_head_behind_them,
				       reset),
		cmocka_unit_test_setup(test_terminator_may_follow_the_head_at_once, reset),
		cmocka_unit_test_setup(test_http2_request_is_method_and_path, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
