/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Operations of no request that find the queue full are counted, on the whole way to the summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aggregator/export/exporter.h"
#include "symbolizer/base.h"
#include "user/handoff.h"
#include "user/tracees.h"

#define N_OPS 200

static const struct op op = {.id = 7, .type = "fs.stat", .detail = "/etc/hosts"};

/* Returns how many were taken. */
static size_t fill(struct handoff *handoff)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < N_OPS; i++)
		n_kept += handoff_put_unowned(handoff, &op) == 0;
	return n_kept;
}

static void test_a_full_queue_counts_operations_apart_from_requests(void **state)
{
	struct handoff *handoff;
	size_t n_kept;

	(void)state;
	assert_int_equal(handoff_new(10000, &handoff), 0);
	n_kept = fill(handoff);
	assert_in_range(n_kept, 1, N_OPS - 1);
	assert_int_equal(handoff_dropped_ops(handoff), N_OPS - n_kept);
	assert_int_equal(handoff_dropped(handoff), 0);
	handoff_free(handoff);
}

static void test_those_of_all_processes_are_told(void **state)
{
	struct tracee over = {.over = true, .dropped_ops = 1000}, there = {.over = false};
	struct tracee *items[] = {&over, &there};
	const struct tracees tracees = {.items = items, .n = 2};
	size_t n_kept;

	(void)state;
	assert_int_equal(handoff_new(10000, &there.handoff), 0);
	n_kept = fill(there.handoff);
	assert_int_equal(tracees_dropped_ops(&tracees), 1000 + N_OPS - n_kept);
	assert_int_equal(tracees_dropped(&tracees), 0);
	handoff_free(there.handoff);
}

static void test_the_summary_has_them(void **state)
{
	struct export_summary summary = {.shed = 3, .shed_ops = 4};
	const struct exporter_ops *format = exporter_find("ndjson");
	struct exporter *exporter;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	assert_int_equal(
		format->open(out, &(struct export_options){.metric = FOLDED_WALL}, &exporter), 0);
	assert_int_equal(format->close(exporter, &summary), 0);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "\"shed\":3,\"shed_ops\":4,"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_queue_counts_operations_apart_from_requests),
		cmocka_unit_test(test_those_of_all_processes_are_told),
		cmocka_unit_test(test_the_summary_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
