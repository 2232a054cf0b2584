/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct decoder decoder;

static uint64_t bits(double value)
{
	uint64_t result;

	memcpy(&result, &value, sizeof(result));
	return result;
}

/* Decodes a record of exactly the right size, so that ASan sees every byte beyond it. */
static int decode_raw(struct nt_event raw, const void *text, size_t len, struct event *event)
{
	char *record = malloc(sizeof(raw) + len);
	int ret;

	raw.text_len = (uint16_t)len;
	memcpy(record, &raw, sizeof(raw));
	if (len)
		memcpy(record + sizeof(raw), text, len);
	ret = decode_event(&decoder, NULL, record, sizeof(raw) + len, event);
	free(record);
	return ret;
}

static struct event decode(struct nt_event raw, const char *text)
{
	struct event event;

	assert_int_equal(decode_raw(raw, text, strlen(text), &event), 0);
	return event;
}

static int reset(void **state)
{
	(void)state;
	memset(&decoder, 0, sizeof(decoder));
	return 0;
}

static void test_common_fields_are_carried_over(void **state)
{
	struct nt_event raw = {.ts = 1,
			       .tid = 2,
			       .seq = 3,
			       .kind = NT_EVENT_PHASE,
			       .arg = 4,
			       .a = 5,
			       .b = 6,
			       .c = 7,
			       .has_ids = 1,
			       .tick = 8,
			       .immediates = 9,
			       .exec = bits(10),
			       .trigger = bits(11),
			       .counter = bits(12)};
	struct event event = decode(raw, "");

	(void)state;
	assert_int_equal(event.ts, 1);
	assert_int_equal(event.tid, 2);
	assert_int_equal(event.seq, 3);
	assert_int_equal(event.kind, NT_EVENT_PHASE);
	assert_int_equal(event.arg, 4);
	assert_int_equal(event.a, 5);
	assert_int_equal(event.b, 6);
	assert_int_equal(event.c, 7);
	assert_true(event.has_ids);
	assert_int_equal(event.tick, 8);
	assert_int_equal(event.immediates, 9);
	assert_int_equal(event.exec, 10);
	assert_int_equal(event.trigger, 11);
	assert_int_equal(event.counter, 12);
	assert_null(event.stack);
	assert_string_equal(event.text, "");
}

static void test_ids_are_ignored_when_the_kernel_had_none(void **state)
{
	struct event event =
		decode((struct nt_event){.kind = NT_EVENT_PHASE, .exec = bits(10)}, "");

	(void)state;
	assert_false(event.has_ids);
	assert_int_equal(event.exec, 0);
}

static void test_what_is_no_async_id_becomes_zero(void **state)
{
	static const double bad[] = {
		0, -0.0, -1, 0.5, 1.5, NAN, INFINITY, -INFINITY, 1e300, 5e-324, 9007199254740994.0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nt_event raw = {.kind = NT_EVENT_PHASE, .has_ids = 1, .exec = bits(bad[i])};

		assert_int_equal(decode(raw, "").exec, 0);
	}
}

static void test_large_ids_are_exact(void **state)
{
	struct nt_event raw = {
		.kind = NT_EVENT_PHASE, .has_ids = 1, .exec = bits(9007199254740991.0)};

	(void)state;
	assert_true(decode(raw, "").exec == 9007199254740991ULL);
}

static void test_scope_and_wrap_ids_are_converted_and_other_numbers_are_not(void **state)
{
	static const enum nt_event_kind with_wrap[] = {NT_EVENT_STREAM_WRITE, NT_EVENT_STREAM_READ,
						       NT_EVENT_WORK_SUBMIT, NT_EVENT_CONNECT,
						       NT_EVENT_SPAWN};
	struct nt_event raw = {.kind = NT_EVENT_SCOPE_OPEN, .a = 77, .b = bits(5), .c = bits(6)};
	struct event event = decode(raw, "");
	size_t i;

	(void)state;
	assert_int_equal(event.a, 77);
	assert_int_equal(event.b, 5);
	assert_int_equal(event.c, 6);
	for (i = 0; i < sizeof(with_wrap) / sizeof(with_wrap[0]); i++) {
		raw = (struct nt_event){
			.kind = (uint16_t)with_wrap[i], .a = 77, .b = 5, .c = bits(6)};
		event = decode(raw, "");
		assert_int_equal(event.a, 77);
		assert_int_equal(event.b, 5);
		assert_int_equal(event.c, 6);
	}
	raw = (struct nt_event){.kind = NT_EVENT_TIMER_NOW, .a = 5, .b = 20};
	event = decode(raw, "");
	assert_int_equal(event.a, 5);
	assert_int_equal(event.b, 20);
}

static void test_stack_ids_become_stacks(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_INIT, .stack = 99};
	const struct frame frame = {.function = "handler"};
	const struct stack *stack;
	struct stacks *stacks;
	struct event event;

	(void)state;
	assert_int_equal(stacks_new(10, 1000, &stacks), 0);
	stack = stacks_add(stacks, 99, &frame, 1);
	assert_non_null(stack);
	assert_int_equal(decode_event(&decoder, stacks, &raw, sizeof(raw), &event), 0);
	assert_ptr_equal(event.stack, stack);
	raw.stack = 98;
	assert_int_equal(decode_event(&decoder, stacks, &raw, sizeof(raw), &event), 0);
	assert_null(event.stack);
	stacks_free(stacks);
}

static void test_damaged_records_leave_the_result_alone(void **state)
{
	struct nt_event raw = {.kind = NT_EVENT_INIT};
	struct event event = {.ts = 4711};

	(void)state;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw) - 1, &event), -EBADMSG);
	raw.text_len = 1;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.text_len = 0;
	raw.kind = 0;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.kind = NT_EVENT_KINDS;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -EBADMSG);
	raw.kind = NT_EVENT_STACK;
	assert_int_equal(decode_event(&decoder, NULL, &raw, sizeof(raw), &event), -ENODATA);
	assert_int_equal(event.ts, 4711);
}

static void test_padding_behind_the_text_is_allowed(void **state)
{
	char record[sizeof(struct nt_event) + 8] = {0};
	struct nt_event raw = {.kind = NT_EVENT_INIT, .text_len = 3};
	struct event event;

	(void)state;
	memcpy(record, &raw, sizeof(raw));
	memcpy(record + sizeof(raw), "TCPWRAP", 8);
	assert_int_equal(decode_event(&decoder, NULL, record, sizeof(record), &event), 0);
	assert_string_equal(event.text, "TCP");
	assert_int_equal(event.text_len, 3);
}

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

static void test_connect_prints_address_and_port(void **state)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(5433)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	struct nt_event raw = {.kind = NT_EVENT_CONNECT};
	struct event event;

	(void)state;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	assert_int_equal(decode_raw(raw, &v4, sizeof(v4), &event), 0);
	assert_string_equal(event.text, "127.0.0.1:5433");
	assert_int_equal(decode_raw(raw, &v6, sizeof(v6), &event), 0);
	assert_string_equal(event.text, "::1:80");
	assert_int_equal(decode_raw(raw, &v6, sizeof(v6) - 1, &event), 0);
	assert_string_equal(event.text, "");
	assert_int_equal(decode_raw(raw, &v6, 1, &event), 0);
	assert_string_equal(event.text, "");
	raw.arg = 1;
	assert_string_equal(decode(raw, "/run/db.sock").text, "/run/db.sock");
}

static void test_tick_boundary_gives_candidates_within_the_text(void **state)
{
	uint64_t pairs[2 * EVENT_MAX_CANDIDATES + 4];
	struct nt_event raw = {.kind = NT_EVENT_TICK_BOUNDARY, .arg = 2};
	struct event event;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		pairs[i] = 100 + i;
	assert_int_equal(decode_raw(raw, pairs, 32, &event), 0);
	assert_int_equal(event.n_candidates, 2);
	assert_int_equal(event.candidates[1].id, 102);
	assert_int_equal(event.candidates[1].trigger, 103);
	assert_int_equal(decode_raw(raw, pairs, 31, &event), 0);
	assert_int_equal(event.n_candidates, 1);
	raw.arg = UINT32_MAX;
	assert_int_equal(decode_raw(raw, pairs, sizeof(pairs), &event), 0);
	assert_int_equal(event.n_candidates, EVENT_MAX_CANDIDATES);
}

static void test_random_bytes_never_escape_their_bounds(void **state)
{
	struct event event;
	int round;

	(void)state;
	srand(3);
	for (round = 0; round < 50000; round++) {
		struct nt_event raw;
		char text[300];
		size_t len = (size_t)rand() % sizeof(text);
		size_t i;

		for (i = 0; i < sizeof(raw); i++)
			((char *)&raw)[i] = (char)rand();
		for (i = 0; i < len; i++)
			text[i] = (char)rand();
		raw.kind = (uint16_t)(rand() % (NT_EVENT_KINDS + 1));
		if (!decode_raw(raw, text, len, &event)) {
			assert_int_equal(strlen(event.text), event.text_len);
			assert_true(event.exec <= 1ULL << 53);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_common_fields_are_carried_over, reset),
		cmocka_unit_test_setup(test_ids_are_ignored_when_the_kernel_had_none, reset),
		cmocka_unit_test_setup(test_what_is_no_async_id_becomes_zero, reset),
		cmocka_unit_test_setup(test_large_ids_are_exact, reset),
		cmocka_unit_test_setup(
			test_scope_and_wrap_ids_are_converted_and_other_numbers_are_not, reset),
		cmocka_unit_test_setup(test_stack_ids_become_stacks, reset),
		cmocka_unit_test_setup(test_damaged_records_leave_the_result_alone, reset),
		cmocka_unit_test_setup(test_padding_behind_the_text_is_allowed, reset),
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
		cmocka_unit_test_setup(test_connect_prints_address_and_port, reset),
		cmocka_unit_test_setup(test_tick_boundary_gives_candidates_within_the_text, reset),
		cmocka_unit_test_setup(test_terminator_may_follow_the_head_at_once, reset),
		cmocka_unit_test_setup(test_http2_request_is_method_and_path, reset),
		cmocka_unit_test_setup(test_random_bytes_never_escape_their_bounds, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
