/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A perf map knows the line on which a function begins, not that of the call: programs are told which it is. */
#include "aggregator/export/exporter.h"
#include "aggregator/sample.h"

#define HERE   "\"fn\":\"render\",\"file\":\"/srv/app.js\",\"line\":70,"
#define BEGINS "\"fn\":\"render\",\"file\":\"/srv/app.js\",\"line\":null,\"function_line\":70,"

#define FRAME "render", "/srv/app.js", 0x1000, 70, 0, FRAME_JS

static const struct stack begins = {.id = 1, .n_frames = 1, .frames = {{FRAME, true}}};
static const struct stack here = {.id = 2, .n_frames = 1, .frames = {{FRAME, false}}};

/* Keeps another waiting, was found computing, and has a turn: all from this stack. */
static char *written(const struct stack *stack)
{
	const struct exporter_ops *format = exporter_find("ndjson");
	struct request *request = sample_request(1, "GET", "/report", 1000, 9000);
	struct label_span span = {.start_ns = 2000000,
				  .end_ns = 9000000,
				  .label = LABEL_LOOP,
				  .op = LABEL_OP_REQUEST,
				  .busy = 1,
				  .stack = stack};
	struct turn_delay turn = {.start_ns = 2000000,
				  .end_ns = 9000000,
				  .is_over = true,
				  .delay_ns = 7000000,
				  .culprit_ns = 7000000,
				  .busy = 1,
				  .stack = stack};
	struct cpu_sample sample = {.op = OP_PARENT_REQUEST, .count = 1, .ns = 9, .stack = stack};
	struct export_summary summary = {.node_version = "v22"};
	struct exporter *exporter;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	request->labels = &span;
	request->turns = &turn;
	request->samples = &sample;
	request->n_labels = request->n_turns = request->n_samples = 1;
	assert_int_equal(format->open(out, &(struct export_options){.start_ns = 1}, &exporter), 0);
	assert_int_equal(format->request(exporter, request), 0);
	assert_int_equal(format->close(exporter, &summary), 0);
	assert_int_equal(fclose(out), 0);
	request_free(request);
	return text;
}

/* Does what follows `kind`, to the end of its line, hold it? */
static bool holds(const char *text, const char *kind, const char *place)
{
	const char *at = strstr(text, kind), *found;

	assert_non_null(at);
	found = strstr(at, place);
	return found && found < at + strcspn(at, "\n");
}

static void expect(bool of_function, const char *place, const char *other)
{
	static const char *const kinds[] = {"\"samples\":", "{\"k\":\"blame\"", "{\"k\":\"turn\""};
	char *text = written(of_function ? &begins : &here);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_true(holds(text, kinds[i], place));
		assert_false(holds(text, kinds[i], other));
	}
	free(text);
}

static void test_the_line_of_a_function_is_not_that_of_the_call(void **state)
{
	(void)state;
	expect(true, BEGINS, "\"line\":70");
}

static void test_the_line_of_the_call_is_told_as_such(void **state)
{
	(void)state;
	expect(false, HERE, "function_line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_line_of_a_function_is_not_that_of_the_call),
		cmocka_unit_test(test_the_line_of_the_call_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
