/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/export_sample.h"

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

static int use_utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_tells_what_stacks_lack),
		cmocka_unit_test(test_text_lines_are_aligned),
		cmocka_unit_test(test_text_tells_the_processes_apart),
		cmocka_unit_test(test_text_colours_only_when_asked),
		cmocka_unit_test(test_text_durations_fit_their_column),
		cmocka_unit_test(test_text_says_what_was_lost),
		cmocka_unit_test(test_status_never_sent_is_a_dash),
	};

	return cmocka_run_group_tests(tests, use_utc, NULL);
}
