/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/captured.h"
#include "user/log.h"

static void test_an_error_says_why(void **state)
{
	struct capture capture;

	(void)state;
	begin(&capture);
	log_err(-ENOENT, "cannot read '%s'", "x");
	assert_string_equal(end(&capture),
			    "ntrace-bpf: cannot read 'x': No such file or directory\n");
}

static void test_what_the_target_names_cannot_control_the_terminal(void **state)
{
	struct capture capture;
	const char *text;

	(void)state;
	begin(&capture);
	log_info("tracing '%s'", "\x1b]0;owned\x07\nline two");
	text = end(&capture);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\x07'));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_details_are_shown_when_asked_for(void **state)
{
	struct capture capture;

	(void)state;
	begin(&capture);
	log_init(0);
	log_debug("hidden");
	log_init(1);
	log_debug("shown");
	log_init(0);
	assert_string_equal(end(&capture), "ntrace-bpf: shown\n");
}

static void test_held_lines_come_out_at_release_and_only_the_last(void **state)
{
	struct capture capture;
	const char *text;
	int i;

	(void)state;
	begin(&capture);
	log_hold();
	for (i = 0; i < 100; i++)
		log_info("line %d.", i);
	assert_int_equal(lseek(capture.file, 0, SEEK_END), 0);
	log_release();
	text = end(&capture);
	assert_null(strstr(text, "line 67."));
	assert_non_null(strstr(text, "line 68."));
	assert_non_null(strstr(text, "line 99.\n"));
}

static void test_what_is_true_of_each_process_is_said_once(void **state)
{
	struct capture capture;
	int pid;

	(void)state;
	begin(&capture);
	for (pid = 1; pid < 4; pid++) {
		log_warn_once("no clock: %s", "not permitted");
		log_warn_once("no BTF, found at pid %d", pid);
		log_warn("pid %d is odd", pid);
	}
	assert_string_equal(end(&capture), "ntrace-bpf: warning: no clock: not permitted\n"
					   "ntrace-bpf: warning: no BTF, found at pid 1\n"
					   "ntrace-bpf: warning: pid 1 is odd\n"
					   "ntrace-bpf: warning: pid 2 is odd\n"
					   "ntrace-bpf: warning: pid 3 is odd\n");
}

static void test_a_long_line_is_cut_not_overrun(void **state)
{
	char *longer = calloc(1, 5000);
	struct capture capture;

	(void)state;
	assert_non_null(longer);
	memset(longer, 'x', 4999);
	begin(&capture);
	log_err(-EIO, "%s", longer);
	free(longer);
	assert_in_range(strlen(end(&capture)), 500, 1100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_error_says_why),
		cmocka_unit_test(test_what_the_target_names_cannot_control_the_terminal),
		cmocka_unit_test(test_details_are_shown_when_asked_for),
		cmocka_unit_test(test_held_lines_come_out_at_release_and_only_the_last),
		cmocka_unit_test(test_what_is_true_of_each_process_is_said_once),
		cmocka_unit_test(test_a_long_line_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
