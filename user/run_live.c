/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/run_live.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "user/below.h"
#include "user/clock.h"
#include "user/follow.h"
#include "user/frontend.h"
#include "user/handoff.h"
#include "user/live.h"
#include "user/log.h"
#include "user/loop.h"
#include "user/output_file.h"
#include "user/resume.h"
#include "user/session.h"
#include "user/signals.h"
#include "user/summary.h"
#include "user/tracees.h"

#define REFRESH_NS (100 * NS_PER_MS)

static void tell_stuck(struct live *live, const struct totals *totals, bool at_end)
{
	char text[STUCK_NEWS_LEN];

	if (!live->options->view && stuck_watch_news(&live->stuck, &totals->stuck, at_end, text))
		log_warn("%s", text);
}

/* Probes first: whatever happens later, the targets run clean from here on. */
void live_finish(struct live *live)
{
	struct totals totals;

	if (!live->finishing) {
		live->finishing = true;
		live->end_ns = clock_monotonic_ns();
		tracees_totals(&live->tracees, &totals);
		tracees_finish(&live->tracees);
		tell_stuck(live, &totals, true);
	}
	live_quit_when_over(live);
}

void live_quit_when_over(struct live *live)
{
	if (live->finishing && !live->lingers && live->tracees.n_over == live->tracees.n &&
	    live->loop)
		loop_quit(live->loop);
}

/* The user, or time, wants it to end. */
static void finish(struct live *live)
{
	live->lingers = false;
	live_finish(live);
}

static void give_up(struct live *live)
{
	finish(live);
	tracees_abort(&live->tracees);
}

void live_heed(struct live *live, enum output_state state)
{
	switch (state) {
	case OUTPUT_GOING:
		break;
	case OUTPUT_ENOUGH:
		finish(live);
		break;
	case OUTPUT_FAILED:
		live->code = EXIT_CODE_FAILURE;
		give_up(live);
		break;
	case OUTPUT_GONE:
		give_up(live);
		break;
	}
}

static int on_signal(void *user, uint32_t events)
{
	struct live *live = user;
	struct signalfd_siginfo info;

	(void)events;
	while (read(live->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT)
			frontend_resize(live->frontend);
		else if (info.ssi_signo == SIGTSTP)
			frontend_stop(live->frontend);
		else if (live->finishing)
			tracees_abort(&live->tracees);
		else
			finish(live);
	}
	return 0;
}

static int on_time_over(void *user, uint32_t events)
{
	(void)events;
	finish(user);
	return 0;
}

static void on_target_exit(struct live *live, struct tracee *tracee)
{
	if (live->finishing || tracee->ended)
		return;
	log_info("pid %d has ended", tracee->pid);
	loop_unwatch(live->loop, tracee->pidfd);
	tracee_finish(tracee);
	if (!tracees_all_ended(&live->tracees))
		return;
	live->code = EXIT_CODE_TARGET_EXIT;
	live_linger(live);
}

void live_linger(struct live *live)
{
	/* Who looks at what the process did wants to go on with that. */
	live->lingers = live->options->view;
	frontend_set_phase(live->frontend, FRONTEND_ENDED);
	live_finish(live);
}

static int on_pidfd(void *user, uint32_t events)
{
	struct tracee *tracee = user;

	(void)events;
	on_target_exit(tracee->user, tracee);
	return 0;
}

static int on_reader_gone(void *user, uint32_t events)
{
	struct live *live = user;

	(void)events;
	loop_unwatch(live->loop, frontend_output_fd(live->frontend));
	give_up(live);
	return 0;
}

static void refresh(struct live *live)
{
	struct totals totals;

	live_take_open(live);

	tracees_totals(&live->tracees, &totals);
	if (!live->finishing)
		tell_stuck(live, &totals, false);
	live_heed(live, frontend_refresh(live->frontend, &totals, tracees_dropped(&live->tracees)));
}

static int on_handoff(void *user, uint32_t events)
{
	struct tracee *tracee = user;
	struct live *live = tracee->user;
	bool closed;

	(void)events;
	live_take_items(live, handoff_take(tracee->handoff, &closed));
	refresh(live);
	if (!closed)
		return 0;
	if (!live->finishing && !tracee->ended) {
		live->code = EXIT_CODE_FAILURE; /* the thread gave up, and has said why */
		finish(live);
	}
	loop_unwatch(live->loop, handoff_fd(tracee->handoff));
	if (!tracee->ended || live->finishing)
		loop_unwatch(live->loop, tracee->pidfd);
	tracee_over(&live->tracees, tracee);
	live_quit_when_over(live);
	return 0;
}

static int on_refresh(void *user, uint32_t events)
{
	struct live *live = user;
	size_t i;

	(void)events;
	/* Where the kernel has no pidfd, this is how we learn. */
	for (i = 0; i < live->tracees.n; i++) {
		struct tracee *tracee = live->tracees.items[i];

		if (!tracee->ended && !process_alive(session_target(tracee->session)->process))
			on_target_exit(live, tracee);
	}
	refresh(live);
	return 0;
}

static int on_input(void *user, uint32_t events)
{
	struct live *live = user;

	live_heed(live, frontend_input(live->frontend));
	if (frontend_take_pause(live->frontend) && !live->finishing)
		live_toggle_pause(live);
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_unwatch(live->loop, frontend_input_fd(live->frontend));
		give_up(live); /* the terminal is gone */
	}
	return 0;
}

static int watch(struct live *live, struct tracee *tracee)
{
	int err;

	tracee->user = live;
	handoff_want_open(tracee->handoff, frontend_wants_open(live->frontend));
	err = loop_watch(live->loop, tracee->pidfd, EPOLLIN, on_pidfd, tracee);
	if (!err)
		err = loop_watch(live->loop, handoff_fd(tracee->handoff), EPOLLIN, on_handoff,
				 tracee);
	return err;
}

static int start_tracee(struct live *live, struct tracee *tracee)
{
	const struct tracee_start start = {
		.options = live->options,
		.record = live->record,
		.start_ns = live->target.start_ns,
		.start_unix_ns = live->target.start_unix_ns,
	};

	return tracee_start(tracee, &start);
}

int live_join(struct live *live, struct session *session)
{
	struct tracee *tracee;
	int err;

	err = tracees_add(&live->tracees, session, &tracee);
	if (!err)
		err = start_tracee(live, tracee);
	if (!err)
		err = watch(live, tracee);
	if (err)
		return err;
	if (!live->options->view)
		log_info("following pid %d (node %s) with %zu probes", tracee->pid,
			 session_target(session)->layout.node_version,
			 session_probe_count(session));
	return 0;
}

/* A process that was followed: it joins the others, unless all is ending or paused. */
static int on_follow(void *user, uint32_t events)
{
	struct live *live = user;
	struct session *session;
	int err = 0;

	(void)events;
	while (!err && (session = follow_take(live->follow))) {
		if (live->finishing) {
			session_close(session);
		} else if (live->paused) {
			live_pause_also(live, session);
		} else {
			err = live_join(live, session);
			live->target.n_pids = (uint32_t)live->tracees.n;
		}
	}
	return err;
}

static int open_loop(struct live *live)
{
	size_t i;
	int err;

	err = loop_new(&live->loop);
	if (err)
		return err;
	live->signals = signals_open();
	if (live->signals < 0)
		return live->signals;
	err = loop_watch(live->loop, live->signals, EPOLLIN, on_signal, live);
	for (i = 0; i < live->tracees.n && !err; i++)
		err = watch(live, live->tracees.items[i]);
	if (!err && live->follow)
		err = loop_watch(live->loop, follow_fd(live->follow), EPOLLIN, on_follow, live);
	if (!err)
		err = loop_watch(live->loop, frontend_input_fd(live->frontend), EPOLLIN, on_input,
				 live);
	if (!err)
		err = loop_timer(live->loop, REFRESH_NS, REFRESH_NS, on_refresh, live);
	if (!err && live->options->duration_ns)
		err = loop_timer(live->loop, live->options->duration_ns, 0, on_time_over, live);
	if (!err)
		err = loop_watch(live->loop, frontend_output_fd(live->frontend), 0, on_reader_gone,
				 live);
	return err == -EPERM ? 0 : err; /* a regular file: it has no reader that could go */
}

static int open_record(struct live *live)
{
	const char *path = live->options->record_events;
	int err;

	if (!path)
		return 0;
	err = output_file_open(path, &live->record);
	if (err)
		log_err(0, "cannot write to '%s': %s", path, output_file_error(err));
	return err;
}

/* Said last: what waits for this line finds the outputs open and may end us by a signal. */
static void log_start(const struct live *live)
{
	size_t i;

	if (live->options->view)
		return;
	below_log(live->options, live->target.n_below);
	for (i = 0; i < live->tracees.n; i++) {
		const struct session *session = live->tracees.items[i]->session;

		log_info("tracing pid %d (node %s) with %zu probes, Ctrl-C ends",
			 live->tracees.items[i]->pid, session_target(session)->layout.node_version,
			 session_probe_count(session));
	}
}

/* Everything behind the attached sessions. Each step has logged its failure. */
static int start(struct live *live)
{
	const struct target *target = session_target(live->tracees.items[0]->session);
	size_t i;
	int err;

	live->target = (struct frontend_target){
		.pid = (uint32_t)live->options->pid,
		.n_pids = (uint32_t)live->tracees.n,
		.n_below = below_count(live->options),
		.live = true,
		.start_ns = clock_monotonic_ns(),
		.start_unix_ns = clock_unix_ns(),
	};
	/* Copies: the first process may end before the others. */
	(void)snprintf(live->name, sizeof(live->name), "%s", target_name(target));
	(void)snprintf(live->node_version, sizeof(live->node_version), "%s",
		       target->layout.node_version);
	live->target.name = live->name;
	live->target.node_version = live->node_version;
	live->start_cpu_ns = clock_own_cpu_ns();
	err = open_record(live);
	if (!err)
		err = frontend_open(live->options, &live->target, &live->frontend);
	for (i = 0; i < live->tracees.n && !err; i++)
		err = start_tracee(live, live->tracees.items[i]);
	if (!err && live->options->follow) {
		err = follow_start(live->options, &live->follow);
		if (err)
			log_err(err, "cannot follow processes");
	}
	return err;
}

static void end_frontend(struct live *live)
{
	struct export_summary summary = {
		.node_version = live->target.node_version,
		.target = live->target.name,
		.duration_ns = live->end_ns - live->target.start_ns,
		.own_cpu_ns = clock_own_cpu_ns() - live->start_cpu_ns,
	};

	if (!live->frontend)
		return;
	if (!live->finishing)
		summary.duration_ns = clock_monotonic_ns() - live->target.start_ns;
	tracees_totals(&live->tracees, &summary.totals);
	summary.shed = tracees_dropped(&live->tracees);
	summary.shed_ops = tracees_dropped_ops(&live->tracees);
	summary.shed += frontend_shed(live->frontend);
	if (frontend_close(live->frontend, &summary) == OUTPUT_FAILED)
		live->code = EXIT_CODE_FAILURE;
	else if (live->loop)
		summary_log(live->options, &summary);
}

/* Requests point into what the ingest threads own, so whoever shows them goes first. */
static void end(struct live *live)
{
	follow_stop(live->follow);
	resume_free(live->resume);
	tracees_finish(&live->tracees);
	end_frontend(live);
	if (live->record && ferror(live->record) && !live->code)
		live->code = EXIT_CODE_FAILURE; /* the ingest thread has said why */
	tracees_done(&live->tracees);
	loop_free(live->loop);
	closep(&live->signals);
	fclosep(&live->record);
}

enum exit_code run_live(const struct options *options)
{
	struct live live = {.options = options,
			    .signals = -1,
			    .renumber = options->n_pids > 1 || options->follow};
	int err;

	if (!output_file_expected(options->output) || !output_file_expected(options->record_events))
		return EXIT_CODE_FAILURE;
	live.code = tracees_open(options, &live.tracees);
	if (live.code)
		return live.code;
	if (!live.tracees.n) {
		log_info("ended before tracing began");
		return live.code;
	}
	if (start(&live)) {
		live.code = EXIT_CODE_FAILURE;
	} else {
		err = open_loop(&live);
		if (!err) {
			log_start(&live);
			err = loop_run(live.loop);
		}
		if (err) {
			log_err(err, "cannot wait for events");
			live.code = EXIT_CODE_FAILURE;
		}
	}
	end(&live);
	return live.code;
}
