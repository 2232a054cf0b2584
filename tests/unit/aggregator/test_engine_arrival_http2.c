/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests of HTTP/2 whose bytes came while the loop was busy with another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/http2.h"

#include "aggregator/label.h"

#define KEPT (80 * MS) /* the loop, by /culprit */

static void finish_stream(struct trace *trace, uint32_t number)
{
	respond(trace, number, 204 | NT_HTTP2_NO_BODY);
	written(trace);
	trace_close(trace, SCOPE);
}

static void loop_turn(struct trace *trace)
{
	struct event event = trace_event(trace, NT_EVENT_LOOP_TURN);

	event.has_ids = false;
	trace_feed(trace, &event);
}

/* /culprit keeps the loop; then /victim is read, whose bytes had come that long ago. */
static const struct request *victim_of(struct trace *trace, uint32_t age_us)
{
	trace_init(trace, 100);
	loop_turn(trace);
	(void)open_stream(trace, 1, "GET /culprit");
	trace->ts += KEPT;
	finish_stream(trace, 1);
	loop_turn(trace);
	trace->age_us = age_us;
	(void)open_stream(trace, 3, "GET /victim");
	finish_stream(trace, 3);
	trace_finish(trace);
	return trace_find(trace, "/victim");
}

static void test_a_stream_waits_from_when_its_bytes_came(void **state)
{
	const struct request *victim, *culprit;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, 60 * MS / 1000);
	culprit = trace_find(&trace, "/culprit");
	assert_int_equal(victim->read_ns - victim->start_ns, 60 * MS);
	assert_true(victim->label_ns[LABEL_LOOP] > 59 * MS);
	assert_true(victim->n_labels && victim->labels[0].label == LABEL_LOOP);
	assert_int_equal(victim->labels[0].culprit, culprit->serial);
	assert_int_equal(culprit->start_ns, culprit->read_ns);
	assert_int_equal(victim->flags, 0);
	trace_done(&trace);
}

static void test_where_nobody_tells_it_begins_when_it_is_read(void **state)
{
	const struct request *victim;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, 0);
	assert_int_equal(victim->start_ns, victim->read_ns);
	trace_done(&trace);
}

static void test_an_age_without_sense(void **state)
{
	const struct request *victim;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, NT_READ_AGE_MAX);
	assert_true(victim->start_ns <= victim->read_ns);
	assert_int_equal(victim->flags, 0); /* nor is it taken for one of those */
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stream_waits_from_when_its_bytes_came),
		cmocka_unit_test(test_where_nobody_tells_it_begins_when_it_is_read),
		cmocka_unit_test(test_an_age_without_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
