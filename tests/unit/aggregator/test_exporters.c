/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export/exporter.h"

#include "aggregator/sample.h"
#include "symbolizer/base.h"

static const struct export_options options = {
	.start_ns = 1000000, .start_unix_ns = 1700000000000000000ULL, /* 2023-11-14 22:13:20 UTC */
};

static const struct export_summary totals = {
	.totals = {.events = 100,
		   .requests = 1,
		   .ops = 2,
		   .ops_none = 3,
		   .ops_unknown = 4,
		   .by_evidence = {[EVIDENCE_TOKEN] = 2}},
	.own_cpu_ns = 25,
	.duration_ns = 1000,
	.node_version = "v20.20.2",
	.target = "server.js",
};

/* One request with a finished pool operation, an open child of it, and a stack. */
static struct request *sample(void)
{
	struct request *request = sample_request(7, "GET", "/a;b 1?x", 2000, 5500);
	struct stack *stack =
		arena_alloc(request->arena, sizeof(*stack) + 3 * sizeof(struct frame));
	struct op *op;

	sample_own_run(request, 2000, 2100);
	op = sample_op(request, OP_PARENT_REQUEST, "fs.stat", "/etc/\"x\"", 2050, 3000);
	op->async_id = 12;
	op->wrap = "FSREQCALLBACK";
	op->queued_ns = 2051000;
	op->started_ns = 2060000;
	op->finished_ns = 2990000;
	op->pool_tid = 99;
	op->evidence = EVIDENCE_TOKEN;
	sample_run(request, op, 3000, 3100);
	stack->n_frames = 3;
	stack->frames[0] =
		(struct frame){.function = "handler", .file = "/app.js", .line = 3, .column = 9};
	stack->frames[1] = (struct frame){.function = "js"};
	stack->frames[2] = (struct frame){
		.function = "outer", .file = "/app.js", .line = 38, .kind = FRAME_ASYNC};
	op->stack = stack;
	op = sample_op(request, 0, "timer", "20", 3050, 0);
	op->flags = OP_OPEN | OP_TRUNCATED;
	op->evidence = EVIDENCE_CREATED;
	op->count = 3;
	request->flags = REQUEST_ABORTED | REQUEST_LOSSY;
	return request;
}

/* Runs the sample through an exporter. The caller frees the text. */
static char *export(const char *format, struct export_options with, const struct request *request,
		    struct export_summary *summary)
{
	const struct exporter_ops *ops = exporter_find(format);
	struct exporter *exporter;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(ops);
	assert_non_null(out);
	assert_int_equal(ops->open(out, &with, &exporter), 0);
	if (request)
		assert_int_equal(ops->request(exporter, request), 0);
	if (request && ops->unowned)
		assert_int_equal(ops->unowned(exporter, &request->ops[1]), 0);
	assert_int_equal(ops->close(exporter, summary), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_every_format_is_found_by_name_and_extension(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; exporters[i]->name; i++) {
		char path[64];

		assert_ptr_equal(exporter_find(exporters[i]->name), exporters[i]);
		assert_true(strlen(exporters[i]->summary) > 0);
		if (!exporters[i]->extension)
			continue;
		(void)snprintf(path, sizeof(path), "dir.d/out.%s", exporters[i]->extension);
		assert_ptr_equal(exporter_find_by_path(path), exporters[i]);
	}
	assert_int_equal(i, 4);
	assert_null(exporter_find("nonsense"));
	assert_null(exporter_find_by_path("out"));
	assert_null(exporter_find_by_path("dir.ndjson/out"));
	assert_null(exporter_find_by_path("out."));
}

static void test_every_format_copes_with_nothing(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; exporters[i]->name; i++) {
		struct export_summary summary = {0};

		free(export(exporters[i]->name, options, NULL, &summary));
		assert_int_equal(summary.folded_sum, 0);
	}
}

static void test_every_format_reports_a_full_disk(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; exporters[i]->name; i++) {
		struct request *request = sample();
		struct export_summary summary = totals;
		struct exporter *exporter;
		FILE *full = fopen("/dev/full", "we");
		int err;

		assert_non_null(full);
		assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
		err = exporters[i]->open(full, &options, &exporter);
		if (!err) {
			err = exporters[i]->request(exporter, request);
			err = exporters[i]->close(exporter, &summary) ?: err;
		}
		assert_true(err < 0);
		(void)fclose(full);
		request_free(request);
	}
}

static void label(struct request *request)
{
	static struct label_span labels[] = {
		{.start_ns = 2000000, .end_ns = 5499500, .label = LABEL_IO, .op = 1},
		{.start_ns = 5499500,
		 .end_ns = 5500000,
		 .label = LABEL_LOOP,
		 .op = LABEL_OP_REQUEST,
		 .culprit = 9},
	};

	static const struct turn_delay turn = {.start_ns = 5000000,
					       .end_ns = 5600000,
					       .is_over = true,
					       .delay_ns = 500,
					       .culprit = 9,
					       .culprit_ns = 400,
					       .busy = 1};

	request->turns = &turn;
	request->n_turns = 1;
	request->turns_cut_ns = 3;
	request->labels = labels;
	request->n_labels = ARRAY_SIZE(labels);
	request->label_ns[LABEL_IO] = 3499500;
	request->label_ns[LABEL_LOOP] = 500;
	request->idle_ns = 6;
	request->gc_ns = 5;
	request->n_syncs = 1;
	request->sync_ns = 4;
}

static const char open_op[] =
	"{\"id\":7001,\"parent\":%s,\"type\":\"timer\",\"detail\":\"20\","
	"\"start_ns\":3050000,\"end_ns\":null,\"aid\":null,"
	"\"evidence\":\"exact:created\",\"wrap\":null,\"count\":3,\"runs\":[],"
	"\"stack\":[],\"flags\":[\"open\",\"truncated\"]}";

/* What the format promises, but for the operations and the evidence. */
static const char wanted[] =
	"{\"k\":\"meta\",\"format\":\"ntrace-bpf\",\"version\":1,\"start_ns\":1000000,"
	"\"start_unix_ns\":1700000000000000000}\n"
	"{\"k\":\"req\",\"id\":7,\"serial\":7,\"pid\":4121,\"tid\":4121,\"method\":\"GET\","
	"\"url\":\"/a;b 1?x\",\"protocol\":null,\"tls\":false,\"status\":200,"
	"\"start_ns\":2000000,\"headers_ns\":2000000,\"sent_ns\":5500000,"
	"\"end_ns\":5500000,\"cpu_ns\":100000,\"bytes_out\":0,\"runs\":[[2000000,2100000]],"
	"\"ops_total\":2,\"labels\":{\"loop\":500,\"io\":3499500},\"path\":["
	"[2000000,5499500,\"io\",7001,null],[5499500,5500000,\"loop\",null,9]],"
	"\"loop_idle_ns\":6,\"gc_ns\":5,\"sync_calls\":1,\"sync_ns\":4,\"ops\":["
	"{\"id\":7000,\"parent\":null,\"type\":\"fs.stat\",\"detail\":\"/etc/\\\"x\\\"\","
	"\"start_ns\":2050000,\"end_ns\":3000000,\"aid\":12,\"evidence\":\"exact:token\","
	"\"wrap\":\"FSREQCALLBACK\",\"runs\":[[3000000,3100000]],\"queued_ns\":2051000,"
	"\"started_ns\":2060000,\"finished_ns\":2990000,\"pool_tid\":99,"
	"\"stack\":[{\"fn\":\"handler\",\"file\":\"/app.js\",\"line\":3,\"col\":9},"
	"{\"fn\":\"js\",\"file\":null,\"line\":null},"
	"{\"fn\":\"outer\",\"file\":\"/app.js\",\"line\":38,\"async\":true}],"
	"\"flags\":[]},"
	"%s],\"flags\":[\"aborted\",\"lossy\"]}\n"
	"{\"k\":\"none\",\"ops\":[%s]}\n"
	"{\"k\":\"route\",\"route\":\"GET /a\",\"requests\":1,\"errors\":1,"
	"\"sum_ns\":3500000,\"p50_ns\":3500000,\"p90_ns\":3500000,\"p99_ns\":3500000,"
	"\"max_ns\":3500000,\"labels\":{\"loop\":500,\"io\":3499500}}\n"
	"{\"k\":\"blame\",\"label\":\"loop\",\"job\":null,\"culprit\":\"(open)\","
	"\"fn\":null,\"file\":null,\"line\":null,"
	"\"victim\":\"GET /a\",\"delay_ns\":500,\"max_ns\":500,"
	"\"delays\":1}\n"
	"{\"k\":\"turn\",\"pid\":4121,\"tid\":4121,\"start_ns\":5000000,"
	"\"end_ns\":5600000,\"over\":true,\"culprit\":\"(open)\",\"serial\":9,"
	"\"culprit_ns\":400,\"fn\":null,\"file\":null,\"line\":null,"
	"\"delay_ns\":500,\"max_ns\":500,\"waited\":1,"
	"\"victims\":[{\"serial\":7,\"route\":\"GET /a\",\"delay_ns\":500}]}\n"
	"{\"k\":\"turns\",\"forgotten\":0,\"left_out_ns\":3}\n"
	"{\"k\":\"summary\",\"target\":\"server.js\",\"node\":\"v20.20.2\",\"events\":100,"
	"\"lost\":0,\"requests\":1,\"requests_open\":0,\"ops\":2,\"ops_none\":3,"
	"\"ops_unknown\":4,\"forgotten\":0,\"shed\":0,\"shed_ops\":0,\"own_cpu_ns\":25,"
	"\"duration_ns\":1000,\"loop_turns\":21,\"loop_idle_ns\":22,"
	"\"loop_busy_ns\":23,\"loop_lag_ns\":24,\"gcs_minor\":25,\"gcs_major\":26,"
	"\"gc_minor_ns\":27,\"gc_major_ns\":28,\"sync_calls\":29,\"sync_ns\":30,"
	"\"unattributed\":7,\"by_evidence\":{";

static void test_ndjson_is_the_contract(void **state)
{
	static const char stacks[] = "},\"stacks\":{\"cut\":2,\"late\":30}}\n";
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text;
	char child[512];
	char orphan[512];
	char expected[8192];
	size_t len;

	(void)state;
	summary.totals.stacks.cut = 2;
	summary.totals.stacks.late = 30;
	label(request);
	summary.totals.loop = (struct loop_totals){21, 22, 23, 24, 25, 26, 27, 28, 29, 30};
	text = export("ndjson", options, request, &summary);
	(void)snprintf(child, sizeof(child), open_op, "7000");
	(void)snprintf(orphan, sizeof(orphan), open_op, "null");
	len = (size_t)snprintf(expected, sizeof(expected), wanted, child, orphan);
	for (unsigned int i = 0; i < EVIDENCE_COUNT; i++)
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, "\"%s\":%d%s",
					evidence_name((enum evidence)i),
					i == EVIDENCE_TOKEN ? 2 : 0,
					i + 1 < EVIDENCE_COUNT ? "," : stacks);
	assert_string_equal(text, expected);
	free(text);
	request_free(request);
}

static void test_ndjson_never_points_to_a_later_parent(void **state)
{
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text;

	(void)state;
	request->ops[1].parent = 1;
	text = export("ndjson", options, request, &summary);
	assert_non_null(strstr(text, "\"id\":7001,\"parent\":null"));
	free(text);
	request_free(request);
}

/* The line of a function must not be taken for that of the call, nor a part of a stack for all of it. */
static void test_ndjson_marks_what_is_not_exact(void **state)
{
	struct export_summary summary = totals;
	struct request *request = sample();
	struct stack *stack = (struct stack *)request->ops[0].stack;
	char *text;

	(void)state;
	stack->frames[0].of_function = true;
	stack->frames[1] = frame_cut;
	text = export("ndjson", options, request, &summary);
	assert_non_null(strstr(text,
			       "\"stack\":[{\"fn\":\"handler\",\"file\":\"/app.js\",\"line\":null,"
			       "\"function_line\":3},{\"fn\":\"(truncated)\",\"file\":null,"
			       "\"line\":null,\"cut\":true},{\"fn\":\"outer\""));
	free(text);
	request_free(request);
}

/* Of a request that was open when tracing began nobody saw the first line. */
static void test_ndjson_has_no_method_that_is_not_known(void **state)
{
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text;

	(void)state;
	request->method = "?";
	text = export("ndjson", options, request, &summary);
	assert_non_null(strstr(text, ",\"method\":null,"));
	free(text);
	request_free(request);
}

static void test_text_tells_what_stacks_lack(void **state)
{
	struct export_summary summary = totals;
	char *text;

	(void)state;
	summary.totals.stacks.evicted = 5;
	text = export("text", options, NULL, &summary);
	assert_non_null(strstr(text, "\n# 5 stacks forgotten for new ones\n"));
	free(text);
}

static void test_text_lines_are_aligned(void **state)
{
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text = export("text", options, request, &summary);

	(void)state;
	assert_string_equal(
		text,
		"# time        duration       cpu   ops status method  path\n"
		"22:13:20.001   3.50 ms    100 us     2    200 GET     /a;b 1?x  [aborted lossy]\n"
		"# requests  errors       p50       p90       p99       max  route\n"
		"#        1       1   3.50 ms   3.50 ms   3.50 ms   3.50 ms  GET /a\n"
		"# 1 requests, 2 operations, 0 lost, 7 unattributed, own CPU 2.5%\n");
	free(text);
	request_free(request);
}

static void test_text_tells_the_processes_apart(void **state)
{
	struct export_options several = options;
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text;

	(void)state;
	several.with_pid = true;
	request->pid = 4121;
	text = export("text", several, request, &summary);
	assert_string_equal(text,
			    "# time           pid  duration       cpu   ops status method  path\n"
			    "22:13:20.001    4121   3.50 ms    100 us     2    200 GET     /a;b "
			    "1?x  [aborted lossy]\n"
			    "# requests  errors       p50       p90       p99       max  route\n"
			    "#        1       1   3.50 ms   3.50 ms   3.50 ms   3.50 ms  GET /a\n"
			    "# 1 requests, 2 operations, 0 lost, 7 unattributed, own CPU 2.5%\n");
	free(text);
	request_free(request);
}

static void test_text_colours_only_when_asked(void **state)
{
	struct export_options coloured = options;
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text;

	(void)state;
	coloured.colour = true;
	request->status = 500;
	text = export("text", coloured, request, &summary);
	assert_non_null(strstr(text, " \033[31m   500\033[0m GET"));
	free(text);
	text = export("text", options, request, &summary);
	assert_null(strchr(text, '\033'));
	free(text);
	request_free(request);
}

static void test_text_durations_fit_their_column(void **state)
{
	static const struct {
		uint64_t us;
		const char *wanted;
	} cases[] = {
		{0, "     0 us"},        {999, "   999 us"},      {1000, "  1.00 ms"},
		{9994, "  9.99 ms"},     {9995, "  10.0 ms"},     {99949, "  99.9 ms"},
		{99950, "   100 ms"},    {999499, "   999 ms"},   {999500, "   1.00 s"},
		{99949000, "  99.95 s"}, {99950000, "    100 s"}, {86400000000, "  86400 s"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request *request = sample_request(1, "GET", "/", 0, cases[i].us);
		struct export_summary summary = totals;
		char *text = export("text", options, request, &summary);
		char *line = strchr(text, '\n') + 1;

		assert_memory_equal(line + 13, cases[i].wanted, strlen(cases[i].wanted));
		free(text);
		request_free(request);
	}
}

static void test_text_says_what_was_lost(void **state)
{
	struct export_summary summary = totals;
	char *text;

	(void)state;
	summary.totals.lost = 5;
	summary.shed = 6;
	text = export("text", options, NULL, &summary);
	assert_non_null(strstr(text, "# 1 requests, 2 operations, 5 lost"));
	assert_non_null(strstr(text, "# events were lost"));
	assert_non_null(strstr(text, "6 requests dropped"));
	free(text);
}

static void test_status_never_sent_is_a_dash(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1);
	struct export_summary summary = totals;
	char *text;

	(void)state;
	request->status = 0;
	text = export("text", options, request, &summary);
	assert_non_null(strstr(text, "     - GET     /\n"));
	free(text);
	text = export("ndjson", options, request, &summary);
	assert_non_null(strstr(text, "\"status\":null"));
	free(text);
	request_free(request);
}

static void test_folded_tells_its_sum(void **state)
{
	struct export_summary summary = totals;
	struct request *request = sample();
	char *text = export("folded", options, request, &summary);

	(void)state;
	assert_string_equal(text, "GET /a:b [1] 100\n"
				  "GET /a:b [1];fs.stat /etc/\"x\" 950\n"
				  "GET /a:b [1];fs.stat /etc/\"x\";timer 20ms (x3) 2450\n");
	assert_int_equal(summary.folded_sum, 3500);
	free(text);
	request_free(request);
}

static int use_utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format_is_found_by_name_and_extension),
		cmocka_unit_test(test_every_format_copes_with_nothing),
		cmocka_unit_test(test_every_format_reports_a_full_disk),
		cmocka_unit_test(test_ndjson_is_the_contract),
		cmocka_unit_test(test_ndjson_has_no_method_that_is_not_known),
		cmocka_unit_test(test_ndjson_never_points_to_a_later_parent),
		cmocka_unit_test(test_ndjson_marks_what_is_not_exact),
		cmocka_unit_test(test_text_tells_what_stacks_lack),
		cmocka_unit_test(test_text_lines_are_aligned),
		cmocka_unit_test(test_text_tells_the_processes_apart),
		cmocka_unit_test(test_text_colours_only_when_asked),
		cmocka_unit_test(test_text_durations_fit_their_column),
		cmocka_unit_test(test_text_says_what_was_lost),
		cmocka_unit_test(test_status_never_sent_is_a_dash),
		cmocka_unit_test(test_folded_tells_its_sum),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
