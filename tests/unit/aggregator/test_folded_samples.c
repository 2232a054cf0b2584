/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* --folded=cpu: what was sampled stands below its frames, and no time is lost or made. */
#include "aggregator/folded.h"

#include "aggregator/sample.h"

/* Leaf first: a builtin, two functions of the application, one of node's own, one of the application. */
static const struct stack deep = {
	.id = 1,
	.n_frames = 5,
	.frames =
		{
			{"ArrayMap", NULL, 0x1000, 0, 0, FRAME_BUILTIN},
			{"parse", "/srv/app/parse.js", 0x2000, 12, 21, FRAME_JS},
			{"load", "/srv/app/load.js", 0x2000, 0, 0, FRAME_JS_ASYNC},
			{"emit", "node:events", 0x3000, 513, 5, FRAME_JS},
			{"handler", "/srv/app/app.js", 0x4000, 70, 5, FRAME_JS},
		},
};

static char *fold(const struct request *request)
{
	struct folded *folded;
	uint64_t sum = 0;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(folded_new(FOLDED_CPU, 100, &folded), 0);
	assert_int_equal(folded_add(folded, request), 0);
	assert_int_equal(folded_write(folded, out, &sum), 0);
	assert_int_equal(fclose(out), 0);
	folded_free(folded);
	return text;
}

/* 40 us of own time of which 30 were sampled; a callback of 20 us for which samples stand that are
 * longer than it was. */
static void test_samples_stand_below_what_ran(void **state)
{
	struct cpu_sample samples[] = {
		{.op = OP_PARENT_REQUEST, .count = 3, .ns = 30000, .stack = &deep},
		{.op = 0, .count = 1, .ns = 25000, .stack = &deep},
	};
	struct request *request = sample_request(1, "GET", "/", 0, 200);
	struct op *op;
	char *text;

	(void)state;
	sample_own_run(request, 0, 40);
	op = sample_op(request, OP_PARENT_REQUEST, "timer", "20", 5, 150);
	sample_run(request, op, 150, 170);
	request->samples = samples;
	request->n_samples = 2;
	text = fold(request);
	assert_string_equal(
		text, "GET / 10\n"
		      "GET /;[sampled];handler (app.js:70);load (load.js);parse (parse.js:12) 30\n"
		      "GET /;timer 20ms;[sampled];handler (app.js:70);load (load.js);parse "
		      "(parse.js:12) 20\n");
	free(text);
	request_free(request);
}

/* An index that is none, of damaged data: it is the handler's. */
static void test_operations_that_are_none_are_the_handler(void **state)
{
	struct cpu_sample samples[] = {{.op = 7, .count = 1, .ns = 30000, .stack = &deep}};
	struct request *request = sample_request(1, "GET", "/", 0, 200);
	char *text;

	(void)state;
	sample_own_run(request, 0, 20);
	request->samples = samples;
	request->n_samples = 1;
	text = fold(request);
	assert_string_equal(
		text,
		"GET /;[sampled];handler (app.js:70);load (load.js);parse (parse.js:12) 20\n");
	free(text);
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_stand_below_what_ran),
		cmocka_unit_test(test_operations_that_are_none_are_the_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
