/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/labels.h"

#include <inttypes.h>

#include "aggregator/sample.h"
#include "symbolizer/base.h"

#define RANDOM_REQUESTS 100000
#define RANDOM_OPS      12
#define US              ((uint64_t)1000)

struct wanted {
	uint64_t start_us;
	enum label label;
	uint32_t op;
	uint64_t culprit;
};

static void ran(struct history *history, uint64_t from, uint64_t until, uint64_t request,
		enum label cause)
{
	assert_int_equal(history_ran(history, &(struct stretch){.start_ns = from * US,
								.end_ns = until * US,
								.request = request,
								.cause = cause}),
			 0);
}

static void polled(struct history *history, uint64_t from, uint64_t until)
{
	assert_int_equal(history_polled(history, from * US, until * US), 0);
}

/* Each wanted one lasts until the next; the last one to the end of the request. */
static void expect_labels(const struct request *request, const struct history *history,
			  const struct wanted *wanted, size_t n)
{
	struct label_span *spans = NULL;
	uint32_t n_spans = 0;

	assert_int_equal(labels_find(request, history, &spans, &n_spans), 0);
	for (size_t i = 0; i < n_spans; i++)
		print_message("%" PRIu64 " %s %" PRId32 " %" PRIu64 "\n", spans[i].start_ns / US,
			      label_name(spans[i].label), (int32_t)spans[i].op, spans[i].culprit);
	assert_int_equal(n_spans, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(spans[i].start_ns, wanted[i].start_us * US);
		assert_int_equal(spans[i].label, wanted[i].label);
		assert_int_equal(spans[i].op, wanted[i].op);
		assert_int_equal(spans[i].culprit, wanted[i].culprit);
	}
	assert_int_equal(spans[n - 1].end_ns, request->end_ns);
	free(spans);
}

#define EXPECT(request, history, ...)                                        \
	do {                                                                 \
		static const struct wanted wanted[] = {__VA_ARGS__};         \
		expect_labels(request, history, wanted, ARRAY_SIZE(wanted)); \
	} while (0)

#define REQ LABEL_OP_REQUEST

/* A job of the pool that waits for a thread, runs, and is ready while another request runs. */
static void test_a_job_of_the_pool(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct history history = {0};
	struct op *op;

	(void)state;
	sample_own_run(request, 0, 10);
	op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/", 5, 80);
	op->queued_ns = 5 * US;
	op->started_ns = 20 * US;
	op->finished_ns = 40 * US;
	sample_run(request, op, 80, 100);
	polled(&history, 10, 15);
	ran(&history, 15, 70, 2, LABEL_TIMER);
	polled(&history, 72, 75);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_POOL_QUEUE, 0, 0},
	       {20, LABEL_POOL, 0, 0}, {40, LABEL_LOOP, 0, 2}, {70, LABEL_LOOP, 0, 0},
	       {72, LABEL_POOL, 0, 0}, {75, LABEL_LOOP, 0, 0}, {80, LABEL_JS, 0, 0});
	history_done(&history);
	request_free(request);
}

/* A blocks the loop; the timer of this one was due long before it ran. */
static void test_a_timer_that_is_late(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 200);
	struct history history = {0};
	struct op *op;

	(void)state;
	sample_own_run(request, 0, 10);
	op = sample_op(request, OP_PARENT_REQUEST, "timer", "20", 5, 150);
	op->ready_ns = 25 * US;
	sample_run(request, op, 150, 200);
	polled(&history, 10, 20);
	ran(&history, 20, 140, 9, LABEL_IO);
	assert_int_equal(history_collected(&history, 100 * US, 120 * US), 0);
	assert_int_equal(history_collected(&history, 170 * US, 180 * US), 0);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_TIMER, 0, 0},
	       {25, LABEL_LOOP, 0, 9}, {100, LABEL_GC, 0, 9}, {120, LABEL_LOOP, 0, 9},
	       {140, LABEL_LOOP, 0, 0}, {150, LABEL_JS, 0, 0}, {170, LABEL_GC, 0, 0},
	       {180, LABEL_JS, 0, 0});
	history_done(&history);
	request_free(request);
}

/* Of two that were open at once, the one that ended last moved the request on. */
static void test_the_last_one_counts(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct history history = {0};
	struct op *quick, *slow;

	(void)state;
	sample_own_run(request, 0, 10);
	quick = sample_op(request, OP_PARENT_REQUEST, "net.connect", "", 4, 30);
	slow = sample_op(request, OP_PARENT_REQUEST, "http.client", "", 6, 80);
	sample_run(request, quick, 30, 35);
	sample_run(request, slow, 80, 90);
	sample_own_run(request, 90, 100);
	polled(&history, 10, 29);
	polled(&history, 40, 78);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_IO, 1, 0}, {30, LABEL_JS, 0, 0},
	       {35, LABEL_IO, 1, 0}, {78, LABEL_LOOP, 1, 0}, {80, LABEL_JS, 1, 0},
	       {90, LABEL_JS, REQ, 0});
	history_done(&history);
	request_free(request);
}

/* No operation of its own ended: the callback that it went on in tells. */
static void test_what_the_loop_called_back_for(void **state)
{
	struct request *request = sample_request(1, "POST", "/", 0, 100);
	struct history history = {0};

	(void)state;
	request->headers_ns = 6 * US;
	request->sent_ns = 70 * US;
	sample_own_run(request, 8, 10);
	sample_own_run(request, 50, 60);
	polled(&history, 2, 5);
	ran(&history, 8, 10, 1, LABEL_CLIENT);
	polled(&history, 12, 45);
	ran(&history, 50, 60, 1, LABEL_CLIENT);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {2, LABEL_CLIENT, REQ, 0},
	       {5, LABEL_JS, REQ, 0}, {10, LABEL_CLIENT, REQ, 0}, {45, LABEL_LOOP, REQ, 0},
	       {50, LABEL_JS, REQ, 0}, {60, LABEL_UNKNOWN, REQ, 0}, {70, LABEL_CLIENT, REQ, 0});
	history_done(&history);
	request_free(request);
}

/* Somebody's immediate, made after the loop has waited: before that nobody knows. */
static void test_what_was_ready_lets_no_loop_wait(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct history history = {0};
	struct op *op;

	(void)state;
	sample_own_run(request, 0, 10);
	sample_own_run(request, 80, 100);
	polled(&history, 12, 45);
	ran(&history, 50, 70, 2, LABEL_IO);
	polled(&history, 75, 75);
	ran(&history, 80, 100, 1, LABEL_LOOP);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_UNKNOWN, REQ, 0},
	       {45, LABEL_LOOP, REQ, 0}, {60, LABEL_LOOP, REQ, 2}, {80, LABEL_JS, REQ, 0});
	op = sample_op(request, OP_PARENT_REQUEST, "immediate", "", 10, 80); /* unref() */
	sample_run(request, op, 80, 80);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_LOOP, 0, 0},
	       {12, LABEL_UNKNOWN, 0, 0}, {45, LABEL_LOOP, 0, 0}, {60, LABEL_LOOP, 0, 2},
	       {80, LABEL_JS, REQ, 0});
	history_done(&history);
	request_free(request);
}

/* Open when the trace began: neither the client nor its own code has the time before its answer. */
static void test_a_request_older_than_the_trace(void **state)
{
	struct request *request = sample_request(1, "?", "?", 0, 100);
	struct history history = {0};

	(void)state;
	request->headers_ns = 0;
	request->flags = REQUEST_PARTIAL;
	request->sent_ns = 90 * US;
	polled(&history, 5, 45);
	ran(&history, 50, 70, 2, LABEL_IO);
	EXPECT(request, &history, {0, LABEL_UNKNOWN, REQ, 0}, {90, LABEL_CLIENT, REQ, 0});
	history_done(&history);
	request_free(request);
}

/* A worker does a part of it: what this loop did meanwhile, for others or not at all, did not delay that. */
static void test_another_thread_goes_on_with_it(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 130);
	struct history history = {0};
	struct op *op;

	(void)state;
	sample_own_run(request, 0, 10);
	sample_own_run(request, 30, 40);
	op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/", 35, 65);
	op->queued_ns = 35 * US;
	op->started_ns = 50 * US;
	op->finished_ns = 60 * US;
	sample_run(request, op, 80, 90);
	sample_own_run(request, 120, 130);
	request->runs[1].elsewhere = true;
	op->runs[0].elsewhere = true;
	ran(&history, 0, 10, 1, LABEL_CLIENT);
	polled(&history, 12, 16);
	ran(&history, 16, 75, 2, LABEL_TIMER);
	assert_int_equal(history_collected(&history, 82 * US, 88 * US), 0);
	polled(&history, 76, 110);
	ran(&history, 120, 130, 1, LABEL_IO);
	EXPECT(request, &history, {0, LABEL_JS, REQ, 0}, {10, LABEL_IO, REQ, 0},
	       {30, LABEL_JS, REQ, 0}, {40, LABEL_POOL_QUEUE, 0, 0}, {50, LABEL_POOL, 0, 0},
	       {80, LABEL_JS, 0, 0}, {90, LABEL_IO, REQ, 0}, {110, LABEL_LOOP, REQ, 0},
	       {120, LABEL_JS, REQ, 0});
	history_done(&history);
	request_free(request);
}

/* Nothing ran at its end, nothing was pending. */
static void test_the_client_gave_up(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);

	(void)state;
	request->flags = REQUEST_ABORTED;
	sample_own_run(request, 0, 10);
	EXPECT(request, NULL, {0, LABEL_JS, REQ, 0}, {10, LABEL_CLIENT, REQ, 0});
	request_free(request);
}

static void test_nothing_is_known(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 10, 100);
	struct request *empty = sample_request(1, "GET", "/", 10, 10);
	struct label_span *spans = NULL;
	uint32_t n = 1;

	(void)state;
	EXPECT(request, NULL, {10, LABEL_UNKNOWN, REQ, 0});
	assert_int_equal(labels_find(empty, NULL, &spans, &n), 0);
	assert_int_equal(n, 0);
	free(spans);
	request_free(request);
	request_free(empty);
}

static uint64_t seed = 42;

static uint64_t below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static void random_runs(struct request *request, struct op *op)
{
	for (uint64_t i = below(4); i; i--) {
		uint64_t from = below(1200);

		if (op)
			sample_run(request, op, from, from + below(100));
		else
			sample_own_run(request, from, from + below(100));
	}
}

/* Times in any order: damaged data must not break the promise either. */
static void random_op(struct request *request)
{
	static const char *const types[] = {"fs.stat",   "timer",     "net.connect", "interval",
					    "immediate", "dns.query", "process"};
	struct op *op = sample_op(request, OP_PARENT_REQUEST, types[below(ARRAY_SIZE(types))], "",
				  below(1100), below(3) ? below(1300) : 0);

	if (below(2)) {
		op->queued_ns = below(1200) * US;
		op->started_ns = below(1200) * US;
		op->finished_ns = below(1200) * US;
	}
	op->ready_ns = below(2) ? below(1200) * US : 0;
	if (!below(10))
		op->flags = 1U << below(7);
	random_runs(request, op);
	for (uint32_t i = 0; i < op->n_runs; i++)
		op->runs[i].elsewhere = !below(4);
}

static struct request *random_request(uint64_t id)
{
	uint64_t start = below(500), end = start + below(1000);
	struct arena *arena = arena_new();
	struct request *request = arena_alloc(arena, sizeof(*request));

	assert_non_null(request);
	request->arena = arena;
	request->id = id;
	request->method = "GET";
	request->url = "/";
	request->start_ns = start * US + below(US);
	request->end_ns = end * US + below(US);
	request->read_ns = below(2) ? request->start_ns + below(200 * US) : below(1000 * US);
	request->headers_ns = below(4) ? request->start_ns + below(100 * US) : below(1000 * US);
	request->sent_ns = below(1500 * US);
	request->flags = below(8) ? 0 : 1U << below(9);
	request->ops = arena_alloc(arena, RANDOM_OPS * sizeof(struct op));
	random_runs(request, NULL);
	for (uint64_t i = below(RANDOM_OPS); i; i--)
		random_op(request);
	return request;
}

static void random_history(struct history *history)
{
	for (uint64_t ts = below(300); ts < 1500; ts += below(120)) {
		uint64_t end = ts + below(60);

		if (below(3))
			ran(history, ts, end, below(5), (enum label)below(LABEL_COUNT));
		if (below(2))
			polled(history, end, end + below(40));
		if (!below(4))
			assert_int_equal(history_collected(history, ts * US, end * US), 0);
	}
}

static void check_sum(const struct request *request, const struct label_span *spans, uint32_t n)
{
	uint64_t at = request->start_ns;

	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(spans[i].start_ns, at);
		assert_true(spans[i].end_ns > at);
		assert_true(spans[i].label < LABEL_COUNT);
		assert_true(spans[i].op == REQ || spans[i].op < request->n_ops);
		at = spans[i].end_ns;
	}
	assert_int_equal(at - request->start_ns, request_duration_ns(request));
}

/* What it lost in turns is what it waited for the loop, and for collections meanwhile. */
static void check_turns(const struct label_span *spans, uint32_t n, const struct turn_delays *turns)
{
	uint64_t loop = 0, gc = 0, sum = turns->cut_ns;

	for (uint32_t i = 0; i < n; i++) {
		loop += spans[i].label == LABEL_LOOP ? spans[i].end_ns - spans[i].start_ns : 0;
		gc += spans[i].label == LABEL_GC ? spans[i].end_ns - spans[i].start_ns : 0;
	}
	for (uint32_t i = 0; i < turns->n; i++) {
		const struct turn_delay *turn = &turns->kept[i];

		assert_true(turn->culprit_ns && turn->culprit_ns <= turn->delay_ns);
		assert_true(turn->delay_ns <= turn->end_ns - turn->start_ns);
		sum += turn->delay_ns;
	}
	assert_true(sum >= loop && sum <= loop + gc);
}

static void test_labels_sum_to_the_duration(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < RANDOM_REQUESTS; i++) {
		struct request *request = random_request(i + 1);
		struct label_span *spans = NULL;
		struct history history = {0};
		struct turn_delays turns;
		uint32_t n = 0;

		random_history(&history);
		assert_int_equal(labels_find_turns(request, &history, &spans, &n, &turns), 0);
		check_sum(request, spans, n);
		check_turns(spans, n, &turns);
		free(spans);
		history_done(&history);
		request_free(request);
	}
}

/* More than it keeps: the newest are there, and found. */
static void test_the_history_is_bounded(void **state)
{
	struct history history = {0};
	size_t i;

	(void)state;
	for (uint64_t ts = 0; ts < 2 * HISTORY_MAX + 100; ts++) {
		ran(&history, 10 * ts, 10 * ts + 5, ts, LABEL_IO);
		polled(&history, 10 * ts + 6, 10 * ts + 8);
	}
	assert_int_equal(history.ran.n, HISTORY_MAX);
	i = history_stretch_after(&history, 10 * (2 * HISTORY_MAX) * US);
	assert_int_equal(history_stretch(&history, i)->request, 2 * HISTORY_MAX);
	assert_int_equal(history_stretch_after(&history, 0), 0);
	assert_int_equal(history_stretch(&history, 0)->request, HISTORY_MAX + 100);
	assert_int_equal(history_stretch_after(&history, UINT64_MAX), HISTORY_MAX);
	assert_int_equal(history_woke(&history, (10 * (2 * HISTORY_MAX) + 8) * US),
			 (10 * (2 * HISTORY_MAX) + 8) * US);
	assert_int_equal(history_woke(&history, 5), 0);
	assert_int_equal(pauses_sum(&history.polls, 20 * HISTORY_MAX * US,
				    (20 * HISTORY_MAX + 27) * US),
			 5 * US);
	history_done(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_job_of_the_pool),
		cmocka_unit_test(test_a_timer_that_is_late),
		cmocka_unit_test(test_the_last_one_counts),
		cmocka_unit_test(test_what_the_loop_called_back_for),
		cmocka_unit_test(test_what_was_ready_lets_no_loop_wait),
		cmocka_unit_test(test_a_request_older_than_the_trace),
		cmocka_unit_test(test_another_thread_goes_on_with_it),
		cmocka_unit_test(test_the_client_gave_up),
		cmocka_unit_test(test_nothing_is_known),
		cmocka_unit_test(test_labels_sum_to_the_duration),
		cmocka_unit_test(test_the_history_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
