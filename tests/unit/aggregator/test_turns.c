/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Turns of the event loop: who had them, whom they kept waiting, the worst first, bounded and counted. */
#include "aggregator/turns.h"

#include "aggregator/history.h"
#include "aggregator/labels.h"
#include "aggregator/sample.h"
#include "symbolizer/base.h"

#define US ((uint64_t)1000)

struct fixture {
	struct blame *blame;
	struct turns *turns;
	struct history history;
};

static struct fixture setup(void)
{
	struct fixture f = {.blame = NULL};

	assert_int_equal(blame_new(1000, NULL, &f.blame), 0);
	assert_int_equal(turns_new(f.blame, &f.turns), 0);
	return f;
}

static void teardown(struct fixture *f)
{
	turns_free(f->turns);
	blame_free(f->blame);
	history_done(&f->history);
}

static void add(struct fixture *f, struct request *request)
{
	assert_int_equal(blame_add(f->blame, request), 0);
	turns_add(f->turns, request);
	request_free(request);
}

static void ran(struct fixture *f, uint64_t from, uint64_t until, uint64_t request,
		const struct stack *stack)
{
	const struct stretch stretch = {.start_ns = from * US,
					.end_ns = until * US,
					.request = request,
					.stack = stack,
					.cause = LABEL_IO};

	assert_int_equal(history_ran(&f->history, &stretch), 0);
}

static void polled(struct fixture *f, uint64_t from, uint64_t until)
{
	assert_int_equal(history_polled(&f->history, from * US, until * US), 0);
}

static struct stack *stack_of(uint32_t line)
{
	struct stack *stack = calloc(1, sizeof(*stack) + sizeof(stack->frames[0]));

	assert_non_null(stack);
	stack->n_frames = 1;
	stack->frames[0] = (struct frame){
		.function = "block", .file = "/app.js", .kind = FRAME_JS, .line = line};
	return stack;
}

/* A request whose timer is due at one moment and runs at another. */
static struct request *late(const struct fixture *f, uint64_t id, uint64_t due, uint64_t until)
{
	struct request *request = sample_request(id, "GET", "/late/1", 0, until + 2);
	struct label_span *spans = NULL;
	struct turn_delays delays;
	struct op *op;
	uint32_t n;

	sample_own_run(request, 0, 5);
	op = sample_op(request, OP_PARENT_REQUEST, "timer", "20", 2, until);
	op->ready_ns = due * US;
	sample_run(request, op, until, until + 2);
	assert_int_equal(labels_find_turns(request, &f->history, &spans, &n, &delays), 0);
	assert_int_equal(turn_delays_copy(&delays, request), 0);
	for (uint32_t i = 0; i < n; i++)
		request->label_ns[spans[i].label] += spans[i].end_ns - spans[i].start_ns;
	free(spans);
	return request;
}

/* One has the loop for long, a second shortly; the third victim gets its turn before the loop waits again. */
static void test_a_turn_has_its_culprit_and_three_victims(void **state)
{
	struct stack *stack = stack_of(12), *other = stack_of(30);
	struct fixture f = setup();
	const struct turn *worst[2];

	(void)state;
	polled(&f, 5, 20);
	ran(&f, 20, 100, 9, stack);
	ran(&f, 100, 110, 8, other);
	polled(&f, 120, 130);
	add(&f, late(&f, 1, 30, 110));
	add(&f, sample_request(9, "POST", "/block", 0, 101));
	add(&f, late(&f, 2, 40, 112));
	add(&f, late(&f, 3, 25, 114));
	assert_int_equal(turns_worst(f.turns, ARRAY_SIZE(worst), worst), 1);
	assert_string_equal(turn_culprit(worst[0]), "POST /block");
	assert_int_equal(worst[0]->serial, 9);
	assert_int_equal(worst[0]->culprit_ns, 75 * US);
	assert_string_equal(worst[0]->function, "block");
	assert_int_equal(worst[0]->line, 12);
	assert_int_equal(worst[0]->start_ns, 20 * US);
	assert_int_equal(worst[0]->end_ns, 120 * US);
	assert_true(worst[0]->is_over);
	assert_int_equal(worst[0]->n_victims, 3);
	assert_int_equal(worst[0]->delay_ns, (80 + 72 + 89) * US);
	assert_int_equal(worst[0]->max_ns, 89 * US);
	assert_int_equal(worst[0]->victims[0].serial, 3);
	assert_int_equal(worst[0]->victims[1].serial, 1);
	assert_int_equal(worst[0]->victims[2].serial, 2);
	assert_int_equal(worst[0]->victims[2].delay_ns, 72 * US);
	assert_string_equal(worst[0]->victims[2].route, "GET /late/:id");
	assert_int_equal(turns_left_out(f.turns).delay_ns, 0);
	teardown(&f);
	free(stack);
	free(other);
}

/* What was waited for over several turns is that of each; the sum is that of the labels. */
static void test_a_wait_over_turns_is_divided(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[4];
	struct request *request;

	(void)state;
	polled(&f, 5, 20);
	ran(&f, 20, 50, 7, NULL);
	polled(&f, 50, 50);
	ran(&f, 50, 100, 8, NULL);
	request = late(&f, 1, 30, 110);
	assert_int_equal(request->label_ns[LABEL_LOOP], 80 * US);
	add(&f, request);
	assert_int_equal(turns_worst(f.turns, ARRAY_SIZE(worst), worst), 2);
	assert_int_equal(worst[0]->start_ns, 50 * US);
	assert_int_equal(worst[0]->delay_ns, 60 * US);
	assert_int_equal(worst[0]->serial, 8);
	assert_string_equal(turn_culprit(worst[0]), BLAME_OPEN);
	assert_false(worst[0]->is_over);
	assert_int_equal(worst[1]->delay_ns, 20 * US);
	assert_true(worst[1]->is_over);
	assert_int_equal(worst[1]->end_ns, 50 * US);
	teardown(&f);
}

/* Nobody saw this turn begin. */
static void test_a_turn_without_a_beginning_is_counted(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[1];

	(void)state;
	ran(&f, 20, 100, 7, NULL);
	polled(&f, 120, 130);
	add(&f, late(&f, 1, 30, 110));
	assert_int_equal(turns_worst(f.turns, 1, worst), 0);
	assert_int_equal(turns_left_out(f.turns).delay_ns, 80 * US);
	teardown(&f);
}

/* A request that waited so long in the turn of its thread that began then. */
static struct request *waited(uint64_t id, uint32_t tid, uint64_t start_ns, uint64_t delay_ns)
{
	struct request *request = sample_request(id, "GET", "/a", 0, 100);
	struct turn_delay *delay = arena_alloc(request->arena, sizeof(*delay));

	assert_non_null(delay);
	*delay = (struct turn_delay){.start_ns = start_ns,
				     .end_ns = start_ns + delay_ns,
				     .delay_ns = delay_ns,
				     .culprit_ns = delay_ns,
				     .busy = 1};
	request->tid = tid;
	request->turns = delay;
	request->n_turns = 1;
	return request;
}

static void test_threads_have_turns_of_their_own(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[3];

	(void)state;
	add(&f, waited(1, 10, 100, 30));
	add(&f, waited(2, 11, 100, 50));
	add(&f, waited(3, 10, 100, 10));
	assert_int_equal(turns_worst(f.turns, ARRAY_SIZE(worst), worst), 2);
	assert_int_equal(worst[0]->tid, 11);
	assert_int_equal(worst[0]->n_victims, 1);
	assert_int_equal(worst[1]->tid, 10);
	assert_int_equal(worst[1]->n_victims, 2);
	assert_int_equal(worst[1]->delay_ns, 40);
	assert_string_equal(turn_culprit(worst[0]), BLAME_BACKGROUND);
	teardown(&f);
}

/* The worst stay, whenever they came; not a nanosecond is lost from sight. */
static void test_turns_are_bounded_and_counted(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[TURNS_KEPT];
	uint64_t wanted = 0, sum = 0;
	size_t n;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t delay_ns = i * 7919 % 5000 + 1;

		add(&f, waited(i + 1, 10, i, delay_ns));
		wanted += delay_ns;
	}
	n = turns_worst(f.turns, ARRAY_SIZE(worst), worst);
	assert_int_equal(n, TURNS_KEPT);
	for (size_t i = 0; i < n; i++)
		sum += worst[i]->delay_ns;
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(worst[i]->delay_ns, 5000 - i);
	assert_int_equal(turns_left_out(f.turns).turns, 5000 - TURNS_KEPT);
	assert_int_equal(sum + turns_left_out(f.turns).delay_ns, wanted);
	teardown(&f);
}

/* A turn that comes late gathers its victims, though each tells first of a turn that nobody knows yet. */
static void test_the_worst_turn_may_come_last(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[1];
	uint64_t id = 0;

	(void)state;
	for (uint64_t i = 0; i < TURNS_KEPT; i++)
		add(&f, waited(++id, 10, i, 2000));
	for (uint64_t i = 0; i < 300; i++) {
		add(&f, waited(++id, 10, 1000 + i, 1));
		add(&f, waited(++id, 10, 9000, 400));
	}
	assert_int_equal(turns_worst(f.turns, ARRAY_SIZE(worst), worst), 1);
	assert_int_equal(worst[0]->start_ns, 9000);
	assert_int_equal(worst[0]->n_victims, 300);
	assert_int_equal(worst[0]->delay_ns, 300 * 400);
	teardown(&f);
}

static void test_of_many_victims_the_longest_are_told(void **state)
{
	struct fixture f = setup();
	const struct turn *worst[1];

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		add(&f, waited(i + 1, 10, 100, i * 7 % 20 + 1));
	assert_int_equal(turns_worst(f.turns, 1, worst), 1);
	assert_int_equal(worst[0]->n_victims, 20);
	assert_int_equal(worst[0]->delay_ns, 210);
	for (uint64_t i = 0; i < TURN_VICTIMS; i++)
		assert_int_equal(worst[0]->victims[i].delay_ns, 20 - i);
	teardown(&f);
}

/* Of a request the turns with most of its delay, and of a turn's culprits those told apart. */
static void test_delays_of_a_request_are_bounded(void **state)
{
	struct history history = {0};
	struct turn_delays delays = {.n = 0};
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		uint64_t start = 100 * i;

		assert_int_equal(history_polled(&history, start, start), 0);
		for (uint64_t k = 0; k <= i; k++) {
			const struct label_span span = {.start_ns = start + k,
							.end_ns = start + k + 1,
							.label = LABEL_LOOP,
							.culprit = k + 1,
							.busy = 1};

			turn_delays_add(&delays, &history, &span);
		}
	}
	turn_delays_close(&delays);
	assert_int_equal(delays.n, TURN_DELAYS_MAX);
	for (uint32_t i = 0; i < delays.n; i++) {
		assert_true(delays.kept[i].delay_ns > 20 - TURN_DELAYS_MAX);
		sum += delays.kept[i].delay_ns;
		if (delays.kept[i].delay_ns == 20) { /* four beyond, and no culprit has more */
			assert_int_equal(delays.kept[i].busy, LABEL_BUSY_SEVERAL);
			assert_int_equal(delays.kept[i].culprit_ns, 4);
		}
	}
	assert_int_equal(sum + delays.cut_ns, 210);
	history_done(&history);
}

/* However many had the loop shortly before. */
static void test_the_culprit_may_come_last(void **state)
{
	struct history history = {0};
	struct turn_delays delays = {.n = 0};
	uint64_t at = 10;

	(void)state;
	assert_int_equal(history_polled(&history, at, at), 0);
	for (uint64_t i = 1; i <= TURN_DELAY_SLOTS + 4; i++) {
		const uint64_t length = i == TURN_DELAY_SLOTS + 3 ? 1000 : 10 + i;
		const struct label_span span = {.start_ns = at,
						.end_ns = at + length,
						.label = LABEL_LOOP,
						.culprit = i,
						.busy = 1};

		turn_delays_add(&delays, &history, &span);
		at += length;
	}
	turn_delays_close(&delays);
	assert_int_equal(delays.n, 1);
	assert_int_equal(delays.kept[0].delay_ns, at - 10);
	assert_int_equal(delays.kept[0].culprit, TURN_DELAY_SLOTS + 3);
	assert_int_equal(delays.kept[0].culprit_ns, 1000);
	history_done(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_turn_has_its_culprit_and_three_victims),
		cmocka_unit_test(test_a_wait_over_turns_is_divided),
		cmocka_unit_test(test_a_turn_without_a_beginning_is_counted),
		cmocka_unit_test(test_threads_have_turns_of_their_own),
		cmocka_unit_test(test_turns_are_bounded_and_counted),
		cmocka_unit_test(test_the_worst_turn_may_come_last),
		cmocka_unit_test(test_of_many_victims_the_longest_are_told),
		cmocka_unit_test(test_the_culprit_may_come_last),
		cmocka_unit_test(test_delays_of_a_request_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
