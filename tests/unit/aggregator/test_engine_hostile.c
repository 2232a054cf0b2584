/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Events that a damaged or hostile process makes: they cost little and spoil nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "aggregator/decode.h"
#include "aggregator/engine_state.h"
#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define HUGE_ID   (1ULL << 52)
#define SMALL     (1 << 20) /* bytes */

/* A request after all that is traced as if nothing had been. */
static void assert_next_request_is_whole(struct trace *trace)
{
	const struct request *request;

	trace_request(trace, PARSER, STREAM, PARSER_ID, "/next");
	trace_stat(trace, 0x9000, "/mine");
	trace_respond(trace, STREAM, 200);
	trace_close(trace, SCOPE);
	trace_finish(trace);
	request = trace_find(trace, "/next");
	assert_non_null(request);
	assert_int_equal(request->status, 200);
	assert_int_equal(request->flags, 0);
	assert_non_null(trace_op(request, "/mine"));
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void test_absurd_count_of_immediates_costs_little(void **state)
{
	double began = cpu_seconds();
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER + 1, STREAM + 1, PARSER_ID + 1, "/hostile");
	for (int i = 0; i < 20; i++) {
		trace.immediates = i % 2 ? 0 : UINT32_MAX;
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	}
	assert_true(HASH_COUNT(trace.engine->ops) <= MAX_MADE);
	assert_true(trace.engine->threads->cap_fifo <= 2 * MAX_IMMEDIATES);
	trace_close(&trace, SCOPE);
	assert_next_request_is_whole(&trace);
	assert_true(cpu_seconds() - began < 5);
	trace_done(&trace);
}

static void test_executing_id_that_was_never_given_out_is_refused(void **state)
{
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	event = trace_event(&trace, NT_EVENT_PHASE);
	event.exec = trace.counter + 1;
	assert_int_equal(engine_feed(trace.engine, &event), -EBADMSG);
	event = trace_event(&trace, NT_EVENT_PHASE);
	event.exec = 1;
	event.trigger = HUGE_ID;
	assert_int_equal(engine_feed(trace.engine, &event), -EBADMSG);
	assert_true(trace_totals(&trace).memory < SMALL);
	assert_next_request_is_whole(&trace);
	trace_done(&trace);
}

static void test_ids_far_above_the_counter_take_no_memory(void **state)
{
	static const enum nt_event_kind kinds[] = {
		NT_EVENT_TIMER_NOW, NT_EVENT_STREAM_WRITE, NT_EVENT_STREAM_READ,
		NT_EVENT_CONNECT,   NT_EVENT_SPAWN,        NT_EVENT_WORK_SUBMIT,
	};
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	for (uint64_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		event = trace_event(&trace, kinds[i]);
		event.a = event.c = HUGE_ID + (i << 40);
		trace_feed(&trace, &event);
	}
	trace_scope(&trace, SCOPE, HUGE_ID, HUGE_ID - 1, NT_SCOPE_SKIP_TASK_QUEUES);
	trace.exec = trace.trigger = 0;
	trace_plain(&trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_close(&trace, SCOPE);
	event = trace_event(&trace, NT_EVENT_TICK_BOUNDARY);
	event.n_candidates = EVENT_MAX_CANDIDATES;
	for (uint32_t i = 0; i < EVENT_MAX_CANDIDATES; i++)
		event.candidates[i] = (struct timer_candidate){HUGE_ID + i, UINT64_MAX};
	trace_feed(&trace, &event);
	assert_true(trace_totals(&trace).memory < SMALL);
	assert_next_request_is_whole(&trace);
	trace_done(&trace);
}

static void test_counter_that_jumps_is_forgotten_again(void **state)
{
	struct trace trace;
	struct event event;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	event = trace_event(&trace, NT_EVENT_PHASE);
	event.counter = HUGE_ID;
	trace_feed(&trace, &event);
	for (int i = 0; i < 100000; i++) { /* an id in each gap */
		trace.counter++;
		trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	}
	assert_true(trace_totals(&trace).memory < 16 * SMALL);
	assert_int_equal(trace_totals(&trace).forgotten, 0);
	assert_next_request_is_whole(&trace);
	trace_done(&trace);
}

static void test_gaps_whose_runners_alternate_are_walked_in_bounded_steps(void **state)
{
	double began = cpu_seconds();
	struct trace trace;
	struct event event;
	uint64_t first;

	(void)state;
	trace_init(&trace, 100);
	trace.tick = 1;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/x");
	first = trace_resource(&trace, "FSREQCALLBACK");
	trace_close(&trace, SCOPE);
	trace.tick = 0;
	trace_plain(&trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	trace.tick = 1;
	trace.exec = first;
	trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 1, 0, 0);
	for (uint64_t i = 0; i < 250; i++) {
		trace.exec = i % 2 ? first : PARSER_ID;
		trace.counter++;
		trace_plain(&trace, NT_EVENT_TOKEN_REGISTER, 2 + i, 0, 0);
	}
	trace.exec = trace.counter;
	event = trace_event(&trace, NT_EVENT_STREAM_WRITE);
	event.a = 0x5555;
	event.c = 3;
	for (int i = 0; i < 20; i++) { /* each asks whose it is */
		trace_feed(&trace, &event);
		event = trace_event(&trace, NT_EVENT_STREAM_WRITE);
		event.a = 0x5555 + (uint64_t)i;
		event.c = 4 + (uint64_t)i;
	}
	assert_true(cpu_seconds() - began < 10);
	trace_done(&trace);
}

static void test_open_request_with_300000_operations_stays_small(void **state)
{
	const struct request *request;
	uint32_t most = 0;
	struct trace trace;

	(void)state;
	trace_init(&trace, 10);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/sse");
	for (uint64_t i = 0; i < 300000; i++) {
		trace_stat(&trace, 0x9000 + i, "/some/path");
		trace_plain(&trace, NT_EVENT_WORK_DONE, 0x9000 + i, 0, 0);
		if (HASH_COUNT(trace.engine->ops) > most)
			most = HASH_COUNT(trace.engine->ops);
	}
	assert_true(most < 1000); /* what is kept, and what comes between two sweeps */
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, SCOPE);
	trace_finish(&trace);

	request = trace.requests[0];
	assert_int_equal(request->n_ops, 11);
	assert_int_equal(request->n_ops_total, 300000);
	assert_int_equal(request->ops[10].flags, OP_FOLDED);
	assert_int_equal(request->ops[10].count, 300000 - 10);
	assert_int_equal(request->flags, REQUEST_FOLDED);
	trace_done(&trace);
}

static void test_ids_of_a_request_that_never_ends_are_given_up_at_the_limit(void **state)
{
	struct totals totals;
	struct trace trace;

	(void)state;
	trace_init(&trace, 10);
	trace_request(&trace, PARSER, STREAM, PARSER_ID, "/never");
	for (uint64_t i = 0; i < 200000; i++) {
		trace.counter += 15;
		trace_resource(&trace, "TCPCONNECTWRAP");
	}
	totals = trace_totals(&trace);
	assert_true(totals.memory < 80ULL * SMALL); /* the limit and 8192 events more */
	assert_true(totals.forgotten > 0);
	trace_finish(&trace);
	assert_true(trace.requests[0]->flags & REQUEST_LOSSY);
	trace_done(&trace);
}

static void feed_url(struct trace *trace, const char *text, uint32_t arg)
{
	struct event event = trace_event(trace, NT_EVENT_MESSAGE_URL);

	event.a = PARSER;
	event.b = STREAM;
	event.arg = arg;
	trace_text(&event, text);
	trace_feed(trace, &event);
}

static void test_query_cut_in_one_piece_of_a_url_stays_out_with_the_next(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	feed_url(&trace, "/log", 0);
	feed_url(&trace, "in", NT_URL_QUERY_DROPPED);
	feed_url(&trace, "en=SECRET&x=1", 0);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	feed_url(&trace, "/next", 0);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_finish(&trace);

	assert_int_equal(trace.n_requests, 2);
	assert_string_equal(trace.requests[0]->url, "/login");
	assert_true(trace.requests[0]->flags & REQUEST_QUERY_DROPPED);
	assert_string_equal(trace.requests[1]->url, "/next");
	assert_false(trace.requests[1]->flags & REQUEST_QUERY_DROPPED);
	trace_done(&trace);
}

/* As BPF sends it: the decoder is what cuts the query. */
static void feed_raw_url(struct trace *trace, struct decoder *decoder, const char *text)
{
	struct nt_event raw = {
		.kind = NT_EVENT_MESSAGE_URL, .has_ids = 1, .a = PARSER, .b = STREAM};
	char record[sizeof(raw) + 64];
	struct event event;

	trace->ts += 10000;
	raw.ts = trace->ts;
	raw.tid = trace->tid;
	raw.seq = trace->seq++;
	raw.text_len = (uint16_t)strlen(text);
	memcpy(record, &raw, sizeof(raw));
	memcpy(record + sizeof(raw), text, raw.text_len);
	assert_int_equal(decode_event(decoder, NULL, record, sizeof(raw) + raw.text_len, &event),
			 0);
	trace_feed(trace, &event);
}

static void test_query_split_over_two_pieces_is_in_no_request(void **state)
{
	static struct decoder decoder;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace.counter = 0;
	feed_raw_url(&trace, &decoder, "/login?tok");
	feed_raw_url(&trace, &decoder, "en=SECRET&x=1");
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_finish(&trace);

	assert_string_equal(trace.requests[0]->url, "/login");
	assert_true(trace.requests[0]->flags & REQUEST_QUERY_DROPPED);
	trace_done(&trace);
}

static void test_url_longer_than_any_is_cut_and_says_so(void **state)
{
	char piece[NT_TEXT_MAX];
	struct trace trace;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	piece[0] = '/';
	piece[sizeof(piece) - 1] = 0;
	trace_init(&trace, 100);
	for (int i = 0; i < 100; i++)
		feed_url(&trace, piece, 0);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_finish(&trace);

	assert_int_equal(strlen(trace.requests[0]->url), MAX_URL - 1);
	assert_true(trace.requests[0]->flags & REQUEST_URL_TRUNCATED);
	trace_done(&trace);
}

static void test_scopes_that_only_open_are_bounded(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	for (uint64_t i = 0; i < 10000; i++) {
		trace_scope(&trace, 0x7fff0000 - i * 16, 0, 0, 0);
		trace.exec = 0;
	}
	assert_true(trace.engine->threads->n_scopes <= MAX_SCOPES);
	trace_close(&trace, 0x7fff0000);
	assert_next_request_is_whole(&trace);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absurd_count_of_immediates_costs_little),
		cmocka_unit_test(test_executing_id_that_was_never_given_out_is_refused),
		cmocka_unit_test(test_ids_far_above_the_counter_take_no_memory),
		cmocka_unit_test(test_counter_that_jumps_is_forgotten_again),
		cmocka_unit_test(test_gaps_whose_runners_alternate_are_walked_in_bounded_steps),
		cmocka_unit_test(test_open_request_with_300000_operations_stays_small),
		cmocka_unit_test(test_ids_of_a_request_that_never_ends_are_given_up_at_the_limit),
		cmocka_unit_test(test_query_cut_in_one_piece_of_a_url_stays_out_with_the_next),
		cmocka_unit_test(test_query_split_over_two_pieces_is_in_no_request),
		cmocka_unit_test(test_url_longer_than_any_is_cut_and_says_so),
		cmocka_unit_test(test_scopes_that_only_open_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
