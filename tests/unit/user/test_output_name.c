/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which format the name of a file means, and which names are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "aggregator/export/exporter.h"
#include "symbolizer/base.h"
#include "user/captured.h"
#include "user/options.h"
#include "user/output_name.h"

/* What stderr got while the name was looked at. */
static const char *choose(struct capture *capture, struct options *options, const char *path,
			  int expected)
{
	int err;

	options->output = path;
	begin(capture);
	err = output_name_choose(options);
	(void)end(capture);
	assert_int_equal(err, expected);
	return capture->text;
}

static void test_a_name_says_which_format_is_meant(void **state)
{
	static const struct {
		const char *path, *format;
	} cases[] = {
		{"a.ndjson", "ndjson"},
		{"a.jsonl", "ndjson"},
		{"a.NDJSON", "ndjson"},
		{"a.folded", "folded"},
		{"a.collapsed", "folded"},
		{"a.routes", "routes"},
		{"a.txt", "text"},
		{"a.log", "text"},
		{"a", "text"},
		{"/dev/null", "text"},
		{"-", "text"},
		{"a.svg/out", "text"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options options = {.output = NULL};
		struct capture capture;

		assert_string_equal(choose(&capture, &options, cases[i].path, 0), "");
		assert_string_equal(options.format->name, cases[i].format);
	}
}

static void test_a_name_that_promises_what_is_not_written_is_refused(void **state)
{
	static const struct {
		const char *path, *instead;
	} cases[] = {
		{"/x/flame.svg", "--folded | flamegraph.pl > '/x/flame.svg'\n"},
		{"a.SVG", "flamegraph.pl > 'a.SVG'\n"},
		{"a.html", "flamegraph.pl > 'a.svg', and open"},
		{"a.json", "-o 'a.ndjson', which"},
		{"a.speedscope.json", "-o 'a.folded', and open that with speedscope\n"},
		{"a.cpuprofile", "--folded=cpu -o 'a.folded'"},
		{"a.pb.gz", "-o 'a.folded'"},
		{"a.csv", "| @csv' > 'a.csv'\n"},
		{"a.ndjson.gz", "--format ndjson | gzip > 'a.ndjson.gz'\n"},
		{"a.rec", "--record-events 'a.rec'\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options options = {.output = NULL};
		struct capture capture;
		const char *said = choose(&capture, &options, cases[i].path, EINVAL);

		assert_non_null(strstr(said, cases[i].path));
		assert_non_null(strstr(said, "(text, ndjson, folded, routes)"));
		assert_non_null(strstr(said, cases[i].instead));
	}
}

static void test_who_names_the_format_may_call_the_file_anything(void **state)
{
	struct options options = {.format = exporter_find("text")};
	struct capture capture;

	(void)state;
	assert_string_equal(choose(&capture, &options, "a.svg", 0), "");
	assert_string_equal(options.format->name, "text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_says_which_format_is_meant),
		cmocka_unit_test(test_a_name_that_promises_what_is_not_written_is_refused),
		cmocka_unit_test(test_who_names_the_format_may_call_the_file_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
