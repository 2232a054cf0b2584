/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A pause is an end with a beginning behind it: while it lasts there is no probe in the process, and afterwards
 * nothing is known of what happened meanwhile, so nothing is mistaken.
 */
#include <sys/epoll.h>

#include "symbolizer/base.h"
#include "user/live.h"
#include "user/log.h"
#include "user/loop.h"
#include "user/resume.h"
#include "user/session.h"

static void pause_tracing(struct live *live)
{
	size_t i;

	if (live->options->record_events) {
		frontend_tell(live->frontend, "events are being recorded: no pause");
		return;
	}
	live->paused = true;
	live->renumber = true;
	live->n_paused = 0;
	for (i = 0; i < live->tracees.n; i++) {
		struct tracee *tracee = live->tracees.items[i];

		if (tracee->ended)
			continue;
		loop_unwatch(live->loop, tracee->pidfd);
		tracee->pidfd = -1;
		live->paused_pids[live->n_paused++] = tracee->pid;
	}
	tracees_finish(&live->tracees);
	frontend_set_phase(live->frontend, FRONTEND_PAUSED);
}

void live_pause_also(struct live *live, struct session *session)
{
	if (live->n_paused < TRACEES_MAX)
		live->paused_pids[live->n_paused++] = session_target(session)->pid;
	session_close(session);
}

/* Attached again, or not: then there is nothing left to trace. */
static int on_resumed(void *user, uint32_t events)
{
	struct live *live = user;
	struct resume *resume = live->resume;
	struct session *session;
	size_t joined = 0;
	int err = 0;

	(void)events;
	loop_unwatch(live->loop, resume_fd(resume));
	live->resume = NULL;
	live->paused = false;
	while (!live->finishing && !err && (session = resume_take(resume))) {
		err = live_join(live, session);
		joined++;
	}
	if (!joined && !live->finishing) {
		live->code = resume_code(resume) == EXIT_CODE_NO_TARGET ? EXIT_CODE_TARGET_EXIT
									: resume_code(resume);
		live_linger(live);
	} else if (!live->finishing) {
		frontend_set_phase(live->frontend, FRONTEND_LIVE);
	}
	resume_free(resume);
	return err;
}

static void resume_tracing(struct live *live)
{
	int err;

	if (live->tracees.n + live->n_paused > TRACEES_MAX) {
		frontend_tell(live->frontend, "paused too often: start anew to go on");
		return;
	}
	err = resume_start(live->options, live->paused_pids, live->n_paused, &live->resume);
	if (!err)
		err = loop_watch(live->loop, resume_fd(live->resume), EPOLLIN, on_resumed, live);
	if (err)
		frontend_tell(live->frontend, "tracing cannot go on: memory is short");
	else
		frontend_set_phase(live->frontend, FRONTEND_RESUMING);
}

void live_toggle_pause(struct live *live)
{
	if (live->resume)
		frontend_tell(live->frontend, "it is attaching");
	else if (live->paused)
		resume_tracing(live);
	else
		pause_tracing(live);
}
