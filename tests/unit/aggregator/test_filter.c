/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/filter.h"

#include <errno.h>

#include "aggregator/sample.h"

static struct request request = {
	.method = "GET",
	.url = "/api/users/42?token=x",
	.protocol = PROTOCOL_HTTP_2,
	.tls = true,
	.status = 503,
	.start_ns = 1000000,
	.end_ns = 61000000, /* 60 ms */
	.cpu_ns = 2500000,
	.n_ops_total = 12,
};

static void expect(const char *text, bool wanted)
{
	struct filter *filter;
	char error[200];

	if (filter_parse(text, error, sizeof(error), &filter))
		fail_msg("'%s': %s", text, error);
	if (filter_match(filter, &request) != wanted)
		fail_msg("'%s' should %smatch", text, wanted ? "" : "not ");
	assert_string_equal(error, "");
	filter_free(filter);
}

static void expect_error(const char *text, const char *wanted)
{
	struct filter *filter = NULL;
	char error[200];

	assert_int_equal(filter_parse(text, error, sizeof(error), &filter), -EINVAL);
	assert_string_equal(error, wanted);
	assert_null(filter);
}

static void test_no_filter_matches_everything(void **state)
{
	(void)state;
	assert_true(filter_match(NULL, &request));
	filter_free(NULL);
}

static void test_example_of_the_manual(void **state)
{
	(void)state;
	expect("dur>50ms && path=~\"^/api\" && status>=500", true);
	expect("dur>50ms&&path=~\"^/api\"&&status>=504", false);
}

static void test_numbers_compare(void **state)
{
	(void)state;
	expect("ops==12", true);
	expect("ops!=12", false);
	expect("ops<12", false);
	expect("ops<=12", true);
	expect("ops>11", true);
	expect("ops>=13", false);
}

static void test_status_classes(void **state)
{
	(void)state;
	expect("status==5xx", true);
	expect("status==5XX", true);
	expect("status!=5xx", false);
	expect("status==4xx", false);
	expect("status>4xx", true);
	expect("status>=5xx", true);
	expect("status>5xx", false);
	expect("status<5xx", false);
	expect("status<=5xx", true);
	expect("status==503", true);
}

static void test_unknown_status_only_differs(void **state)
{
	(void)state;
	request.status = 0;
	expect("status<400", false);
	expect("status==0", false);
	expect("status!=200", true);
	request.status = 503;
}

static void test_durations_take_units(void **state)
{
	(void)state;
	expect("dur==60", true);
	expect("dur==60ms", true);
	expect("dur==60000us", true);
	expect("dur==0.06s", true);
	expect("dur==0.001m", true);
	expect("dur>59.999ms", true);
	expect("dur>60.000001ms", false);
	expect("cpu>=2.5 && cpu<=2.5ms", true);
}

static void test_text_compares_whole_and_by_regex(void **state)
{
	(void)state;
	expect("method==GET", true);
	expect("method==get", true);
	expect("method!=POST", true);
	expect("(method=~^(get|head)$)", true);
	expect("protocol==h2", true);
	expect("protocol==h2c || protocol=~^http", false);
}

static void test_path_is_without_query(void **state)
{
	(void)state;
	expect("path==/api/users/42", true);
	expect("path==\"/api/users/42\"", true);
	expect("path==/API/users/42", false);
	expect("path=~token", false);
	expect("path=~42$", true);
	expect("path!~\"^/api/(users|orders)/[0-9]+$\"", false);
	expect("path=~\"\\.html$\"", false);
}

static void test_quotes_and_backslashes(void **state)
{
	const char *url = request.url;

	(void)state;
	request.url = "/a\"b\\c d";
	expect("path==\"/a\\\"b\\\\c d\"", true);
	request.url = url;
}

static void test_and_binds_closer_than_or_and_not_closest(void **state)
{
	(void)state;
	expect("ops==12 || ops==1 && ops==2", true);
	expect("(ops==12 || ops==1) && ops==2", false);
	expect("!ops==1 && ops==12", true);
	expect("!(ops==12 && status==503)", false);
	expect("!!ops==12", true);
	expect(" ( ( ops == 12 ) ) ", true);
}

static void test_mistakes_name_place_and_expectation(void **state)
{
	(void)state;
	expect_error("", "at character 1: expected method, path, protocol, status, dur, ops, cpu, "
			 "'!' or '('");
	expect_error("url==/", "at character 1: expected method, path, protocol, status, dur, ops, "
			       "cpu, '!' or '('");
	expect_error("ops==1 && dur>", "at character 15: expected a value after 'dur>'");
	expect_error("ops==1 && dur>fast",
		     "at character 15: expected a time like 50ms or 1.5s after 'dur>'");
	expect_error("dur>5h", "at character 5: expected a time like 50ms or 1.5s after 'dur>'");
	expect_error("status",
		     "at character 7: expected a comparison after 'status', like == or >");
	expect_error("method GET",
		     "at character 8: expected a comparison after 'method', like == or =~");
	expect_error("status=~5", "at character 7: 'status' is a number, '=~' is for text");
	expect_error("path>a", "at character 5: 'path' is text, '>' is for numbers");
	expect_error("status==abc",
		     "at character 9: expected a status like 404 or 5xx after 'status=='");
	expect_error("ops==1.5", "at character 6: expected a number after 'ops=='");
	expect_error("path==\"abc", "at character 7: the quote is never closed");
	expect_error("(ops==1",
		     "at character 8: expected '&&', '||' or the ')' for the '(' at character 1");
	expect_error("ops==1)", "at character 7: expected '&&', '||' or the end");
	expect_error("ops==1 ops==2", "at character 8: expected '&&', '||' or the end");
	expect_error("ops==1 &&", "at character 10: expected method, path, protocol, status, dur, "
				  "ops, cpu, '!' or '('");
}

static void test_bad_regex_is_explained(void **state)
{
	struct filter *filter;
	char error[200];

	(void)state;
	assert_int_equal(filter_parse("path=~\"[a\"", error, sizeof(error), &filter), -EINVAL);
	assert_memory_equal(error, "at character 7: bad regular expression: ", 40);
	assert_true(strlen(error) > 40);
}

static void test_small_error_buffer_is_respected(void **state)
{
	struct filter *filter;
	char error[8] = "ABCDEFG";

	(void)state;
	assert_int_equal(filter_parse("nonsense", error, 4, &filter), -EINVAL);
	assert_int_equal(strlen(error), 3);
	assert_string_equal(error + 4, "EFG");
	assert_int_equal(filter_parse("nonsense", NULL, 0, &filter), -EINVAL);
}

static void test_nesting_and_length_are_bounded(void **state)
{
	struct filter *filter;
	char error[200];
	char deep[5000];
	char *wide = malloc(200000);
	size_t at = 0;
	int i;

	(void)state;
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(filter_parse(deep, error, sizeof(error), &filter), -EINVAL);
	assert_non_null(strstr(error, "nested deeper"));
	memset(deep, '!', sizeof(deep) - 1);
	assert_int_equal(filter_parse(deep, error, sizeof(error), &filter), -EINVAL);
	for (i = 0; i < 10000; i++)
		at += (size_t)snprintf(wide + at, 200000 - at, "%sops>1", i ? "||" : "");
	assert_int_equal(filter_parse(wide, error, sizeof(error), &filter), -EINVAL);
	assert_non_null(strstr(error, "comparisons"));
	free(wide);
}

static void test_random_expressions_never_crash(void **state)
{
	static const char *const words[] = {
		"dur", "path", "status", "==", "=~", ">",   "(",  ")",
		"!",   "&&",   "||",     "\"", "\\", "5xx", "1.", "9999999999999999999",
		"a*",  "[",    " ",      "ms"};
	struct filter *filter;
	char error[50];
	int round;

	(void)state;
	srand(5);
	for (round = 0; round < 30000; round++) {
		char text[100] = "";
		int n = rand() % 12;

		while (n--)
			strncat(text, words[(size_t)rand() % (sizeof(words) / sizeof(words[0]))],
				8);
		if (!filter_parse(text, error, sizeof(error), &filter)) {
			(void)filter_match(filter, &request);
			filter_free(filter);
		} else {
			assert_memory_equal(error, "at character ", 13);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_filter_matches_everything),
		cmocka_unit_test(test_example_of_the_manual),
		cmocka_unit_test(test_numbers_compare),
		cmocka_unit_test(test_status_classes),
		cmocka_unit_test(test_unknown_status_only_differs),
		cmocka_unit_test(test_durations_take_units),
		cmocka_unit_test(test_text_compares_whole_and_by_regex),
		cmocka_unit_test(test_path_is_without_query),
		cmocka_unit_test(test_quotes_and_backslashes),
		cmocka_unit_test(test_and_binds_closer_than_or_and_not_closest),
		cmocka_unit_test(test_mistakes_name_place_and_expectation),
		cmocka_unit_test(test_bad_regex_is_explained),
		cmocka_unit_test(test_small_error_buffer_is_respected),
		cmocka_unit_test(test_nesting_and_length_are_bounded),
		cmocka_unit_test(test_random_expressions_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
