/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Protocols that nobody reads: what is said on a connection to another server, and when it is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/client.h"

#define SOCKET 60 /* async id of the connection */

/* Whoever executes writes n bytes that are no HTTP. */
static uint64_t say(struct trace *trace, uint64_t n, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.b = n;
	event.c = SOCKET;
	event.arg = flags;
	trace_feed(trace, &event);
	return event.ts;
}

static uint64_t hear(struct trace *trace, uint64_t n)
{
	return answer(trace, 0, BODY_UNKNOWN, 0, (int64_t)n, 0);
}

/* The only one of the request. */
static const struct op *exchange_of(const struct trace *trace, const char *url)
{
	const struct request *request = trace_find(trace, url);
	const struct op *found = NULL;

	assert_non_null(request);
	for (uint32_t i = 0; i < request->n_ops; i++) {
		if (strcmp(request->ops[i].type, "net.exchange") != 0)
			continue;
		assert_null(found);
		found = &request->ops[i];
	}
	assert_non_null(found);
	assert_string_equal(found ? found->detail : "", "10.0.0.9:80");
	return found;
}

/* The callback of a connection that the request asked for runs. */
static void begin_connected(struct trace *trace)
{
	uint64_t id;

	begin(trace);
	id = connect_to(trace);
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(trace, SCOPE, id, PARSER_ID, 0);
}

/* A connection that is older than the trace, with descriptor 9. */
static void begin_pool(struct trace *trace)
{
	struct event peer = {.tid = 1, .kind = NT_EVENT_PEER, .arg = 9};

	trace_init(trace, 100);
	trace_text(&peer, "10.0.0.9:80");
	trace_feed(trace, &peer);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
}

static void test_all_that_is_said_on_a_connection_of_its_own_is_one_operation(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t last;

	(void)state;
	begin_connected(&trace);
	say(&trace, 10, 0);
	say(&trace, 5, 0);
	trace_close(&trace, SCOPE);
	hear(&trace, 100);
	trace_scope(&trace, SCOPE, SOCKET, 0, 0); /* in its own callback */
	say(&trace, 7, 0);
	trace_close(&trace, SCOPE);
	hear(&trace, 50);
	last = hear(&trace, 1);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = exchange_of(&trace, "/proxy");
	assert_true(op->wire->connected_ns > op->wire->connect_ns);
	assert_int_equal(op->wire->bytes_out, 22);
	assert_int_equal(op->wire->bytes_in, 151);
	assert_int_equal(op->wire->round_trips, 2);
	assert_int_equal(op->end_ns, last);
	assert_int_equal(op->flags, 0);
	trace_done(&trace);
}

/* Two write before anything comes: the first bytes are the first one's, the next the other's. */
static void test_answers_on_a_shared_connection_come_in_order(void **state)
{
	const struct op *one, *two;
	struct trace trace;
	uint64_t first, last;

	(void)state;
	begin_pool(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/one");
	say(&trace, 10, 9 << 8);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/two");
	say(&trace, 20, 9 << 8);
	trace_close(&trace, SCOPE);
	first = hear(&trace, 100);
	last = hear(&trace, 300);
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 1, 200);
	trace_finish(&trace);

	one = exchange_of(&trace, "/one");
	two = exchange_of(&trace, "/two");
	assert_int_equal(one->wire->bytes_out, 10);
	assert_int_equal(one->wire->bytes_in, 100);
	assert_int_equal(one->end_ns, first);
	assert_int_equal(two->wire->bytes_out, 20);
	assert_int_equal(two->wire->bytes_in, 300);
	assert_int_equal(two->wire->first_byte_ns, first); /* it may have been of both */
	assert_int_equal(two->end_ns, last);
	assert_int_equal(two->wire->connect_ns, 0);
	trace_done(&trace);
}

/* A pool writes what others have queued in the callback of the connection: nothing says whose it is. */
static void test_what_is_said_in_a_callback_while_others_wait_is_nobodys(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	begin_connected(&trace);
	say(&trace, 10, 0);
	trace_close(&trace, SCOPE);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/queued");
	trace_close(&trace, SCOPE);
	hear(&trace, 100);
	trace_scope(&trace, SCOPE, SOCKET, 0, 0);
	say(&trace, 7, 0);
	trace_close(&trace, SCOPE);
	hear(&trace, 50);
	trace_respond(&trace, STREAM, 200);
	trace_respond(&trace, STREAM + 1, 200);
	trace_finish(&trace);

	op = exchange_of(&trace, "/proxy");
	assert_int_equal(op->wire->bytes_out, 10);
	assert_int_equal(op->wire->bytes_in, 100);
	assert_int_equal(trace_find(&trace, "/queued")->n_ops, 0);
	trace_assert_unowned(&trace, 1, EVIDENCE_UNKNOWN);
	trace_done(&trace);
}

static void test_what_is_said_and_never_answered_holds_no_request(void **state)
{
	struct trace trace;
	uint64_t said;

	(void)state;
	begin_pool(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/log");
	said = say(&trace, 10, 9 << 8);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace.ts += 100 * MS; /* long before requests with open operations are given up */
	engine_tick(trace.engine, trace.ts);

	assert_int_equal(trace.n_requests, 1);
	assert_int_equal(exchange_of(&trace, "/log")->end_ns, said);
	trace_done(&trace);
}

/* Of a stream that is neither connected to nor known from before nothing is told: a pipe, a server's. */
static void test_streams_that_go_nowhere_known_are_no_operations(void **state)
{
	struct trace trace;

	(void)state;
	begin_pool(&trace);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/log");
	say(&trace, 10, 8 << 8);
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 0);
	trace_done(&trace);
}

static void test_handshake_of_tls_is_not_said_by_anybody(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	begin_connected(&trace);
	say(&trace, 517, NT_WRITE_TLS_RECORD);
	say(&trace, 80, NT_WRITE_TLS_RECORD);
	say(&trace, 12, NT_WRITE_TLS);
	trace_close(&trace, SCOPE);
	hear(&trace, 9);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	op = exchange_of(&trace, "/proxy");
	assert_int_equal(op->wire->bytes_out, 12);
	assert_int_equal(op->wire->bytes_in, 9);
	assert_int_equal(op->wire->round_trips, 1);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_is_said_on_a_connection_of_its_own_is_one_operation),
		cmocka_unit_test(test_answers_on_a_shared_connection_come_in_order),
		cmocka_unit_test(test_what_is_said_in_a_callback_while_others_wait_is_nobodys),
		cmocka_unit_test(test_what_is_said_and_never_answered_holds_no_request),
		cmocka_unit_test(test_streams_that_go_nowhere_known_are_no_operations),
		cmocka_unit_test(test_handshake_of_tls_is_not_said_by_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
