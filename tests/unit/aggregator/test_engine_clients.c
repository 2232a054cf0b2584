/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Connections to other servers: which operation they are, and where each response ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/client.h"

static void ask(struct trace *trace, const char *head, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_WRITE);

	event.a = CLIENT;
	event.b = HEAD;
	event.arg = NT_WRITE_REQUEST_HEAD | flags;
	trace_text(&event, head);
	trace_feed(trace, &event);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
