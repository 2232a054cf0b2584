/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Folded stacks of who kept others waiting: the culprit first, then its job and place, then the victim. */
#include "aggregator/export/exporter.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

#define JOB "crypto pbkdf2"

static struct stack *stack_of(const char *function, const char *file, uint32_t line)
{
	struct stack *stack = calloc(1, sizeof(*stack) + sizeof(stack->frames[0]));

	assert_non_null(stack);
	stack->n_frames = 1;
	stack->frames[0] =
		(struct frame){.function = function, .file = file, .kind = FRAME_JS, .line = line};
	return stack;
}

static void add(const struct exporter_ops *ops, struct exporter *exporter, uint64_t id,
		const char *url, struct label_span *labels, uint32_t n)
{
	struct request *request = sample_request(id, "GET", url, 0, 100);

	request->labels = labels;
	request->n_labels = n;
	assert_int_equal(ops->request(exporter, request), 0);
	request_free(request);
}

/* One victim of two culprits, for loop and pool; one of the culprits is handed out later. */
static void expect(enum folded_metric metric, const char *wanted, uint64_t sum)
{
	const struct export_options options = {.metric = metric};
	const struct exporter_ops *ops = exporter_find("folded");
	struct stack *stack = stack_of("hash", "/app;1.js", 12);
	struct label_span waits[] = {
		{.end_ns = 30000, .label = LABEL_LOOP, .culprit = 2, .stack = stack, .busy = 1},
		{.start_ns = 30000, .end_ns = 35000, .label = LABEL_GC, .culprit = 2, .busy = 1},
		{.start_ns = 35000,
		 .end_ns = 75000,
		 .label = LABEL_POOL_QUEUE,
		 .culprit = 3,
		 .stack = stack,
		 .busy = 1,
		 .job = JOB},
		{.start_ns = 75000, .end_ns = 78000, .label = LABEL_POOL_QUEUE},
	};
	struct export_summary summary = {0};
	struct exporter *exporter;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(ops->open(out, &options, &exporter), 0);
	add(ops, exporter, 2, "/loop", NULL, 0);
	add(ops, exporter, 1, "/victim/7", waits, ARRAY_SIZE(waits));
	add(ops, exporter, 3, "/pool", NULL, 0);
	assert_int_equal(ops->close(exporter, &summary), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, wanted);
	assert_int_equal(summary.folded_sum, sum);
	free(text);
	free(stack);
}

static void test_what_waited_for_the_loop(void **state)
{
	(void)state;
	expect(FOLDED_LOOPQ, "GET /loop;hash (/app:1.js:12);GET /victim/:id 30\n", 30);
}

static void test_what_waited_for_the_pool(void **state)
{
	(void)state;
	expect(FOLDED_POOLQ,
	       "(waking up);GET /victim/:id 3\n"
	       "GET /pool;" JOB ";hash (/app:1.js:12);GET /victim/:id 40\n",
	       43);
}

/* For what shows no labels none are found. */
static void test_who_wants_labels(void **state)
{
	static const enum folded_metric metrics[] = {FOLDED_CRITICAL, FOLDED_LOOPQ, FOLDED_POOLQ};
	const struct exporter_ops *ops = exporter_find("folded");
	unsigned int n = 0;

	(void)state;
	for (unsigned int i = 0; i < FOLDED_METRIC_COUNT; i++)
		n += ops->wants_labels((enum folded_metric)i);
	assert_int_equal(n, ARRAY_SIZE(metrics));
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		assert_true(ops->wants_labels(metrics[i]));
	assert_null(exporter_find("ndjson")->wants_labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_waited_for_the_loop),
		cmocka_unit_test(test_what_waited_for_the_pool),
		cmocka_unit_test(test_who_wants_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
