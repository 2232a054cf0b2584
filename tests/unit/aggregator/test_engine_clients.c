/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Connections to other servers: which operation they are, and where each response ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/engine_state.h"

#include "trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define CLIENT    0x5000
#define CONNECT   0x6000 /* uv_connect_t */
#define HEAD      100    /* bytes of every head */

/* Whoever executes asks for a connection. Returns the id of its TCPCONNECTWRAP. */
static uint64_t connect_to(struct trace *trace)
{
	uint64_t id = trace_resource(trace, "TCPCONNECTWRAP");
	struct event event = trace_event(trace, NT_EVENT_CONNECT);

	event.a = CLIENT;
	event.b = CONNECT;
	event.c = id;
	trace_text(&event, "10.0.0.9:80");
	trace_feed(trace, &event);
	return id;
}

static void ask(struct trace *trace, const char *head, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.b = HEAD;
	event.arg = NT_WRITE_REQUEST_HEAD | flags;
	trace_text(&event, head);
	trace_feed(trace, &event);
}

/* A read of n bytes; with a status it begins with a head. Returns its time. */
static uint64_t answer(struct trace *trace, uint32_t status, enum body_framing framing,
		       uint64_t length, int64_t n, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = CLIENT;
	event.b = (uint64_t)n;
	event.arg = flags;
	event.status = status;
	event.framing = framing;
	event.content_length = length;
	event.head_length = status ? HEAD : 0;
	trace_feed(trace, &event);
	trace->ts += MS;
	return event.ts;
}

static void begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/proxy");
}

/* A request, written by its handler on a connection that was there. */
static void begin_asked(struct trace *trace, const char *head)
{
	begin(trace);
	ask(trace, head, 0);
	trace_close(trace, SCOPE);
	trace->ts += 10 * MS;
}

static const struct op *finish(struct trace *trace, const char *detail)
{
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	return trace_op(trace->requests[0], detail);
}

static void test_connection_opened_for_a_request_is_part_of_it(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t id, first;

	(void)state;
	begin(&trace);
	id = connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace.ts += 5 * MS;
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, PARSER_ID, 0);
	ask(&trace, "GET http://other/x", 0);
	trace_close(&trace, SCOPE);
	trace.ts += 10 * MS;
	first = answer(&trace, 200, BODY_LENGTH, 50, HEAD + 50, 0);
	op = finish(&trace, "GET http://other/x");

	assert_int_equal(trace.requests[0]->n_ops, 2); /* the connect is one by itself */
	assert_string_equal(trace.requests[0]->ops[0].type, "net.connect");
	assert_int_equal(trace.requests[0]->ops[0].start_ns, op->start_ns);
	assert_true(trace.requests[0]->ops[0].end_ns < op->wire->written_ns);
	assert_string_equal(op->type, "http.client");
	assert_int_equal(op->evidence, EVIDENCE_PARSER);
	assert_int_equal(op->parent, OP_PARENT_REQUEST);
	assert_int_equal(op->flags, 0);
	assert_int_equal(op->start_ns, op->wire->connect_ns);
	assert_true(op->wire->connected_ns - op->wire->connect_ns > 5 * MS);
	assert_true(op->wire->written_ns > op->wire->connected_ns);
	assert_int_equal(op->wire->first_byte_ns, first);
	assert_int_equal(op->end_ns, first);
	assert_int_equal(op->wire->status, 200);
	assert_int_equal(op->wire->bytes_out, HEAD);
	assert_int_equal(op->wire->bytes_in, HEAD + 50);
	trace_done(&trace);
}

static void test_request_begins_where_the_name_of_its_host_is_looked_up(void **state)
{
	struct event event;
	const struct op *op;
	struct trace trace;
	uint64_t lookup, id;

	(void)state;
	begin(&trace);
	lookup = trace_resource(&trace, "GETADDRINFOREQWRAP");
	event = trace_event(&trace, NT_EVENT_WORK_SUBMIT);
	event.a = 0x9000;
	event.c = lookup;
	event.arg = NT_WORK_ADDRINFO;
	trace_text(&event, "other");
	trace_feed(&trace, &event);
	trace_close(&trace, SCOPE);
	trace.ts += 3 * MS;
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000, 0, 0);
	trace_scope(&trace, SCOPE, lookup, PARSER_ID, 0);
	id = connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, lookup, 0);
	ask(&trace, "GET http://other/x", 0);
	trace_close(&trace, SCOPE);
	answer(&trace, 200, BODY_NONE, 0, HEAD, 0);
	op = finish(&trace, "GET http://other/x");

	assert_int_equal(trace.requests[0]->n_ops, 3);
	assert_int_equal(op->start_ns, trace_op(trace.requests[0], "other")->start_ns);
	assert_int_equal(op->parent, OP_PARENT_REQUEST);
	assert_true(op->wire->connect_ns > op->start_ns + 3 * MS);
	trace_done(&trace);
}

/* Made in the handler, written to by a request on another connection: it was lying ready. */
static void test_connection_that_another_request_uses_stays_with_who_opened_it(void **state)
{
	const struct request *opener, *user;
	struct trace trace;

	(void)state;
	begin(&trace);
	(void)connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/user");
	ask(&trace, "GET http://other/x", 0);
	trace_close(&trace, SCOPE);
	answer(&trace, 200, BODY_NONE, 0, HEAD, 0);
	trace_respond(&trace, STREAM + 1, 200);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);

	opener = trace_find(&trace, "/proxy");
	user = trace_find(&trace, "/user");
	assert_int_equal(opener->n_ops, 1);
	assert_string_equal(opener->ops[0].type, "net.connect");
	assert_int_equal(user->n_ops, 1);
	assert_string_equal(user->ops[0].type, "http.client");
	assert_int_equal(user->ops[0].wire->connect_ns, 0);
	trace_done(&trace);
}

static void test_connection_that_failed_stays_one(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	begin(&trace);
	(void)connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, (uint64_t)-111, 0);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, CLIENT, 0, 0);
	op = finish(&trace, "10.0.0.9:80");

	assert_string_equal(op->type, "net.connect");
	assert_int_equal(op->flags, OP_FAILED);
	assert_int_equal(op->wire->connected_ns, 0);
	trace_done(&trace);
}

/* A response: its head, and the reads that bring it; one more follows that is no part of it. */
struct ending {
	const char *request;
	uint32_t status;
	enum body_framing framing;
	uint64_t length;
	int64_t reads[4]; /* up to the first 0 */
	uint32_t last_flags;
	uint32_t flags; /* of the operation */
};

static void check_ending(const struct ending *ending)
{
	uint64_t last = 0, bytes = 0;
	const struct op *op;
	struct trace trace;

	begin_asked(&trace, ending->request);
	for (uint32_t i = 0; ending->reads[i]; i++) {
		last = answer(&trace, i ? 0 : ending->status, ending->framing, ending->length,
			      ending->reads[i], ending->reads[i + 1] ? 0 : ending->last_flags);
		bytes += ending->reads[i] > 0 ? (uint64_t)ending->reads[i] : 0;
	}
	answer(&trace, 0, BODY_UNKNOWN, 0, 10, 0);
	op = finish(&trace, ending->request);
	assert_int_equal(op->end_ns, last);
	assert_int_equal(op->wire->bytes_in, bytes);
	assert_int_equal(op->wire->status, ending->status);
	assert_int_equal(op->flags, ending->flags);
	trace_done(&trace);
}

static void test_response_ends_as_its_framing_says(void **state)
{
	static const struct ending endings[] = {
		{"GET http://o/x", 200, BODY_LENGTH, 20, {HEAD + 20}, 0, 0},
		{"GET http://o/x", 200, BODY_LENGTH, 20, {HEAD + 5, 10, 5}, 0, 0},
		{"GET http://o/x", 200, BODY_CHUNKED, 0, {HEAD, 40, 5}, NT_READ_LAST_CHUNK, 0},
		{"GET http://o/x", 200, BODY_UNTIL_CLOSE, 0, {HEAD + 7, 9, -4095}, 0, 0},
		{"GET http://o/x", 204, BODY_NONE, 0, {HEAD + 20}, 0, 0},
		{"HEAD http://o/x", 200, BODY_LENGTH, 5000, {HEAD + 20}, 0, 0},
		{"CONNECT o:443", 200, BODY_UNTIL_CLOSE, 0, {HEAD + 20}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		check_ending(&endings[i]);
}

static void test_response_that_is_cut_short_has_failed(void **state)
{
	static const struct ending cut[] = {
		{"GET http://o/x", 200, BODY_LENGTH, 20, {HEAD + 5, -4095}, 0, OP_FAILED},
		{"GET http://o/x", 200, BODY_CHUNKED, 0, {HEAD + 5, -4095}, 0, OP_FAILED},
	};

	(void)state;
	check_ending(&cut[0]);
	check_ending(&cut[1]);
}

static void test_interim_response_is_not_the_answer(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t ts;

	(void)state;
	begin_asked(&trace, "GET http://other/x");
	answer(&trace, 102, BODY_NONE, 0, HEAD, 0);
	ts = answer(&trace, 404, BODY_LENGTH, 5, HEAD + 5, 0);
	op = finish(&trace, "GET http://other/x");

	assert_int_equal(op->wire->status, 404);
	assert_int_equal(op->wire->first_byte_ns, ts);
	assert_int_equal(op->wire->bytes_in, 2 * HEAD + 5);
	assert_int_equal(op->flags, OP_FAILED);
	trace_done(&trace);
}

/* Three written before the first answer; the second and the third come in one read, in pieces. */
static void test_responses_of_a_pipeline_come_in_order(void **state)
{
	const struct op *op[3];
	struct trace trace;
	uint64_t ts[3];

	(void)state;
	begin(&trace);
	ask(&trace, "GET http://other/1", 0);
	ask(&trace, "GET http://other/2", 0);
	ask(&trace, "GET http://other/3", 0);
	trace_close(&trace, SCOPE);
	trace.ts += 10 * MS;
	ts[0] = answer(&trace, 200, BODY_LENGTH, 10, HEAD + 10, 0);
	ts[1] = answer(&trace, 201, BODY_CHUNKED, 0, HEAD + 30, NT_READ_LAST_CHUNK);
	ts[2] = answer(&trace, 503, BODY_LENGTH, 7, HEAD + 7, NT_READ_PIECE);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);
	for (uint32_t i = 0; i < 3; i++) {
		char detail[32] = "GET http://other/1";

		detail[strlen(detail) - 1] += (char)i;
		op[i] = trace_op(trace.requests[0], detail);
		assert_non_null(op[i]);
		assert_int_equal(op[i]->end_ns, ts[i]);
	}
	assert_int_equal(op[0]->wire->status, 200);
	assert_int_equal(op[1]->wire->status, 201);
	assert_int_equal(op[2]->wire->status, 503);
	assert_int_equal(op[1]->wire->bytes_in, HEAD + 30);
	trace_done(&trace);
}

/* A body may hold the text of a response: it is one where the last one ended, nowhere else. */
static void test_text_of_a_response_in_a_body_is_none(void **state)
{
	const struct op *op;
	struct trace trace;
	uint64_t last;

	(void)state;
	begin(&trace);
	ask(&trace, "GET http://other/1", 0);
	ask(&trace, "GET http://other/2", 0);
	trace_close(&trace, SCOPE);
	answer(&trace, 200, BODY_LENGTH, 500, HEAD + 200, 0);
	last = answer(&trace, 404, BODY_LENGTH, 9, 300, NT_READ_PIECE);
	answer(&trace, 201, BODY_LENGTH, 1, HEAD + 1, NT_READ_PIECE);
	op = finish(&trace, "GET http://other/1");

	assert_int_equal(op->wire->status, 200);
	assert_int_equal(op->end_ns, last);
	assert_int_equal(trace_op(trace.requests[0], "GET http://other/2")->wire->status, 201);
	trace_done(&trace);
}

static void test_ciphertext_below_a_tls_stream_does_not_count(void **state)
{
	const struct op *op;
	struct trace trace;

	(void)state;
	begin(&trace);
	ask(&trace, "GET https://other/x", NT_WRITE_TLS);
	trace_write(&trace, CLIENT, 0, BODY_UNKNOWN, 500, 0);
	trace_close(&trace, SCOPE);
	answer(&trace, 200, BODY_LENGTH, 5, HEAD + 5, NT_READ_TLS);
	op = finish(&trace, "GET https://other/x");

	assert_int_equal(op->wire->bytes_out, HEAD);
	assert_int_equal(op->wire->bytes_in, HEAD + 5);
	trace_done(&trace);
}

static void test_requests_that_nothing_answers_are_bounded(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 1000);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/proxy");
	for (int i = 0; i < 200; i++)
		ask(&trace, "GET http://other/x", 0);
	trace_close(&trace, SCOPE);
	trace_respond(&trace, STREAM, 200);
	trace_plain(&trace, NT_EVENT_HANDLE_CLOSE, CLIENT, 0, 0);
	trace_finish(&trace);

	assert_int_equal(trace.requests[0]->n_ops, 200);
	assert_int_equal(trace_totals(&trace).forgotten, 200 - 64);
	trace_done(&trace);
}

/* ---- other protocols */

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
	uint64_t id, last;

	(void)state;
	begin(&trace);
	id = connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, PARSER_ID, 0);
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
	uint64_t id;

	(void)state;
	begin(&trace);
	id = connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, PARSER_ID, 0);
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
	assert_int_equal(trace.n_unowned, 1);
	assert_int_equal(trace.unowned_evidence[0], EVIDENCE_UNKNOWN);
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
	uint64_t id;

	(void)state;
	begin(&trace);
	id = connect_to(&trace);
	trace_close(&trace, SCOPE);
	trace_plain(&trace, NT_EVENT_CONNECT_DONE, CONNECT, 0, 0);
	trace_scope(&trace, SCOPE, id, PARSER_ID, 0);
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
		cmocka_unit_test(test_connection_opened_for_a_request_is_part_of_it),
		cmocka_unit_test(test_request_begins_where_the_name_of_its_host_is_looked_up),
		cmocka_unit_test(
			test_connection_that_another_request_uses_stays_with_who_opened_it),
		cmocka_unit_test(test_connection_that_failed_stays_one),
		cmocka_unit_test(test_response_ends_as_its_framing_says),
		cmocka_unit_test(test_response_that_is_cut_short_has_failed),
		cmocka_unit_test(test_interim_response_is_not_the_answer),
		cmocka_unit_test(test_responses_of_a_pipeline_come_in_order),
		cmocka_unit_test(test_text_of_a_response_in_a_body_is_none),
		cmocka_unit_test(test_ciphertext_below_a_tls_stream_does_not_count),
		cmocka_unit_test(test_requests_that_nothing_answers_are_bounded),
		cmocka_unit_test(test_all_that_is_said_on_a_connection_of_its_own_is_one_operation),
		cmocka_unit_test(test_answers_on_a_shared_connection_come_in_order),
		cmocka_unit_test(test_what_is_said_in_a_callback_while_others_wait_is_nobodys),
		cmocka_unit_test(test_what_is_said_and_never_answered_holds_no_request),
		cmocka_unit_test(test_streams_that_go_nowhere_known_are_no_operations),
		cmocka_unit_test(test_handshake_of_tls_is_not_said_by_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
