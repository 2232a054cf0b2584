/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export_sample.h"

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
	"\"start_ns\":2000000,\"read_ns\":2000000,\"headers_ns\":2000000,\"sent_ns\":5500000,"
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
	"{\"k\":\"none\",\"tid\":4122,\"ops\":[%s]}\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ndjson_is_the_contract),
		cmocka_unit_test(test_ndjson_has_no_method_that_is_not_known),
		cmocka_unit_test(test_ndjson_never_points_to_a_later_parent),
		cmocka_unit_test(test_ndjson_marks_what_is_not_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
