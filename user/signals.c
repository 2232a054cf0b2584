/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "symbolizer/base.h"

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

static void fill(sigset_t *set)
{
	size_t i;

	(void)sigemptyset(set);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		(void)sigaddset(set, ends[i]);
	(void)sigaddset(set, SIGWINCH);
	(void)sigaddset(set, SIGCONT);
	(void)sigaddset(set, SIGTSTP);
}

void signals_block(void)
{
	sigset_t set;

	fill(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

int signals_open(void)
{
	sigset_t set;
	int fd;

	fill(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

bool signals_end_pending(void)
{
	sigset_t set;
	size_t i;

	if (sigpending(&set))
		return false;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigismember(&set, ends[i]) == 1)
			return true;
	return false;
}

void signals_stop(void)
{
	struct sigaction by_default = {.sa_handler = SIG_DFL}, before;
	sigset_t set, blocked;

	(void)sigemptyset(&by_default.sa_mask);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTSTP);
	(void)sigaction(SIGTSTP, &by_default, &before);
	(void)raise(SIGTSTP);
	/* It takes effect here, unless nobody is there who could let it go on. */
	(void)pthread_sigmask(SIG_UNBLOCK, &set, &blocked);
	(void)pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	(void)sigaction(SIGTSTP, &before, NULL);
}
