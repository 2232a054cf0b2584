/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>

#include "aggregator/compress.h"
#include "aggregator/export/exporter.h"
#include "symbolizer/base.h"
#include "user/options.h"

/* Runs the parser with stdout and stderr in files, and keeps what it wrote. */
struct run {
	struct options options;
	enum options_result result;
	char out[16384];
	char err[4096];
};

static void slurp(int fd, char *buf, size_t len)
{
	ssize_t n = pread(fd, buf, len - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
}

static int redirect(int fd, int *ret_saved)
{
	int file = memfd_create("captured", MFD_CLOEXEC);

	assert_true(file >= 0);
	*ret_saved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	assert_true(*ret_saved >= 0);
	assert_true(dup2(file, fd) >= 0);
	return file;
}

static void restore(int fd, int saved)
{
	assert_true(dup2(saved, fd) >= 0);
	(void)close(saved);
}

static void parse(struct run *run, ...)
{
	char *argv[32] = {(char *)"/some/where/ntrace-bpf"};
	int argc = 1, out, err, saved_out, saved_err;
	va_list args;

	va_start(args, run);
	while ((argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	(void)fflush(stdout);
	out = redirect(STDOUT_FILENO, &saved_out);
	err = redirect(STDERR_FILENO, &saved_err);
	run->result = options_parse(argc, argv, &run->options);
	(void)fflush(stdout);
	(void)fflush(stderr);
	restore(STDOUT_FILENO, saved_out);
	restore(STDERR_FILENO, saved_err);
	slurp(out, run->out, sizeof(run->out));
	slurp(err, run->err, sizeof(run->err));
	(void)close(out);
	(void)close(err);
}

static void done(struct run *run)
{
	options_done(&run->options);
}

static void assert_wrong(struct run *run, const char *mention)
{
	assert_int_equal(run->result, OPTIONS_WRONG);
	assert_string_equal(run->out, "");
	assert_non_null(strstr(run->err, mention));
	assert_non_null(strstr(run->err, "Try 'ntrace-bpf --help'"));
	assert_int_equal(strncmp(run->err, "ntrace-bpf: ", strlen("ntrace-bpf: ")), 0);
	done(run);
}

static void test_a_pid_alone_is_enough_and_the_rest_has_defaults(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-p", "4121", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(run.options.pid, 4121);
	assert_int_equal(run.options.duration_ns, 0);
	assert_int_equal(run.options.count, 0);
	assert_int_equal(run.options.max_nodes, 5000);
	assert_int_equal(run.options.history, 64 << 20);
	assert_int_equal(run.options.cpu_samples, 99);
	assert_true(run.options.stacks);
	assert_true(run.options.promises);
	assert_true(run.options.ready_times);
	assert_false(run.options.show_query);
	assert_false(run.options.view); /* standard output is a file here */
	assert_string_equal(run.options.format->name, "text");
	done(&run);
}

static void test_what_is_collapsed_depends_on_who_reads_it(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "1", NULL);
	assert_int_equal(run.options.collapse, COMPRESS_NONE);
	assert_false(run.options.all_ops);
	done(&run);
	parse(&run, "1", "--collapse", "siblings", "--all-ops", NULL);
	assert_int_equal(run.options.collapse, COMPRESS_SIBLINGS);
	assert_true(run.options.all_ops);
	done(&run);
	parse(&run, "1", "--collapse=all", "--collapse=none", NULL);
	assert_int_equal(run.options.collapse, COMPRESS_NONE);
	done(&run);
	parse(&run, "1", "--collapse=some", NULL);
	assert_wrong(&run, "--collapse is all, none");
}

static void test_the_pid_may_stand_alone(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-d", "2", "4121", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(run.options.pid, 4121);
	assert_int_equal(run.options.duration_ns, 2 * NS_PER_SEC);
	done(&run);
}

static void test_several_processes_in_every_spelling(void **state)
{
	static const pid_t expected[] = {7, 8, 9, 10};
	struct run run;

	(void)state;
	parse(&run, "-p", "7,8", "-p9", "10", "8", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(run.options.n_pids, 4);
	assert_memory_equal(run.options.pids, expected, sizeof(expected));
	assert_int_equal(run.options.pid, 7);
	assert_false(run.options.follow);
	done(&run);
	parse(&run, "-p7", "--follow", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_true(run.options.follow);
	done(&run);
}

static void test_doctor_needs_no_process(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "doctor", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_true(run.options.doctor);
	assert_int_equal(run.options.n_pids, 0);
	done(&run);
	parse(&run, "doctor", "-p4121", "--json", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_true(run.options.doctor && run.options.json);
	assert_int_equal(run.options.pid, 4121);
	done(&run);
	parse(&run, "-p4121", "--json", NULL);
	assert_wrong(&run, "doctor");
	parse(&run, "doctor", "--replay=x", NULL);
	assert_wrong(&run, "exclude");
}

static void test_a_recording_is_of_one_process(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-p7,8", "--record-events=x", NULL);
	assert_wrong(&run, "one process");
	parse(&run, "-p7", "--follow", "--record-events=x", NULL);
	assert_wrong(&run, "one process");
}

static void test_every_option_reaches_its_field(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-p1", "-d", "500ms", "-c", "7", "-o", "x.bin", "--format=ndjson",
	      "--min-duration=50ms", "--filter=status>=500", "--show-query", "--max-nodes=10",
	      "--transport=perf", "--attach=perf", "--history=128M", "--no-stacks",
	      "--cpu-samples=250", "--promises=off", "--record-events=r.ntr", "--ascii",
	      "--color=never", "-vv", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(run.options.duration_ns, 500 * NS_PER_MS);
	assert_int_equal(run.options.count, 7);
	assert_string_equal(run.options.output, "x.bin");
	assert_string_equal(run.options.format->name, "ndjson");
	assert_int_equal(run.options.min_duration_ns, 50 * NS_PER_MS);
	assert_non_null(run.options.filter);
	assert_true(run.options.show_query);
	assert_int_equal(run.options.max_nodes, 10);
	assert_int_equal(run.options.transport, TRANSPORT_PERF);
	assert_int_equal(run.options.attach, ATTACH_PERF);
	assert_int_equal(run.options.history, 128 << 20);
	assert_int_equal(run.options.cpu_samples, 250);
	assert_false(run.options.stacks);
	assert_false(run.options.promises);
	assert_string_equal(run.options.record_events, "r.ntr");
	assert_true(run.options.ascii);
	assert_int_equal(run.options.colour, COLOUR_NEVER);
	assert_int_equal(run.options.verbosity, 2);
	done(&run);
}

static void test_the_format_follows_the_name_of_the_file(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-p1", "-o", "requests.ndjson", NULL);
	assert_string_equal(run.options.format->name, "ndjson");
	done(&run);
	parse(&run, "-p1", "-o", "requests.log", NULL);
	assert_string_equal(run.options.format->name, "text");
	done(&run);
	parse(&run, "-p1", "-o", "requests.ndjson", "--format", "text", NULL);
	assert_string_equal(run.options.format->name, "text");
	done(&run);
}

static void test_folded_may_name_a_metric(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-p1", "--folded", NULL);
	assert_string_equal(run.options.format->name, "folded");
	assert_int_equal(run.options.metric, FOLDED_WALL);
	done(&run);
	parse(&run, "-p1", "--folded=cpu", NULL);
	assert_string_equal(run.options.format->name, "folded");
	assert_int_equal(run.options.metric, FOLDED_CPU);
	done(&run);
	parse(&run, "-p1", "--folded=weight", NULL);
	assert_wrong(&run, "'weight'");
	parse(&run, "-p1", "--folded", "--format=text", NULL);
	assert_wrong(&run, "exclude");
}

static void test_mistakes_are_told_on_stderr_with_the_way_to_help(void **state)
{
	static const struct {
		const char *arg, *mention;
	} cases[] = {
		{"--bogus", "'--bogus'"},
		{"-Z", "'Z'"},
		{"--max-nodes=0", "--max-nodes"},
		{"--max-nodes=many", "'many'"},
		{"-d0", "'0'"},
		{"-d1y", "'1y'"},
		{"-c-1", "'-1'"},
		{"--history=10", "'10'"},
		{"--cpu-samples=1001", "'1001'"},
		{"--format=xml", "'xml'"},
		{"--transport=pigeon", "'pigeon'"},
		{"--promises=kept", "'kept'"},
		{"--color=blue", "'blue'"},
		{"--filter=status>>1", "--filter"},
		{"--output=", "-o"},
		{"--max-nodes", "requires an argument"},
		{"--replay=x", "exclude"},
		{"12x", "'12x'"},
		{"2,", "'' is not"},
		{"2,x", "'x' is not"},
		{"1234567890123456789012345", "is not a process id"},
	};
	struct run run;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(&run, "-p1", cases[i].arg, NULL);
		assert_wrong(&run, cases[i].mention);
	}
}

static void test_without_a_process_there_is_nothing_to_do(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-d1", NULL);
	assert_wrong(&run, "which process");
}

static void test_a_replay_needs_no_process(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "--replay", "x.ntr", "--format", "ndjson", NULL);
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_string_equal(run.options.replay, "x.ntr");
	done(&run);
}

static void test_help_fits_80_columns_and_goes_to_stdout(void **state)
{
	const char *line, *end;
	struct run run;

	(void)state;
	parse(&run, "--help", NULL);
	assert_int_equal(run.result, OPTIONS_DONE);
	assert_string_equal(run.err, "");
	for (line = run.out; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line <= 80);
	}
	assert_non_null(strstr(run.out, "Examples:"));
	assert_non_null(strstr(run.out, "--min-duration"));
	assert_null(strstr(run.out, "--attach"));
	done(&run);
}

static void test_version_goes_to_stdout(void **state)
{
	struct run run;

	(void)state;
	parse(&run, "-V", NULL);
	assert_int_equal(run.result, OPTIONS_DONE);
	assert_string_equal(run.out, "ntrace-bpf " NT_VERSION "\n");
	done(&run);
}

static void test_no_color_is_honoured_unless_colours_are_asked_for(void **state)
{
	struct options options = {.colour = COLOUR_ALWAYS};
	int fd = memfd_create("plain", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
	assert_true(options_colour(&options, fd));
	options.colour = COLOUR_NEVER;
	assert_false(options_colour(&options, fd));
	options.colour = COLOUR_AUTO;
	assert_false(options_colour(&options, fd));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pid_alone_is_enough_and_the_rest_has_defaults),
		cmocka_unit_test(test_what_is_collapsed_depends_on_who_reads_it),
		cmocka_unit_test(test_the_pid_may_stand_alone),
		cmocka_unit_test(test_several_processes_in_every_spelling),
		cmocka_unit_test(test_a_recording_is_of_one_process),
		cmocka_unit_test(test_doctor_needs_no_process),
		cmocka_unit_test(test_every_option_reaches_its_field),
		cmocka_unit_test(test_the_format_follows_the_name_of_the_file),
		cmocka_unit_test(test_folded_may_name_a_metric),
		cmocka_unit_test(test_mistakes_are_told_on_stderr_with_the_way_to_help),
		cmocka_unit_test(test_without_a_process_there_is_nothing_to_do),
		cmocka_unit_test(test_a_replay_needs_no_process),
		cmocka_unit_test(test_help_fits_80_columns_and_goes_to_stdout),
		cmocka_unit_test(test_version_goes_to_stdout),
		cmocka_unit_test(test_no_color_is_honoured_unless_colours_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
