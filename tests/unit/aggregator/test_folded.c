/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/folded.h"

#include <errno.h>
#include <regex.h>

#include "aggregator/sample.h"
#include "aggregator/wall.h"
#include "symbolizer/base.h"

#define MAX_RANDOM_OPS 30

struct result {
	char *text;
	size_t len;
	uint64_t sum;
};

static struct folded *folded_of(enum folded_metric metric, size_t max_paths,
				const struct request *request)
{
	struct folded *folded;

	assert_int_equal(folded_new(metric, max_paths, &folded), 0);
	assert_int_equal(folded_add(folded, request), 0);
	return folded;
}

/* Writes and frees. */
static struct result write_all(struct folded *folded)
{
	struct result result = {0};
	FILE *out = open_memstream(&result.text, &result.len);

	assert_non_null(out);
	assert_int_equal(folded_write(folded, out, &result.sum), 0);
	assert_int_equal(fclose(out), 0);
	folded_free(folded);
	return result;
}

static void expect_folded(struct folded *folded, const char *wanted, uint64_t sum)
{
	struct result result = write_all(folded);

	assert_string_equal(result.text, wanted);
	assert_int_equal(result.sum, sum);
	free(result.text);
}

/*
 * Reads the text as flamegraph.pl does and returns the sum of the values. Fails on lines that it
 * would ignore or take for a difference of two values.
 */
static uint64_t read_as_flamegraph(char *text)
{
	uint64_t sum = 0;
	regex_t value;
	char *line;

	assert_int_equal(regcomp(&value, "^(.*)[[:space:]]+([0-9]+(\\.[0-9]*)?)$", REG_EXTENDED),
			 0);
	while ((line = strsep(&text, "\n")) && *line) {
		regmatch_t part[3];
		regmatch_t again[3];
		char *end;

		if (regexec(&value, line, 3, part, 0))
			fail_msg("ignored: '%s'", line);
		sum += strtoull(line + part[2].rm_so, &end, 10);
		assert_int_equal(*end, '\0');
		line[part[1].rm_eo] = '\0';
		if (!regexec(&value, line, 3, again, 0))
			fail_msg("read as a difference: '%s'", line);
	}
	regfree(&value);
	return sum;
}

static void test_metrics_have_names(void **state)
{
	enum folded_metric metric = FOLDED_COUNT;
	unsigned int i;

	(void)state;
	for (i = 0; i < FOLDED_METRIC_COUNT; i++) {
		assert_int_equal(
			folded_metric_find(folded_metric_name((enum folded_metric)i), &metric), 0);
		assert_int_equal(metric, i);
	}
	assert_int_equal(folded_metric_find("none", &metric), -ENOENT);
	assert_int_equal(metric, FOLDED_METRIC_COUNT - 1);
}

static void test_wall_goes_to_the_deepest_open_operation(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);

	(void)state;
	(void)sample_op(request, OP_PARENT_REQUEST, "a", "", 10, 60);
	(void)sample_op(request, 0, "b", "", 20, 30);
	(void)sample_op(request, OP_PARENT_REQUEST, "c", "", 40, 80);
	/* a and c are open from 40 to 60: c ends last. */
	expect_folded(folded_of(FOLDED_WALL, 100, request),
		      "GET / 30\nGET /;a 20\nGET /;a;b 10\nGET /;c 40\n", 100);
	request_free(request);
}

/* handler() does a and awaits user(), which does b: a function is no reason to prefer b. */
static void test_functions_have_what_no_operation_covers(void **state)
{
	const enum folded_metric others[] = {FOLDED_CPU, FOLDED_TOTAL, FOLDED_COUNT};
	const char *const wanted[] = {"",
				      "GET /;await handler();a 30\n"
				      "GET /;await handler();await user();b 20\n",
				      "GET /;await handler();a 1\n"
				      "GET /;await handler();await user();b 1\n"};
	const uint64_t sums[] = {0, 50, 2};
	struct request *request = sample_request(1, "GET", "/", 0, 100);

	(void)state;
	sample_op(request, OP_PARENT_REQUEST, "await", "handler()", 10, 70)->flags = OP_FUNCTION;
	(void)sample_op(request, 0, "a", "", 10, 40);
	sample_op(request, 0, "await", "user()", 15, 60)->flags = OP_FUNCTION;
	(void)sample_op(request, 2, "b", "", 15, 35);
	request->ops[0].count = request->ops[2].count = 0;
	expect_folded(folded_of(FOLDED_WALL, 100, request),
		      "GET / 40\nGET /;await handler() 10\nGET /;await handler();a 30\n"
		      "GET /;await handler();await user() 20\n",
		      100);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		expect_folded(folded_of(others[i], 100, request), wanted[i], sums[i]);
	request_free(request);
}

static void test_wall_ignores_what_lies_outside_of_the_request(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 50, 100);

	(void)state;
	(void)sample_op(request, OP_PARENT_REQUEST, "early", "", 10, 60);
	(void)sample_op(request, OP_PARENT_REQUEST, "late", "", 120, 130);
	(void)sample_op(request, OP_PARENT_REQUEST, "open", "", 90, 0);
	expect_folded(folded_of(FOLDED_WALL, 100, request),
		      "GET / 30\nGET /;early 10\nGET /;open 10\n", 50);
	request_free(request);
}

static void test_cpu_counts_runs_and_the_handler(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);

	(void)state;
	sample_own_run(request, 0, 7);
	sample_run(request, sample_op(request, OP_PARENT_REQUEST, "a", "", 10, 60), 60, 65);
	(void)sample_op(request, OP_PARENT_REQUEST, "silent", "", 10, 60);
	expect_folded(folded_of(FOLDED_CPU, 100, request), "GET / 7\nGET /;a 5\n", 12);
	request_free(request);
}

static void test_total_counts_concurrency_double(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);

	(void)state;
	(void)sample_op(request, OP_PARENT_REQUEST, "a", "", 10, 60);
	(void)sample_op(request, OP_PARENT_REQUEST, "b", "", 10, 0);
	expect_folded(folded_of(FOLDED_TOTAL, 100, request), "GET /;a 50\nGET /;b 90\n", 140);
	request_free(request);
}

static void test_count_counts_folded_operations(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 100);
	struct op *op = sample_op(request, OP_PARENT_REQUEST, "a", "", 10, 60);

	(void)state;
	op->count = 40;
	op->flags = OP_FOLDED;
	(void)sample_op(request, OP_PARENT_REQUEST, "b", "", 10, 60);
	(void)sample_op(request, OP_PARENT_REQUEST, "b", "", 20, 60);
	expect_folded(folded_of(FOLDED_COUNT, 100, request), "GET /;a (40 more) 40\nGET /;b 2\n",
		      42);
	request_free(request);
}

static void test_requests_with_the_same_path_are_summed_without_query(void **state)
{
	struct request *first = sample_request(1, "GET", "/a?x=1", 0, 100);
	struct request *second = sample_request(2, "GET", "/a?x=2", 50, 60);
	struct folded *folded = folded_of(FOLDED_WALL, 100, first);

	(void)state;
	assert_int_equal(folded_add(folded, second), 0);
	expect_folded(folded, "GET /a 110\n", 110);
	request_free(first);
	request_free(second);
}

static void test_rounding_rests_are_carried(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 1);
	uint32_t i;

	(void)state;
	/* Ten operations of 0.4 us each, one after the other. */
	request->end_ns = 4000;
	for (i = 0; i < 10; i++) {
		struct op *op = sample_op(request, OP_PARENT_REQUEST, "x", "", 0, 0);
		char *type = arena_copy(request->arena, "a", 1);

		type[0] = (char)('a' + i);
		op->type = type;
		op->start_ns = i * 400;
		op->end_ns = op->start_ns + 400;
	}
	expect_folded(folded_of(FOLDED_WALL, 100, request),
		      "GET /;b 1\nGET /;d 1\nGET /;g 1\nGET /;i 1\n", 4);
	request_free(request);
}

static void test_frames_are_safe_for_flamegraph(void **state)
{
	static const char *const nasty[] = {
		"200",     "20.5",   "20.",       "a 1",          "a  b",
		" ",       "  lead", "trail  ",   "semi;colon 7", "v1.2.3",
		"x 1.2.3", "..",     "\302\2405", "a -5",         "1e5",
	};
	struct request *request = sample_request(1, "GET", "/;x 5", 0, 1000);
	struct result result;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(nasty); i++) {
		(void)sample_op(request, OP_PARENT_REQUEST, "HTTP", nasty[i], i * 20, i * 20 + 10);
		(void)sample_op(request, OP_PARENT_REQUEST, nasty[i], "", i * 20 + 10, i * 20 + 20);
	}
	result = write_all(folded_of(FOLDED_WALL, 1000, request));
	assert_non_null(strstr(result.text, "GET /:x [5];HTTP [200] 10\n"));
	assert_non_null(strstr(result.text, ";HTTP a b 10\n"));
	assert_non_null(strstr(result.text, ";HTTP trail 10\n"));
	assert_non_null(strstr(result.text, ";lead 10\n"));
	assert_non_null(strstr(result.text, ";? 10\n"));
	assert_int_equal(result.sum, 1000);
	assert_int_equal(read_as_flamegraph(result.text), 1000);
	free(result.text);
	request_free(request);
}

static void test_too_many_paths_go_to_other_and_no_time_is_lost(void **state)
{
	struct folded *folded;
	struct result result;
	uint64_t id;
	size_t lines = 0;
	char *at;

	(void)state;
	assert_int_equal(folded_new(FOLDED_WALL, 16, &folded), 0);
	for (id = 1; id <= 50; id++) {
		char url[32];
		struct request *request;

		(void)snprintf(url, sizeof(url), "/%d", (int)id);
		request = sample_request(id, "GET", url, 0, 100);
		(void)sample_op(request, OP_PARENT_REQUEST, "a", "", 10, 20);
		assert_int_equal(folded_add(folded, request), 0);
		request_free(request);
	}
	result = write_all(folded);
	for (at = result.text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 16);
	assert_int_equal(result.sum, 5000);
	assert_non_null(strstr(result.text, ";(other) "));
	assert_memory_equal(result.text, "(other) ", 8);
	assert_int_equal(read_as_flamegraph(result.text), 5000);
	free(result.text);
}

static void test_deep_trees_count_for_the_ancestor_that_fits(void **state)
{
	struct request *request = sample_request(1, "GET", "/", 0, 5000);
	struct result result;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		(void)sample_op(request, i ? i - 1 : OP_PARENT_REQUEST, "promise", "handler", i,
				5000);
	result = write_all(folded_of(FOLDED_WALL, 10000, request));
	assert_int_equal(result.sum, 5000);
	assert_int_equal(read_as_flamegraph(result.text), 5000);
	free(result.text);
	request_free(request);
}

static void test_long_labels_are_cut_between_characters(void **state)
{
	struct op op = {.type = "fs.stat", .detail = "\xe2\x82\xac\xe2\x82\xac", .count = 1};
	char buf[12];

	(void)state;
	assert_int_equal(op_label(&op, buf, 11), 8);
	assert_string_equal(buf, "fs.stat ");
	assert_int_equal(op_label(&op, buf, 12), 11);
	assert_string_equal(buf, "fs.stat \xe2\x82\xac");
	assert_int_equal(op_label(&op, buf, 1), 0);
	assert_int_equal(op_label(&op, buf, 0), 0);
}

static void test_labels(void **state)
{
	struct op op = {.type = "timer", .detail = "20", .count = 1};
	char buf[64];

	(void)state;
	(void)op_label(&op, buf, sizeof(buf));
	assert_string_equal(buf, "timer 20ms");
	op.type = "fs.read";
	(void)op_label(&op, buf, sizeof(buf));
	assert_string_equal(buf, "fs.read 20");
	op.detail = "";
	(void)op_label(&op, buf, sizeof(buf));
	assert_string_equal(buf, "fs.read");
	op.count = 3;
	(void)op_label(&op, buf, sizeof(buf));
	assert_string_equal(buf, "fs.read (x3)");
}

/* What wall_partition() must say, the slow way. */
/* Operations before functions; operations by how many stand above them, functions by depth. */
static uint32_t merit(const struct request *request, const uint32_t *depth, uint32_t op)
{
	uint32_t above = 1000, at;

	if (request->ops[op].flags & OP_FUNCTION)
		return depth[op];
	for (at = request->ops[op].parent; at != OP_PARENT_REQUEST; at = request->ops[at].parent)
		above += request->ops[at].flags & OP_FUNCTION ? 0 : 1;
	return above;
}

static uint32_t owner_at(const struct request *request, const uint32_t *depth, uint64_t ts)
{
	uint32_t best = UINT32_MAX;
	uint32_t i;

	for (i = 0; i < request->n_ops; i++) {
		const struct op *op = &request->ops[i];
		uint64_t end_ns = op_end_ns(request, op);

		if (end_ns > request->end_ns)
			end_ns = request->end_ns;
		if (ts < op->start_ns || ts >= end_ns)
			continue;
		if (best == UINT32_MAX || merit(request, depth, i) > merit(request, depth, best)) {
			best = i;
		} else if (merit(request, depth, i) == merit(request, depth, best)) {
			uint64_t best_end_ns = op_end_ns(request, &request->ops[best]);

			if (best_end_ns > request->end_ns)
				best_end_ns = request->end_ns;
			if (end_ns > best_end_ns)
				best = i;
		}
	}
	return best;
}

/* A request from 20 to 100 ns with n operations that also begin before and end after it. */
static struct request *random_request(uint32_t n, uint32_t *depth)
{
	struct request *request = sample_request(1, "GET", "/", 0, 0);
	uint32_t i;

	request->start_ns = 20;
	request->end_ns = 100;
	for (i = 0; i < n; i++) {
		struct op *op = sample_op(request, OP_PARENT_REQUEST, "a", "", 0, 0);

		if (i && rand() % 2)
			op->parent = (uint32_t)rand() % i;
		op->start_ns = (uint64_t)rand() % 120;
		op->end_ns = rand() % 5 ? op->start_ns + (uint64_t)rand() % 50 : 0;
		depth[i] = op->parent < i ? depth[op->parent] + 1 : 0;
		op->flags |= rand() % 3 ? 0 : OP_FUNCTION;
	}
	return request;
}

static void expect_slow_way(const struct request *request, const uint32_t *depth)
{
	uint64_t wanted[MAX_RANDOM_OPS + 1] = {0}; /* the last one: the request's own */
	uint64_t self[MAX_RANDOM_OPS];
	uint64_t own;
	uint64_t ts;
	uint32_t i;

	for (ts = request->start_ns; ts < request->end_ns; ts++) {
		uint32_t owner = owner_at(request, depth, ts);

		wanted[owner == UINT32_MAX ? MAX_RANDOM_OPS : owner]++;
	}
	assert_int_equal(wall_partition(request, depth, self, &own), 0);
	assert_int_equal(own, wanted[MAX_RANDOM_OPS]);
	for (i = 0; i < request->n_ops; i++)
		assert_int_equal(self[i], wanted[i]);
}

static void test_wall_partition_equals_the_slow_way(void **state)
{
	int round;

	(void)state;
	srand(11);
	for (round = 0; round < 300; round++) {
		uint32_t depth[MAX_RANDOM_OPS] = {0};
		struct request *request =
			random_request((uint32_t)rand() % (MAX_RANDOM_OPS + 1), depth);

		expect_slow_way(request, depth);
		request_free(request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_metrics_have_names),
		cmocka_unit_test(test_wall_goes_to_the_deepest_open_operation),
		cmocka_unit_test(test_functions_have_what_no_operation_covers),
		cmocka_unit_test(test_wall_ignores_what_lies_outside_of_the_request),
		cmocka_unit_test(test_cpu_counts_runs_and_the_handler),
		cmocka_unit_test(test_total_counts_concurrency_double),
		cmocka_unit_test(test_count_counts_folded_operations),
		cmocka_unit_test(test_requests_with_the_same_path_are_summed_without_query),
		cmocka_unit_test(test_rounding_rests_are_carried),
		cmocka_unit_test(test_frames_are_safe_for_flamegraph),
		cmocka_unit_test(test_too_many_paths_go_to_other_and_no_time_is_lost),
		cmocka_unit_test(test_deep_trees_count_for_the_ancestor_that_fits),
		cmocka_unit_test(test_long_labels_are_cut_between_characters),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_wall_partition_equals_the_slow_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
