/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>

#include "aggregator/compress.h"
#include "aggregator/export/exporter.h"
#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "user/output.h"

#define PATH_TEMPLATE "/tmp/ntrace-test-XXXXXX"

struct fixture {
	char path[sizeof(PATH_TEMPLATE)];
	struct options options;
	struct output *output;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	int fd;

	memset(&fixture, 0, sizeof(fixture));
	memcpy(fixture.path, PATH_TEMPLATE, sizeof(PATH_TEMPLATE));
	fd = mkostemp(fixture.path, O_CLOEXEC);
	if (fd < 0)
		return -1;
	(void)close(fd);
	fixture.options.output = fixture.path;
	fixture.options.format = exporter_find("text");
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	filter_free(fixture->options.filter);
	return unlink(fixture->path);
}

static void start(struct fixture *fixture)
{
	assert_int_equal(output_open(&fixture->options, 1, 1, &fixture->output), 0);
}

static enum output_state put(struct fixture *fixture, const char *url, uint64_t duration_ns)
{
	const struct request request = {
		.method = "GET",
		.url = url,
		.status = 200,
		.start_ns = 1000,
		.end_ns = 1000 + duration_ns,
	};

	return output_request(fixture->output, &request);
}

static enum output_state stop(struct fixture *fixture)
{
	struct export_summary summary = {.node_version = "v1", .target = "app.js"};

	return output_close(fixture->output, &summary);
}

static void read_all(const struct fixture *fixture, char *buf, size_t len)
{
	_cleanup_(fclosep) FILE *file = fopen(fixture->path, "re");
	size_t n;

	assert_non_null(file);
	n = fread(buf, 1, len - 1, file);
	buf[n] = '\0';
}

static void test_requests_reach_the_file_at_a_flush(void **state)
{
	struct fixture *fixture = *state;
	char text[4096];

	start(fixture);
	assert_int_equal(put(fixture, "/seen", NS_PER_MS), OUTPUT_GOING);
	assert_int_equal(output_flush(fixture->output), OUTPUT_GOING);
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "/seen"));
	assert_int_equal(stop(fixture), OUTPUT_GOING);
}

static void put_four_alike(struct fixture *fixture, char *buf, size_t len)
{
	struct op ops[4];
	const struct request request = {
		.method = "GET", .url = "/", .end_ns = 9, .ops = ops, .n_ops = 4};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = (struct op){.id = i + 1,
				     .type = "fs.stat",
				     .detail = "/tmp",
				     .start_ns = i,
				     .end_ns = 2 * i + 1,
				     .count = 1,
				     .parent = OP_PARENT_REQUEST};
	start(fixture);
	assert_int_equal(output_request(fixture->output, &request), OUTPUT_GOING);
	assert_int_equal(stop(fixture), OUTPUT_GOING);
	read_all(fixture, buf, len);
}

static void test_operations_are_collapsed_when_asked_for(void **state)
{
	struct fixture *fixture = *state;
	char text[8192];

	fixture->options.format = exporter_find("ndjson");
	put_four_alike(fixture, text, sizeof(text));
	assert_null(strstr(text, "\"count\""));
	fixture->options.collapse = COMPRESS_ALL;
	put_four_alike(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "\"count\":4,\"sum_ns\":10,\"min_ns\":1,\"max_ns\":4"));
	fixture->options.format = exporter_find("folded"); /* merges by itself */
	fixture->options.metric = FOLDED_COUNT;
	put_four_alike(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "fs.stat /tmp 4\n"));
}

static void test_short_and_filtered_requests_stay_out_and_do_not_count(void **state)
{
	struct fixture *fixture = *state;
	char text[4096], error[128];

	fixture->options.min_duration_ns = 5 * NS_PER_MS;
	assert_int_equal(
		filter_parse("path=~\"^/api\"", error, sizeof(error), &fixture->options.filter), 0);
	start(fixture);
	assert_int_equal(put(fixture, "/api/short", NS_PER_MS), OUTPUT_GOING);
	assert_int_equal(put(fixture, "/other", 9 * NS_PER_MS), OUTPUT_GOING);
	assert_int_equal(put(fixture, "/api/long", 9 * NS_PER_MS), OUTPUT_GOING);
	assert_int_equal(output_count(fixture->output), 1);
	assert_int_equal(stop(fixture), OUTPUT_GOING);
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "/api/long"));
	assert_null(strstr(text, "/api/short"));
	assert_null(strstr(text, "/other"));
}

static void test_after_count_requests_it_is_enough(void **state)
{
	struct fixture *fixture = *state;
	char text[4096];

	fixture->options.count = 2;
	start(fixture);
	assert_int_equal(put(fixture, "/one", 1), OUTPUT_GOING);
	assert_int_equal(put(fixture, "/two", 1), OUTPUT_ENOUGH);
	assert_int_equal(put(fixture, "/three", 1), OUTPUT_ENOUGH);
	assert_int_equal(output_count(fixture->output), 2);
	assert_int_equal(stop(fixture), OUTPUT_ENOUGH);
	read_all(fixture, text, sizeof(text));
	assert_non_null(strstr(text, "/two"));
	assert_null(strstr(text, "/three"));
}

static void test_a_reader_that_left_is_no_failure(void **state)
{
	struct fixture *fixture = *state;
	int pipe_fds[2], saved;

	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_true(dup2(pipe_fds[1], STDOUT_FILENO) >= 0);
	fixture->options.output = NULL;
	start(fixture);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	(void)close(saved);
	(void)close(pipe_fds[1]);
	(void)close(pipe_fds[0]);
	(void)put(fixture, "/unread", 1);
	assert_int_equal(output_flush(fixture->output), OUTPUT_GONE);
	assert_int_equal(stop(fixture), OUTPUT_GONE);
}

static void test_a_full_disk_is_a_failure(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.output = "/dev/full";
	start(fixture);
	(void)put(fixture, "/unwritten", 1);
	assert_int_equal(output_flush(fixture->output), OUTPUT_FAILED);
	assert_int_equal(stop(fixture), OUTPUT_FAILED);
}

static void test_a_file_that_cannot_be_opened_is_told(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.output = "/no/such/folder/out";
	assert_int_equal(output_open(&fixture->options, 1, 1, &fixture->output), -ENOENT);
	assert_null(fixture->output);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_requests_reach_the_file_at_a_flush),
		TEST(test_operations_are_collapsed_when_asked_for),
		TEST(test_short_and_filtered_requests_stay_out_and_do_not_count),
		TEST(test_after_count_requests_it_is_enough),
		TEST(test_a_reader_that_left_is_no_failure),
		TEST(test_a_full_disk_is_a_failure),
		TEST(test_a_file_that_cannot_be_opened_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
