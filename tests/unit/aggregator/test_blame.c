/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/blame.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

static struct stack *stack_of(const char *file, uint32_t line)
{
	struct stack *stack = calloc(1, sizeof(*stack) + 3 * sizeof(stack->frames[0]));

	assert_non_null(stack);
	stack->n_frames = 3;
	stack->frames[0] = (struct frame){.function = "uv_x", .kind = FRAME_NATIVE};
	stack->frames[1] = (struct frame){
		.function = "end", .file = "node:_http_outgoing", .kind = FRAME_JS, .line = 9};
	stack->frames[2] =
		(struct frame){.function = "block", .file = file, .kind = FRAME_JS, .line = line};
	return stack;
}

static struct request *victim(uint64_t id, const char *url, struct label_span *labels, uint32_t n)
{
	struct request *request = sample_request(id, "GET", url, 0, 100);

	request->labels = labels;
	request->n_labels = n;
	return request;
}

static void expect_row(const struct blame *blame, size_t i, const char *culprit, const char *victim,
		       uint64_t delay_ns, uint64_t delays)
{
	const struct blame_row *row = blame_at(blame, i);

	assert_string_equal(row->culprit, culprit);
	assert_string_equal(row->victim, victim);
	assert_int_equal(row->delay_ns, delay_ns);
	assert_int_equal(row->delays, delays);
}

/* The culprit is handed out after one victim and before the other. */
static void test_the_culprit_has_a_name_whenever_it_comes(void **state)
{
	struct stack *stack = stack_of("/app.js", 12);
	struct label_span waits[] = {
		{0, 10, LABEL_IO, LABEL_OP_REQUEST, 0, NULL, 0, 0, NULL},
		{10, 40, LABEL_LOOP, LABEL_OP_REQUEST, 7, stack, 1, 0, NULL},
		{40, 41, LABEL_JS, LABEL_OP_REQUEST, 0, NULL, 0, 0, NULL},
		{41, 61, LABEL_LOOP, LABEL_OP_REQUEST, 7, stack, 1, 0, NULL},
	};
	struct request *first = victim(1, "/a/1", waits, ARRAY_SIZE(waits));
	struct request *second = victim(2, "/a/2", waits, 2);
	struct request *culprit = sample_request(7, "POST", "/block", 0, 100);
	struct blame *blame;

	(void)state;
	assert_int_equal(blame_new(10, NULL, &blame), 0);
	assert_int_equal(blame_add(blame, first), 0);
	assert_int_equal(blame_count(blame), 0);
	assert_int_equal(blame_add(blame, culprit), 0);
	assert_int_equal(blame_count(blame), 1);
	assert_int_equal(blame_add(blame, second), 0);
	blame_settle(blame);
	assert_int_equal(blame_count(blame), 1);
	expect_row(blame, 0, "POST /block", "GET /a/:id", 80, 2);
	assert_int_equal(blame_at(blame, 0)->max_ns, 50);
	assert_string_equal(blame_at(blame, 0)->function, "block");
	assert_string_equal(blame_at(blame, 0)->file, "/app.js");
	assert_int_equal(blame_at(blame, 0)->line, 12);
	blame_free(blame);
	request_free(first);
	request_free(second);
	request_free(culprit);
	free(stack);
}

static void test_nobody_is_told_apart(void **state)
{
	struct label_span waits[] = {
		{0, 10, LABEL_LOOP, LABEL_OP_REQUEST, 0, NULL, 0, 0, NULL},
		{10, 30, LABEL_LOOP, LABEL_OP_REQUEST, 0, NULL, 1, 0, NULL},
		{30, 60, LABEL_LOOP, LABEL_OP_REQUEST, 9, NULL, 1, 0, NULL},
	};
	struct request *request = victim(1, "/a", waits, ARRAY_SIZE(waits));
	struct blame *blame;
	size_t order[3];

	(void)state;
	assert_int_equal(blame_new(10, NULL, &blame), 0);
	assert_int_equal(blame_add(blame, request), 0);
	blame_settle(blame);
	assert_int_equal(blame_count(blame), 3);
	blame_by_delay(blame, order);
	expect_row(blame, order[0], BLAME_OPEN, "GET /a", 30, 1);
	expect_row(blame, order[1], BLAME_BACKGROUND, "GET /a", 20, 1);
	expect_row(blame, order[2], BLAME_NODE, "GET /a", 10, 1);
	blame_free(blame);
	request_free(request);
}

/* No delay is left out, however many there are. */
static void test_rows_are_bounded_and_sum(void **state)
{
	uint64_t wanted = 0, sum = 0;
	struct blame *blame;
	char url[32];

	(void)state;
	assert_int_equal(blame_new(8, NULL, &blame), 0);
	for (uint64_t i = 0; i < 20000; i++) {
		struct label_span wait = {
			0, i % 97 + 1, LABEL_LOOP, LABEL_OP_REQUEST, i * 7919 % 40000 + 1, NULL,
			1, 0,          NULL};
		struct request *request;

		(void)snprintf(url, sizeof(url), "/%c%c", (char)('a' + i % 26),
			       (char)('a' + i / 26 % 26));
		request = victim(i + 1, url, &wait, 1);
		assert_int_equal(blame_add(blame, request), 0);
		wanted += i % 97 + 1;
		request_free(request);
	}
	blame_settle(blame);
	assert_true(blame_count(blame) <= 8);
	for (size_t i = 0; i < blame_count(blame); i++)
		sum += blame_at(blame, i)->delay_ns;
	assert_int_equal(sum, wanted);
	blame_free(blame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_culprit_has_a_name_whenever_it_comes),
		cmocka_unit_test(test_nobody_is_told_apart),
		cmocka_unit_test(test_rows_are_bounded_and_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
