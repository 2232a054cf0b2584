/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request knows its protocol, and what comes and goes on a connection that it upgraded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER             0x100
#define UV                 0x200
#define PARSER_ID          50
#define HTTP(major, minor) ((major) << 16 | (minor) << 24)
#define GET                (1 | 1 << 8)

/* Headers of a GET, over TLS or not. */
static void ask(struct trace *trace, uint64_t version, uint32_t url_flags)
{
	struct event event = trace_event(trace, NT_EVENT_MESSAGE_URL);

	event.a = PARSER;
	event.b = UV;
	event.arg = url_flags;
	trace_text(&event, "/socket");
	trace_feed(trace, &event);
	trace_plain(trace, NT_EVENT_MESSAGE_HEADERS, PARSER, GET | version, 0);
	trace_scope(trace, 0x7000, PARSER_ID, 1, NT_SCOPE_SKIP_TASK_QUEUES);
}

/* So many of each kind, in this order: text, binary, close, ping, pong. */
static void frames(struct trace *trace, uint32_t flags, const uint8_t counts[5])
{
	struct event event = trace_event(trace, NT_EVENT_WEBSOCKET);

	event.has_ids = false;
	event.a = UV;
	event.arg = flags;
	event.b = counts[0] | (uint64_t)counts[1] << 16 | (uint64_t)counts[2] << 32 |
		  (uint64_t)counts[3] << 48;
	event.c = counts[4];
	trace_feed(trace, &event);
}

static void upgrade(struct trace *trace)
{
	ask(trace, HTTP(1, 1), 0);
	trace_write(trace, UV, 101, BODY_NONE, 100, 0);
	frames(trace, NT_WEBSOCKET_SENT, (const uint8_t[5]){0});
	trace_close(trace, 0x7000);
}

static void reads(struct trace *trace, uint64_t bytes)
{
	trace_plain(trace, NT_EVENT_STREAM_READ, UV, bytes, 0);
}

static void test_messages_stand_at_the_request_that_upgraded(void **state)
{
	const struct websocket *websocket;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	upgrade(&trace);
	reads(&trace, 70);
	frames(&trace, NT_WEBSOCKET_DEFLATED, (const uint8_t[5]){1, 2, 3, 4, 5});
	reads(&trace, 30);
	reads(&trace, (uint64_t)-4095); /* the end of it: no bytes */
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 11, 0);
	frames(&trace, NT_WEBSOCKET_SENT, (const uint8_t[5]){255, 0, 0, 0, 1});
	trace_write(&trace, UV, 0, BODY_UNKNOWN, 12, 0);
	frames(&trace, NT_WEBSOCKET_SENT | NT_WEBSOCKET_LOST, (const uint8_t[5]){1, 0, 0, 0, 0});
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, UV, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(trace.requests[0]->status, 101);
	websocket = trace.requests[0]->websocket;
	assert_non_null(websocket);
	assert_memory_equal(&websocket->in,
			    (&(struct websocket_side){.bytes = 100,
						      .text = 1,
						      .binary = 2,
						      .closes = 3,
						      .pings = 4,
						      .pongs = 5,
						      .deflated = true}),
			    sizeof(websocket->in));
	assert_memory_equal(
		&websocket->out,
		(&(struct websocket_side){.bytes = 23, .text = 256, .pongs = 1, .at_least = true}),
		sizeof(websocket->out));
	trace_done(&trace);
}

static void test_request_in_flight_has_its_counts(void **state)
{
	const struct engine_snapshot_limits limits = {.max_requests = 1, .max_ops = 10};
	struct request *request = NULL;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	upgrade(&trace);
	frames(&trace, 0, (const uint8_t[5]){7, 0, 0, 0, 0});
	assert_int_equal(engine_snapshot(trace.engine, &limits, &request), 1);
	frames(&trace, 0, (const uint8_t[5]){1, 0, 0, 0, 0});
	assert_int_equal(request->websocket->in.text, 7);
	assert_false(request->websocket->in.at_least);
	request_free(request);
	trace_done(&trace);
}

static void test_other_upgrades_have_no_messages(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	ask(&trace, HTTP(1, 1), 0);
	trace_write(&trace, UV, 101, BODY_NONE, 100, 0);
	reads(&trace, 70);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, UV, 0, 0);
	frames(&trace, 0, (const uint8_t[5]){7, 0, 0, 0, 0}); /* of nobody known */
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	assert_null(trace.requests[0]->websocket);
	trace_done(&trace);
}

static void protocol_is(uint64_t version, uint32_t url_flags, const char *name)
{
	const struct request *request;
	struct trace trace;

	trace_init(&trace, 100);
	ask(&trace, version, url_flags);
	trace_respond(&trace, UV, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	request = trace.requests[0];
	assert_string_equal(protocol_name(request->protocol, request->tls), name);
	trace_done(&trace);
}

static void test_protocol_of_a_request(void **state)
{
	(void)state;
	protocol_is(HTTP(1, 0), 0, "http/1.0");
	protocol_is(HTTP(1, 1), 0, "http/1.1");
	protocol_is(HTTP(1, 9), 0, "http/1");
	assert_string_equal(protocol_name(protocol_of_http(1, 1), true), "https/1.1");
	assert_string_equal(protocol_name(protocol_of_http(2, 0), true), "h2");
	assert_string_equal(protocol_name(protocol_of_http(2, 0), false), "h2c");
	assert_string_equal(protocol_name(PROTOCOL_UNKNOWN, true), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_stand_at_the_request_that_upgraded),
		cmocka_unit_test(test_request_in_flight_has_its_counts),
		cmocka_unit_test(test_other_upgrades_have_no_messages),
		cmocka_unit_test(test_protocol_of_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
