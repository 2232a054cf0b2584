/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Looks at a thread that computes: whose they are, and which line they name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/samples.h"
#include "aggregator/trace.h"

#define PARSER    0x100
#define STREAM    0x200
#define PERIOD_NS (10 * MS)

/* A stack of one line of the application, below a frame of node's own. */
struct line {
	struct stack stack;
	struct frame frames[2];
};

static struct line line_of(const char *function, uint32_t line)
{
	return (struct line){
		.stack = {.id = line, .n_frames = 2},
		.frames = {{.function = "f", .file = "node:fs", .line = 1, .kind = FRAME_JS},
			   {.function = function,
			    .file = "/srv/app.js",
			    .line = line,
			    .kind = FRAME_JS}},
	};
}

static void sample(struct trace *trace, const struct line *line)
{
	struct event event = {.seq = trace->seq++,
			      .tid = trace->tid,
			      .kind = NT_EVENT_CPU_SAMPLE,
			      .a = PERIOD_NS,
			      .stack = &line->stack,
			      .text = ""};

	trace->ts += PERIOD_NS;
	event.ts = trace->ts;
	trace_feed(trace, &event);
}

/* The longest stretch of own JavaScript on its critical path. */
static const struct label_span *own_js(const struct request *request)
{
	const struct label_span *best = NULL;

	for (uint32_t i = 0; i < request->n_labels; i++) {
		const struct label_span *span = &request->labels[i];

		if (span->label == LABEL_JS &&
		    (!best || span->end_ns - span->start_ns > best->end_ns - best->start_ns))
			best = span;
	}
	return best;
}

static void test_the_line_with_most_samples_is_that_of_the_handler(void **state)
{
	struct line parse = line_of("parse", 10), render = line_of("render", 20);
	const struct request *request;
	const struct label_span *span;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, 5, "/slow");
	sample(&trace, &parse);
	for (int i = 0; i < 3; i++)
		sample(&trace, &render);
	sample(&trace, &parse);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace_find(&trace, "/slow");
	assert_non_null(request);
	span = own_js(request);
	assert_non_null(span);
	assert_ptr_equal(span->stack, &render.stack);
	assert_int_equal(span->samples, 3);
	assert_int_equal(request->n_samples, 2);
	assert_int_equal(request->samples[0].op, OP_PARENT_REQUEST);
	assert_ptr_equal(request->samples[0].stack, &parse.stack);
	assert_int_equal(request->samples[0].count, 2);
	assert_int_equal(request->samples[0].ns, 2 * PERIOD_NS);
	assert_int_equal(request->samples[1].count, 3);
	trace_done(&trace);
}

static void test_samples_of_a_callback_are_its_operations(void **state)
{
	struct line line = line_of("parse", 10), handler = line_of("handler", 5);
	const struct request *request;
	struct trace trace;
	uint64_t id;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, 5, "/stat");
	(void)trace_stat(&trace, 0x300, "/other");
	/* an async function: its node stands among the operations */
	handler.frames[1].kind = FRAME_JS_ASYNC;
	id = trace_stat_from(&trace, 0x400, "/a", &handler.stack);
	trace_close(&trace, 0x7000);
	trace_plain(&trace, NT_EVENT_WORK_DONE, 0x400, 0, 0);
	trace_scope(&trace, 0x7000, id, 5, 0);
	sample(&trace, &line);
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace_find(&trace, "/stat");
	assert_non_null(request);
	assert_int_equal(request->n_samples, 1);
	assert_in_range(request->samples[0].op, 0, request->n_ops - 1);
	assert_int_equal(request->n_ops, 3);
	assert_string_equal(request->ops[request->samples[0].op].detail, "/a");
	trace_done(&trace);
}

/* Between two turns of the loop nobody is told to have run: then it is nobody's either. */
static void test_samples_before_the_loop_waited_are_nobodys(void **state)
{
	struct line line = line_of("parse", 10);
	const struct request *request;
	struct event turn;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_plain(&trace, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	sample(&trace, &line);
	turn = trace_event(&trace, NT_EVENT_LOOP_TURN);
	turn.has_ids = false;
	trace_feed(&trace, &turn);
	trace_request(&trace, PARSER, STREAM, 5, "/quick");
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	trace_finish(&trace);

	request = trace_find(&trace, "/quick");
	assert_non_null(request);
	assert_int_equal(request->n_samples, 0);
	assert_int_equal(own_js(request)->samples, 0);
	trace_done(&trace);
}

/* The same line is met with different callers: their samples count together. */
static void test_lines_win_and_not_stacks(void **state)
{
	struct line one = line_of("parse", 10), other = line_of("parse", 10);
	struct line render = line_of("render", 20);
	struct samples samples = {.n = 0};
	uint32_t count = 0;

	(void)state;
	samples_add(&samples, &(struct sampled){.stack = &render.stack, .count = 3});
	samples_add(&samples, &(struct sampled){.stack = &one.stack, .count = 2});
	samples_add(&samples, &(struct sampled){.stack = &other.stack, .count = 2});
	other.frames[1].function = one.frames[1].function;
	assert_ptr_equal(samples_place(&samples, &count), &one.stack);
	assert_int_equal(count, 4);
}

static void test_samples_are_bounded(void **state)
{
	static struct line lines[SAMPLES_MAX + 8];
	struct samples samples = {.n = 0}, moved = {.n = 0};

	(void)state;
	for (uint32_t i = 0; i < SAMPLES_MAX + 8; i++) {
		lines[i] = line_of("parse", i + 1);
		samples_add(&samples, &(struct sampled){.stack = &lines[i].stack, .count = 1});
	}
	assert_int_equal(samples.n, SAMPLES_MAX);
	assert_int_equal(samples.elsewhere, 8);
	samples_move(&moved, &samples);
	assert_int_equal(moved.n, SAMPLES_MAX);
	assert_int_equal(moved.elsewhere, 8);
	assert_int_equal(samples.n + samples.elsewhere, 0);
}

static void test_native_code_names_no_line(void **state)
{
	struct line line = line_of("parse", 10);
	struct samples samples = {.n = 0};
	uint32_t count = 7;

	(void)state;
	line.stack.n_frames = 1;
	samples_add(&samples, &(struct sampled){.stack = &line.stack, .count = 5});
	assert_null(samples_place(&samples, &count));
	assert_int_equal(count, 7);
}

/* Told late, and without a number in the thread's sequence: only what lies in a callback is the request's. */
static void test_waits_for_a_cpu_count_as_far_as_callbacks_ran(void **state)
{
	struct event preempted = {.kind = NT_EVENT_PREEMPTED, .tid = 1, .text = ""};
	const struct request *request;
	struct trace trace;

	(void)state;
	trace_init(&trace, 100);
	trace_request(&trace, PARSER, STREAM, 5, "/slow");
	preempted.a = trace.ts + 2 * MS;
	preempted.b = trace.ts + 5 * MS;
	trace.ts += 20 * MS;
	trace_respond(&trace, STREAM, 200);
	trace_close(&trace, 0x7000);
	preempted.ts = trace.ts + MS;
	trace_feed(&trace, &preempted);
	preempted.a = trace.ts + 2 * MS; /* after its end */
	preempted.b = trace.ts + 9 * MS;
	preempted.ts = trace.ts + 10 * MS;
	trace_feed(&trace, &preempted);
	trace_finish(&trace);

	request = trace_find(&trace, "/slow");
	assert_non_null(request);
	assert_int_equal(request->preempted_ns, 3 * MS);
	assert_int_equal(trace_totals(&trace).lost, 0);
	assert_false(request->flags & REQUEST_LOSSY);
	trace_done(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_line_with_most_samples_is_that_of_the_handler),
		cmocka_unit_test(test_samples_of_a_callback_are_its_operations),
		cmocka_unit_test(test_samples_before_the_loop_waited_are_nobodys),
		cmocka_unit_test(test_lines_win_and_not_stacks),
		cmocka_unit_test(test_samples_are_bounded),
		cmocka_unit_test(test_native_code_names_no_line),
		cmocka_unit_test(test_waits_for_a_cpu_count_as_far_as_callbacks_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
