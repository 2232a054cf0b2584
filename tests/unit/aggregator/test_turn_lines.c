/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/turn_lines.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

static struct stack *stack_of(void)
{
	struct stack *stack = calloc(1, sizeof(*stack) + sizeof(stack->frames[0]));

	assert_non_null(stack);
	stack->n_frames = 1;
	stack->frames[0] = (struct frame){
		.function = "block", .file = "/app.js", .kind = FRAME_JS, .line = 12};
	return stack;
}

static struct request *waited(uint64_t id, const struct stack *stack, uint64_t turn, uint64_t ms)
{
	struct request *request = sample_request(id, "GET", "/late", 0, 100);
	struct turn_delay *delay = arena_alloc(request->arena, sizeof(*delay));

	assert_non_null(delay);
	*delay = (struct turn_delay){.start_ns = turn * NS_PER_SEC,
				     .end_ns = turn * NS_PER_SEC + 100 * NS_PER_MS,
				     .is_over = stack != NULL,
				     .delay_ns = ms * NS_PER_MS,
				     .culprit = stack ? 9 : 0,
				     .culprit_ns = (ms - 1) * NS_PER_MS,
				     .stack = stack,
				     .busy = stack != NULL,
				     .samples = stack != NULL};
	request->turns = delay;
	request->n_turns = 1;
	return request;
}

static void add(struct blame *blame, struct turns *turns, struct request *request)
{
	assert_int_equal(blame_add(blame, request), 0);
	turns_add(turns, request);
	request_free(request);
}

static char *print(struct turns *turns, size_t max)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	turns_print(turns, out, "# ", max);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_people_are_told_who_had_the_worst_turns(void **state)
{
	struct stack *stack = stack_of();
	struct request *request = waited(3, NULL, 2, 31);
	struct blame *blame;
	struct turns *turns;
	char *text;

	(void)state;
	assert_int_equal(blame_new(100, NULL, &blame), 0);
	assert_int_equal(turns_new(blame, &turns), 0);
	text = print(turns, 0);
	assert_string_equal(text, "");
	free(text);
	add(blame, turns, waited(1, stack, 1, 80));
	add(blame, turns, waited(2, stack, 1, 70));
	request->turns_cut_ns = NS_PER_MS;
	add(blame, turns, request);
	add(blame, turns, sample_request(9, "POST", "/block", 0, 100));
	text = print(turns, 0);
	assert_string_equal(
		text, "#     delay   longest  victims  worst turns of the event loop: how long, "
		      "who had it, "
		      "who waited longest\n"
		      "#    150 ms   80.0 ms        2  100 ms, 79.0 ms of it POST /block in block "
		      "(/app.js:12, sampled); first GET /late\n"
		      "#   31.0 ms   31.0 ms        1  100 ms or more, 30.0 ms of it (node); "
		      "first GET /late\n"
		      "#   1.00 ms in turns that are not kept\n");
	free(text);
	turns_free(turns);
	blame_free(blame);
	free(stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_people_are_told_who_had_the_worst_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
