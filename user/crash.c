/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/crash.h"

#include <signal.h>

#include "symbolizer/base.h"
#include "tui/screen.h"

static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

/* A handler gets no argument, so what it needs stands here; unchanged while the guard is on. */
static struct {
	struct screen_rescue rescue;
	struct sigaction before[ARRAY_SIZE(fatal)];
	bool on;
} guard;

/* Restores what was there before, be it the default or a sanitizer's report, and lets it have the
 * signal: the instruction that failed fails again, and what was raised is raised again. */
static void on_crash(int number)
{
	size_t i;

	screen_rescue(&guard.rescue);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		(void)sigaction(fatal[i], &guard.before[i], NULL);
	(void)raise(number);
}

void crash_guard(const struct screen *screen)
{
	struct sigaction action = {.sa_handler = on_crash};
	size_t i;

	screen_rescue_init(screen, &guard.rescue);
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		(void)sigaction(fatal[i], &action, &guard.before[i]);
	guard.on = true;
}

void crash_unguard(void)
{
	size_t i;

	for (i = 0; guard.on && i < ARRAY_SIZE(fatal); i++)
		(void)sigaction(fatal[i], &guard.before[i], NULL);
	guard.on = false;
}
