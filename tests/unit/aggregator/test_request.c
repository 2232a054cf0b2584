/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/request.h"

#include "aggregator/sample.h"

static void test_every_evidence_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(evidence_name(EVIDENCE_TOKEN), "exact:token");
	assert_string_equal(evidence_name(EVIDENCE_CLOSURE), "derived:closure");
	assert_string_equal(evidence_name(EVIDENCE_UNKNOWN), "unknown");
	assert_string_equal(evidence_name(EVIDENCE_COUNT), "unknown");
}

static void test_flags_are_printed_in_order_with_separator(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(
		request_flags_print(REQUEST_LOSSY | REQUEST_ABORTED, ", ", buf, sizeof(buf)), 14);
	assert_string_equal(buf, "aborted, lossy");
	assert_int_equal(request_flags_print(0, ",", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	(void)op_flags_print(OP_OPEN | OP_END_INFERRED, " ", buf, sizeof(buf));
	assert_string_equal(buf, "open end-inferred");
}

static void test_flags_that_do_not_fit_are_cut(void **state)
{
	char buf[6] = "XXXXX";

	(void)state;
	assert_int_equal(request_flags_print(REQUEST_ABORTED, ",", buf, 5), 4);
	assert_memory_equal(buf, "abor", 5);
	assert_int_equal(request_flags_print(REQUEST_ABORTED, ",", buf, 0), 0);
	assert_memory_equal(buf, "abor", 5);
}

static void test_duration_is_never_negative(void **state)
{
	struct request request = {.start_ns = 10, .end_ns = 25};

	(void)state;
	assert_int_equal(request_duration_ns(&request), 15);
	request.end_ns = 5;
	assert_int_equal(request_duration_ns(&request), 0);
}

static void test_timer_that_was_not_due_was_not_waited_for(void **state)
{
	struct request request = {.start_ns = 10, .end_ns = 100};
	struct op op = {.type = "timer", .start_ns = 40};

	(void)state;
	assert_true(op_outlived(&request, &op));
	op.end_ns = 100;
	assert_false(op_outlived(&request, &op));
	op.flags = OP_END_INFERRED;
	assert_true(op_outlived(&request, &op));
	op.end_ns = 99; /* it may have been what the response came from */
	assert_false(op_outlived(&request, &op));
	op.end_ns = 0;
	request.flags = REQUEST_OPEN; /* it waits still */
	assert_false(op_outlived(&request, &op));
	request.flags = 0;
	op.type = "fs.stat";
	assert_false(op_outlived(&request, &op));
}

static void test_open_operation_counts_until_the_end_of_the_request(void **state)
{
	struct request request = {.start_ns = 10, .end_ns = 100};
	struct op op = {.start_ns = 40};

	(void)state;
	assert_int_equal(op_end_ns(&request, &op), 100);
	op.end_ns = 60;
	assert_int_equal(op_end_ns(&request, &op), 60);
	op.start_ns = 150;
	op.end_ns = 0;
	assert_int_equal(op_end_ns(&request, &op), 150);
}

static void test_cpu_sums_runs(void **state)
{
	struct span runs[] = {{10, 20, false}, {30, 35, false}, {50, 40, false}};
	struct op op = {.runs = runs, .n_runs = 3};

	(void)state;
	assert_int_equal(op_cpu_ns(&op), 15);
}

static void test_free_releases_all_and_takes_null(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 10);

	(void)state;
	sample_run(request, sample_op(request, OP_PARENT_REQUEST, "timer", "1", 0, 5), 1, 2);
	request_free(request);
	request_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_evidence_has_its_name),
		cmocka_unit_test(test_flags_are_printed_in_order_with_separator),
		cmocka_unit_test(test_flags_that_do_not_fit_are_cut),
		cmocka_unit_test(test_duration_is_never_negative),
		cmocka_unit_test(test_timer_that_was_not_due_was_not_waited_for),
		cmocka_unit_test(test_open_operation_counts_until_the_end_of_the_request),
		cmocka_unit_test(test_cpu_sums_runs),
		cmocka_unit_test(test_free_releases_all_and_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
