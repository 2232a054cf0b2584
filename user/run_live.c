/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/run_live.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "user/clock.h"
#include "user/frontend.h"
#include "user/handoff.h"
#include "user/ingest.h"
#include "user/log.h"
#include "user/loop.h"
#include "user/output_file.h"
#include "user/session.h"
#include "user/signals.h"
#include "user/summary.h"

#define HANDOFF_BYTES (64u << 20)
#define REFRESH_NS    (100 * NS_PER_MS)

struct live {
	const struct options *options;
	struct session *session;
	struct handoff *handoff;
	struct ingest *ingest;
	struct frontend *frontend;
	struct loop *loop;
	FILE *record;
	int signals;
	struct frontend_target target;
	uint64_t end_ns;       /* when it began to finish */
	uint64_t start_cpu_ns; /* attaching is paid once, not in the share of the capture */
	enum exit_code code;
	bool finishing; /* probes are gone, the rest is being read */
};

/* Probes first: whatever happens later, the target runs clean from here on. */
static void finish(struct live *live)
{
	if (live->finishing)
		return;
	live->finishing = true;
	live->end_ns = clock_monotonic_ns();
	session_detach(live->session);
	ingest_finish(live->ingest);
}

static void give_up(struct live *live)
{
	finish(live);
	ingest_abort(live->ingest);
}

static void heed(struct live *live, enum output_state state)
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
		else if (live->finishing)
			ingest_abort(live->ingest);
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

static void on_target_exit(struct live *live)
{
	if (live->finishing)
		return;
	log_info("pid %d has ended", live->options->pid);
	live->code = EXIT_CODE_TARGET_EXIT;
	finish(live);
}

static int on_pidfd(void *user, uint32_t events)
{
	struct live *live = user;

	(void)events;
	on_target_exit(live);
	loop_unwatch(live->loop, process_pidfd(session_target(live->session)->process));
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

static int on_handoff(void *user, uint32_t events)
{
	struct live *live = user;
	struct handoff_item *items, *item;
	struct totals totals;
	bool closed;

	(void)events;
	items = handoff_take(live->handoff, &closed);
	while ((item = items)) {
		items = item->next;
		if (item->request)
			heed(live, frontend_request(live->frontend, item->request));
		else
			heed(live, frontend_unowned(live->frontend, item->op));
		item->request = NULL;
		handoff_item_free(item);
	}
	handoff_totals(live->handoff, &totals);
	heed(live, frontend_refresh(live->frontend, &totals, handoff_dropped(live->handoff)));
	if (!closed)
		return 0;
	if (!live->finishing)
		live->code = EXIT_CODE_FAILURE; /* the thread gave up, and has said why */
	finish(live);
	loop_quit(live->loop);
	return 0;
}

static int on_refresh(void *user, uint32_t events)
{
	struct live *live = user;
	struct totals totals;

	(void)events;
	/* Where the kernel has no pidfd, this is how we learn. */
	if (!process_alive(session_target(live->session)->process))
		on_target_exit(live);
	handoff_totals(live->handoff, &totals);
	heed(live, frontend_refresh(live->frontend, &totals, handoff_dropped(live->handoff)));
	return 0;
}

static int on_input(void *user, uint32_t events)
{
	struct live *live = user;

	heed(live, frontend_input(live->frontend));
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_unwatch(live->loop, frontend_input_fd(live->frontend));
		give_up(live); /* the terminal is gone */
	}
	return 0;
}

static int open_loop(struct live *live)
{
	const int pidfd = process_pidfd(session_target(live->session)->process);
	int err;

	err = loop_new(&live->loop);
	if (err)
		return err;
	live->signals = signals_open();
	if (live->signals < 0)
		return live->signals;
	err = loop_watch(live->loop, live->signals, EPOLLIN, on_signal, live);
	if (!err)
		err = loop_watch(live->loop, pidfd, EPOLLIN, on_pidfd, live);
	if (!err)
		err = loop_watch(live->loop, handoff_fd(live->handoff), EPOLLIN, on_handoff, live);
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

static int start_ingest(struct live *live)
{
	const struct ingest_setup setup = {
		.options = live->options,
		.session = live->session,
		.handoff = live->handoff,
		.record = live->record,
		.start_ns = live->target.start_ns,
		.start_unix_ns = live->target.start_unix_ns,
	};

	return ingest_start(&setup, &live->ingest);
}

/* Everything behind the attached session. Each step has logged its failure. */
static int start(struct live *live)
{
	const struct target *target = session_target(live->session);
	int err;

	live->target = (struct frontend_target){
		.pid = (uint32_t)live->options->pid,
		.name = target_name(target),
		.node_version = target->layout.node_version,
		.live = true,
		.start_ns = clock_monotonic_ns(),
		.start_unix_ns = clock_unix_ns(),
	};
	live->start_cpu_ns = clock_own_cpu_ns();
	if (!live->options->view)
		log_info("tracing pid %d (node %s) with %zu probes, Ctrl-C ends",
			 live->options->pid, live->target.node_version,
			 session_probe_count(live->session));
	err = open_record(live);
	if (!err)
		err = frontend_open(live->options, &live->target, &live->frontend);
	if (!err)
		err = handoff_new(HANDOFF_BYTES, &live->handoff);
	if (!err)
		err = start_ingest(live);
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
	if (live->handoff) {
		handoff_totals(live->handoff, &summary.totals);
		summary.shed = handoff_dropped(live->handoff);
	}
	summary.shed += frontend_shed(live->frontend);
	if (frontend_close(live->frontend, &summary) == OUTPUT_FAILED)
		live->code = EXIT_CODE_FAILURE;
	else if (live->ingest)
		summary_log(live->options, &summary);
}

static void log_counters(const struct session *session)
{
	static const char *const texts[] = {
#define COUNTER_TEXT(name, text) [NT_COUNTER_##name] = (text),
		NT_COUNTERS(COUNTER_TEXT)
#undef COUNTER_TEXT
	};
	uint64_t value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		value = session_counter(session, (enum nt_counter)i);
		if (value)
			log_debug("%s: %ju", texts[i], (uintmax_t)value);
	}
}

/* Requests point into what the ingest thread owns, so whoever shows them goes first. */
static void end(struct live *live)
{
	session_detach(live->session);
	end_frontend(live);
	ingest_free(live->ingest);
	handoff_free(live->handoff);
	log_counters(live->session);
	session_close(live->session);
	loop_free(live->loop);
	closep(&live->signals);
	fclosep(&live->record);
}

enum exit_code run_live(const struct options *options)
{
	struct live live = {.options = options, .signals = -1};
	int err;

	live.code = session_open(options, &live.session);
	if (live.code || !live.session)
		return live.code;
	if (start(&live)) {
		live.code = EXIT_CODE_FAILURE;
	} else {
		err = open_loop(&live);
		if (!err)
			err = loop_run(live.loop);
		if (err) {
			log_err(err, "cannot wait for events");
			live.code = EXIT_CODE_FAILURE;
		}
	}
	end(&live);
	return live.code;
}
