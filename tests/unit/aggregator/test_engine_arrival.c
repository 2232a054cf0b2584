/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests whose bytes came while the loop was busy: from then on they waited for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/label.h"

#include "aggregator/trace.h"

#define SCOPE 0x7000
#define KEPT  (80 * MS) /* the loop, by /culprit */

static void loop_turn(struct trace *trace)
{
	struct event event = trace_event(trace, NT_EVENT_LOOP_TURN);

	event.has_ids = false;
	trace_feed(trace, &event);
}

static void respond(struct trace *trace, uint64_t stream)
{
	trace_respond(trace, stream, 200);
	trace_close(trace, SCOPE);
}

/* /culprit keeps the loop; then /victim is read, whose bytes had come that long ago. */
static const struct request *victim_of(struct trace *trace, uint64_t age_ns)
{
	trace_init(trace, 100);
	loop_turn(trace);
	trace_request(trace, 0x1000, 0x2000, 50, "/culprit");
	trace->ts += KEPT;
	respond(trace, 0x2000);
	loop_turn(trace);
	trace->age_us = (uint32_t)(age_ns / 1000);
	trace_request(trace, 0x1100, 0x2100, 51, "/victim");
	respond(trace, 0x2100);
	trace_finish(trace);
	return trace_find(trace, "/victim");
}

static void expect_sum(const struct request *request)
{
	uint64_t sum = 0;

	for (int i = 0; i < LABEL_COUNT; i++)
		sum += request->label_ns[i];
	assert_int_equal(sum, request_duration_ns(request));
}

static void test_a_request_waits_from_when_its_bytes_came(void **state)
{
	const struct request *victim, *culprit;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, 60 * MS);
	culprit = trace_find(&trace, "/culprit");
	assert_int_equal(victim->read_ns - victim->start_ns, 60 * MS);
	assert_true(victim->headers_ns > victim->read_ns);
	assert_true(victim->label_ns[LABEL_LOOP] > 59 * MS);
	assert_true(victim->n_labels && victim->labels[0].label == LABEL_LOOP);
	assert_int_equal(victim->labels[0].culprit, culprit->serial);
	expect_sum(victim);
	assert_int_equal(culprit->start_ns, culprit->read_ns);
	trace_done(&trace);
}

static void test_where_nobody_tells_it_begins_when_it_is_read(void **state)
{
	const struct request *victim;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, 0);
	assert_int_equal(victim->start_ns, victim->read_ns);
	assert_true(victim->label_ns[LABEL_LOOP] < MS);
	expect_sum(victim);
	trace_done(&trace);
}

/* As long ago as can be told: longer than the clock runs. */
static void test_an_age_without_sense(void **state)
{
	const struct request *victim;
	struct trace trace;

	(void)state;
	victim = victim_of(&trace, (uint64_t)NT_READ_AGE_MAX * 1000);
	assert_true(victim->start_ns <= victim->read_ns);
	expect_sum(victim);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_waits_from_when_its_bytes_came),
		cmocka_unit_test(test_where_nobody_tells_it_begins_when_it_is_read),
		cmocka_unit_test(test_an_age_without_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
