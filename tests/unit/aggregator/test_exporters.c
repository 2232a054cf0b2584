/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What all formats have in common, and the folded one. */
#include "aggregator/export/exporter.h"

#include "aggregator/export_sample.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format_is_found_by_name_and_extension),
		cmocka_unit_test(test_every_format_copes_with_nothing),
		cmocka_unit_test(test_every_format_reports_a_full_disk),
		cmocka_unit_test(test_folded_tells_its_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
