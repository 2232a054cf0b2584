/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* After a hole in what a thread told: who executes, and whose something is when there were more holes since. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/trace.h"

#define PARSER 0x1000
#define STREAM 0x2000
#define SCOPE  0x7000
#define TOKEN  7

static void lose(struct trace *trace, uint32_t n)
{
	trace->seq += n;
}

struct served {
	struct trace trace;
	uint64_t parser; /* async id */
	uint64_t stat;
};

/* "/r1" is being served on a connection made after we came; one continuation and an fs.stat of its wait. */
static void begin(struct served *served)
{
	struct trace *trace = &served->trace;

	trace_init(trace, 100);
	trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	served->parser = trace_resource(trace, "HTTPINCOMINGMESSAGE");
	trace_request(trace, PARSER, STREAM, served->parser, "/r1");
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, TOKEN, 0, 0);
	served->stat = trace_stat(trace, 0x8000, "/first");
	trace_close(trace, SCOPE);
}

/* What comes next on the connection registers a continuation, which runs later. */
static void begin_unseen(struct served *served)
{
	struct trace *trace = &served->trace;

	begin(served);
	trace_respond(trace, STREAM, 200);
	lose(trace, 3); /* the headers of the next request */
	trace_scope(trace, SCOPE, served->parser, 1, 0);
	trace_plain(trace, NT_EVENT_TOKEN_REGISTER, TOKEN + 1, 0, 0);
	trace_close(trace, SCOPE);
}

static void run_stat(struct trace *trace, uint64_t token, const char *path)
{
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, token, 0, 0);
	trace_stat(trace, 0x9000, path);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
}

static void url(struct trace *trace, const char *path)
{
	struct event event = trace_event(trace, NT_EVENT_MESSAGE_URL);

	event.a = PARSER;
	event.b = STREAM;
	trace_text(&event, path);
	trace_feed(trace, &event);
}

/* Of what the request started, only what it did before the hole is its own. */
static void assert_unknown(const struct trace *trace, const char *path)
{
	for (uint32_t i = 0; i < trace->n_requests; i++)
		assert_null(trace_op(trace->requests[i], path));
	assert_true(trace->n_unowned > 0);
	assert_int_equal(trace->unowned_evidence[0], EVIDENCE_UNKNOWN);
}

/* Before the continuation runs, there are so many more holes. */
static void run_after_holes(uint32_t n)
{
	struct served served;
	struct trace *trace = &served.trace;

	begin_unseen(&served);
	for (uint32_t i = 0; i < n; i++) {
		lose(trace, 1);
		trace_plain(trace, NT_EVENT_PHASE, 0, 0, NT_PHASE_NONE);
	}
	run_stat(trace, TOKEN + 1, "/of-r2");
	trace_finish(trace);
	assert_unknown(trace, "/of-r2");
	trace_done(trace);
}

static void test_a_later_hole_hides_no_earlier_one(void **state)
{
	(void)state;
	run_after_holes(1);
}

static void test_holes_without_number_hide_none(void **state)
{
	(void)state;
	run_after_holes(100);
}

static void test_a_continuation_is_whose_it_is_when_the_drain_was_not_seen_to_begin(void **state)
{
	struct served served;
	struct trace *trace = &served.trace;

	(void)state;
	begin(&served);
	lose(trace, 1); /* MICROTASKS_BEGIN */
	trace_plain(trace, NT_EVENT_TOKEN_RUN, TOKEN, 0, 0);
	trace_stat(trace, 0x9000, "/mine");
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	assert_non_null(trace_op(trace_find(trace, "/r1"), "/mine"));
	trace_done(trace);
}

/* It may be a continuation that runs, in a scope that was opened before. */
static void test_who_executes_after_a_hole_is_not_known(void **state)
{
	struct served served;
	struct trace *trace = &served.trace;

	(void)state;
	begin(&served);
	trace_scope(trace, SCOPE, served.stat, served.parser, 0);
	lose(trace, 2);
	trace_stat(trace, 0x9000, "/of-a-continuation");
	trace_close(trace, SCOPE);
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	assert_unknown(trace, "/of-a-continuation");
	trace_done(trace);
}

static void test_a_scope_that_opens_after_a_hole_is_known_and_what_is_around_it_is_not(void **state)
{
	struct served served;
	struct trace *trace = &served.trace;

	(void)state;
	begin(&served);
	trace_scope(trace, SCOPE, served.stat, served.parser, 0);
	lose(trace, 2);
	trace_scope(trace, SCOPE - 0x100, served.stat, served.parser, 0);
	trace_stat(trace, 0x9000, "/inside");
	trace_close(trace, SCOPE - 0x100);
	trace->exec = served.stat;
	trace->trigger = served.parser;
	trace_stat(trace, 0x9001, "/around");
	trace_close(trace, SCOPE);
	trace_plain(trace, NT_EVENT_LOOP_TURN, 0, 0, 0);
	trace_stat(trace, 0x9002, "/of-nobody");
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	assert_non_null(trace_op(trace_find(trace, "/r1"), "/inside"));
	assert_unknown(trace, "/around");
	assert_int_equal(trace->n_unowned, 2);
	assert_int_equal(trace->unowned_evidence[1], EVIDENCE_NONE);
	trace_done(trace);
}

static void test_a_spill_slot_names_nobody_for_a_continuation_that_was_lost(void **state)
{
	struct served served;
	struct trace *trace = &served.trace;
	uint32_t born;

	(void)state;
	begin(&served);
	born = trace->seq - 1;
	lose(trace, 4); /* another's, with TOKEN + 1 */
	trace_plain(trace, NT_EVENT_MICROTASKS_BEGIN, 0, 0, 0);
	trace_plain(trace, NT_EVENT_TOKEN_RUN, TOKEN + 1, 0, 0);
	trace_stat_seeing(trace, "/of-another", 1, &born, NT_SIGHT_FRAME | NT_BIRTH_INLINED, 1);
	trace_plain(trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	trace_respond(trace, STREAM, 200);
	trace_finish(trace);
	assert_null(trace_op(trace_find(trace, "/r1"), "/of-another"));
	assert_int_equal(trace->n_unowned, 1);
	trace_done(trace);
}

static void test_urls_of_two_requests_make_none_of_both(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	url(&trace, "/r1");
	lose(&trace, 3);
	url(&trace, "/r2");
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 1);
	assert_string_equal(trace.requests[0]->url, "/r2");
	trace_done(&trace);
}

static void test_headers_after_a_hole_have_no_url_of_before(void **state)
{
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	url(&trace, "/r1");
	lose(&trace, 2);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_respond(&trace, STREAM, 200);
	lose(&trace, 1);
	trace_plain(&trace, NT_EVENT_MESSAGE_HEADERS, PARSER, 1 | 1 << 8, 0);
	trace_respond(&trace, STREAM, 200);
	trace_finish(&trace);
	assert_int_equal(trace.n_requests, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_string_equal(trace.requests[i]->url, "?");
		assert_true(trace.requests[i]->flags & REQUEST_PARTIAL);
	}
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_later_hole_hides_no_earlier_one),
		cmocka_unit_test(test_holes_without_number_hide_none),
		cmocka_unit_test(
			test_a_continuation_is_whose_it_is_when_the_drain_was_not_seen_to_begin),
		cmocka_unit_test(test_who_executes_after_a_hole_is_not_known),
		cmocka_unit_test(
			test_a_scope_that_opens_after_a_hole_is_known_and_what_is_around_it_is_not),
		cmocka_unit_test(test_a_spill_slot_names_nobody_for_a_continuation_that_was_lost),
		cmocka_unit_test(test_urls_of_two_requests_make_none_of_both),
		cmocka_unit_test(test_headers_after_a_hole_have_no_url_of_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
