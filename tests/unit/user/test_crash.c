/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/crash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tui/screen.h"

#define LEAVE_ALTERNATE "\033[?1049l" /* xterm's rmcup */

/* What a child on its own terminal wrote, and how it ended. */
struct outcome {
	char text[8192];
	int status;
};

/* Opens the screen, guarded or not any more, and dies by the signal. */
static void die_on_screen(int number, int still_guarded)
{
	const struct screen_options options = {.ascii = true};
	const struct rlimit no_core = {0};
	struct screen *screen = NULL;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)setenv("TERM", "xterm", 1);
	(void)signal(number, SIG_DFL);
	if (screen_open(&options, &screen))
		_exit(99);
	screen_flush(screen);
	crash_guard(screen);
	if (!still_guarded)
		crash_unguard();
	(void)raise(number);
	_exit(98);
}

static void run(int number, int still_guarded, struct outcome *ret_outcome)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	size_t len = 0;
	ssize_t n;
	int terminal;
	pid_t pid;

	memset(ret_outcome, 0, sizeof(*ret_outcome));
	pid = forkpty(&terminal, NULL, NULL, &size);
	assert_true(pid >= 0);
	if (pid == 0)
		die_on_screen(number, still_guarded);
	/* Ends with EIO when the child is gone. */
	while (len + 1 < sizeof(ret_outcome->text)) {
		n = read(terminal, ret_outcome->text + len, sizeof(ret_outcome->text) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	assert_int_equal(waitpid(pid, &ret_outcome->status, 0), pid);
	(void)close(terminal);
}

static void test_a_crash_gives_the_terminal_back_and_still_kills(void **state)
{
	static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		run(numbers[i], 1, &outcome);
		assert_non_null(strstr(outcome.text, LEAVE_ALTERNATE));
		assert_true(WIFSIGNALED(outcome.status));
		assert_int_equal(WTERMSIG(outcome.status), numbers[i]);
	}
}

static void test_without_the_guard_a_crash_writes_nothing(void **state)
{
	struct outcome outcome;

	(void)state;
	run(SIGABRT, 0, &outcome);
	assert_null(strstr(outcome.text, LEAVE_ALTERNATE));
	assert_true(WIFSIGNALED(outcome.status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_crash_gives_the_terminal_back_and_still_kills),
		cmocka_unit_test(test_without_the_guard_a_crash_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
