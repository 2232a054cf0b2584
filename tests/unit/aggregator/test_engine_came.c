/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Data that came while the loop was busy: until then the network was waited for, from then on the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/label.h"

#include "aggregator/trace.h"

#define SCOPE    0x7000
#define CLIENT   0x5000
#define OTHER    0x6000
#define KEPT     (80 * MS) /* the loop, by /culprit */
#define IN_US(t) ((uint32_t)((t) / 1000))

struct scene {
	struct trace trace;
	uint64_t waiting; /* the id that /victim's answer is called back for */
};

static void loop_turn(struct trace *trace, uint64_t wait_ns)
{
	uint64_t since = trace->ts + 1;
	struct event event;

	trace->ts += wait_ns;
	event = trace_event(trace, NT_EVENT_LOOP_TURN);
	event.has_ids = false;
	event.a = since;
	trace_feed(trace, &event);
}

static void read_from(struct trace *trace, uint64_t stream, uint32_t age_us)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = stream;
	event.b = 100;
	event.status = 200;
	event.arg = age_us << 8;
	trace_feed(trace, &event);
}

/* /victim asks another server; then the loop waits for 2 ms, and /culprit keeps it. */
static void begin(struct scene *scene)
{
	struct trace *trace = &scene->trace;
	struct event event;

	trace_init(trace, 100);
	loop_turn(trace, MS);
	trace_request(trace, 0x1000, 0x2000, 50, "/victim");
	scene->waiting = trace_resource(trace, "HTTPCLIENTREQUEST");
	event = trace_event(trace, NT_EVENT_STREAM_WRITE);
	event.a = CLIENT;
	event.arg = NT_WRITE_REQUEST_HEAD;
	trace_text(&event, "GET http://other/x");
	trace_feed(trace, &event);
	trace_close(trace, SCOPE);
	loop_turn(trace, 2 * MS);
	trace_request(trace, 0x1100, 0x2100, 51, "/culprit");
	trace->ts += KEPT;
	trace_respond(trace, 0x2100, 200);
	trace_close(trace, SCOPE);
	loop_turn(trace, 0);
}

/* The answer is called back for, and /victim responds. Returns its request. */
static const struct request *end(struct scene *scene)
{
	struct trace *trace = &scene->trace;

	trace_scope(trace, SCOPE, scene->waiting, 50, 0);
	trace_respond(trace, 0x2000, 200);
	trace_close(trace, SCOPE);
	trace_finish(trace);
	return trace_find(trace, "/victim");
}

/* What the request waited for, apart from what takes some microseconds. */
static void expect_waits(const struct request *request, uint64_t io_ns, uint64_t loop_ns)
{
	uint64_t io = request->label_ns[LABEL_IO], loop = request->label_ns[LABEL_LOOP], sum = 0;

	assert_true(io + MS / 2 > io_ns && io < io_ns + MS / 2);
	assert_true(loop + MS / 2 > loop_ns && loop < loop_ns + MS / 2);
	for (int i = 0; i < LABEL_COUNT; i++)
		sum += request->label_ns[i];
	assert_int_equal(sum, request_duration_ns(request));
}

static uint64_t delay_by(const struct request *request, uint64_t culprit)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < request->n_labels; i++)
		if (request->labels[i].label == LABEL_LOOP && request->labels[i].culprit == culprit)
			sum += request->labels[i].end_ns - request->labels[i].start_ns;
	return sum;
}

static void test_data_that_came_while_another_request_ran(void **state)
{
	const struct request *victim;
	struct scene scene;
	uint64_t delay;

	(void)state;
	begin(&scene);
	read_from(&scene.trace, CLIENT, IN_US(70 * MS));
	victim = end(&scene);
	expect_waits(victim, 12 * MS, 70 * MS);
	delay = delay_by(victim, trace_find(&scene.trace, "/culprit")->serial);
	assert_true(delay > 69 * MS && delay < 71 * MS);
	trace_done(&scene.trace);
}

static void test_nobody_tells_when_it_came(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	read_from(&scene.trace, CLIENT, 0);
	expect_waits(end(&scene), 82 * MS, 0);
	trace_done(&scene.trace);
}

/* The loop waited in the meantime: it would have been told. The socket was not read from for a while. */
static void test_what_came_before_the_loop_waited_is_ready_since_then(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	read_from(&scene.trace, CLIENT, IN_US(KEPT + MS));
	expect_waits(end(&scene), 2 * MS, KEPT);
	trace_done(&scene.trace);
}

static void test_what_came_before_the_question_is_no_answer(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	read_from(&scene.trace, CLIENT, NT_READ_AGE_MAX);
	expect_waits(end(&scene), 82 * MS, 0);
	trace_done(&scene.trace);
}

/* A callback that no read announced has no data of the one before it. */
static void test_data_of_another_callback(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	read_from(&scene.trace, OTHER, IN_US(70 * MS));
	trace_scope(&scene.trace, SCOPE, 90, 1, 0);
	trace_close(&scene.trace, SCOPE);
	expect_waits(end(&scene), 82 * MS, 0);
	trace_done(&scene.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data_that_came_while_another_request_ran),
		cmocka_unit_test(test_nobody_tells_when_it_came),
		cmocka_unit_test(test_what_came_before_the_loop_waited_is_ready_since_then),
		cmocka_unit_test(test_what_came_before_the_question_is_no_answer),
		cmocka_unit_test(test_data_of_another_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
