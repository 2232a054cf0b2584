/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/run_replay.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "aggregator/engine.h"
#include "aggregator/replay.h"
#include "user/clock.h"
#include "user/engine_setup.h"
#include "user/frontend.h"
#include "user/log.h"
#include "user/loop.h"
#include "user/signals.h"
#include "user/summary.h"

#define REFRESH_NS (100 * NS_PER_MS)

struct replay_run {
	const struct options *options;
	FILE *file;
	struct replay *replay;
	struct engine *engine;
	struct frontend *frontend;
	struct frontend_target target;
	enum output_state state;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t rejected; /* events that cannot be */
	struct loop *loop; /* while the view is up */
	int signals;
};

static void heed(struct replay_run *run, enum output_state state)
{
	if (run->state == OUTPUT_GOING)
		run->state = state;
}

static void on_request(void *user, struct request *request)
{
	struct replay_run *run = user;

	heed(run, frontend_request(run->frontend, request));
}

static void on_unowned(void *user, const struct op *op)
{
	struct replay_run *run = user;

	heed(run, frontend_unowned(run->frontend, op));
}

static int open_recording(struct replay_run *run)
{
	const char *path = run->options->replay;
	int err;

	run->file = fopen(path, "re");
	if (!run->file) {
		err = -errno;
		log_err(err, "cannot read '%s'", path);
		return err;
	}
	err = replay_new(run->file, &run->replay);
	if (err == -EBADMSG)
		log_err(0, "cannot read '%s': it is no recording of --record-events", path);
	else if (err)
		log_err(err, "cannot read '%s'", path);
	return err;
}

static int start(struct replay_run *run)
{
	const struct engine_output output = {
		.user = run, .on_request = on_request, .on_unowned = on_unowned};
	const struct record_header *header = replay_header(run->replay);
	int err;

	run->target = (struct frontend_target){
		.pid = header->pid,
		.name = run->options->replay,
		.node_version = header->node_version,
		.start_ns = header->start_ns,
		.start_unix_ns = header->start_unix_ns,
	};
	err = engine_setup(run->options, header->pid, 0, &output, &run->engine);
	if (err) {
		log_err(err, "cannot replay");
		return err;
	}
	return frontend_open(run->options, &run->target, &run->frontend);
}

static void feed(struct replay_run *run, const struct event *event)
{
	if (!run->first_ns)
		run->first_ns = event->ts;
	if (event->ts > run->last_ns)
		run->last_ns = event->ts;
	if (engine_feed(run->engine, event))
		run->rejected++;
}

/* Returns 0, or -EBADMSG at damage; what stood before it was used. */
static int feed_all(struct replay_run *run)
{
	struct event event;
	int n = 1;

	while (run->state == OUTPUT_GOING && !signals_end_pending()) {
		n = replay_next(run->replay, &event);
		if (n <= 0)
			break;
		feed(run, &event);
	}
	/* What was open is told as it was then: nothing came, but time went on. */
	if (run->last_ns < replay_end_ns(run->replay))
		run->last_ns = replay_end_ns(run->replay);
	engine_finish(run->engine, run->last_ns);
	if (n == 0 && !replay_complete(run->replay))
		log_warn("'%s' was cut short; all whole blocks were used", run->options->replay);
	if (run->rejected)
		log_warn("%ju events of '%s' make no sense", (uintmax_t)run->rejected,
			 run->options->replay);
	return n < 0 ? n : 0;
}

static int on_signal(void *user, uint32_t events)
{
	struct replay_run *run = user;
	struct signalfd_siginfo info;

	(void)events;
	while (read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH || info.ssi_signo == SIGCONT)
			frontend_resize(run->frontend);
		else if (info.ssi_signo == SIGTSTP)
			frontend_stop(run->frontend);
		else
			loop_quit(run->loop);
	}
	return 0;
}

static int on_input(void *user, uint32_t events)
{
	struct replay_run *run = user;

	if (frontend_input(run->frontend) != OUTPUT_GOING || (events & (EPOLLHUP | EPOLLERR)))
		loop_quit(run->loop);
	return 0;
}

static int on_refresh(void *user, uint32_t events)
{
	struct replay_run *run = user;
	struct totals totals;

	(void)events;
	engine_totals(run->engine, &totals);
	(void)frontend_refresh(run->frontend, &totals, 0);
	return 0;
}

/* The view stays up until the user leaves it. */
static int browse(struct replay_run *run)
{
	const int input = frontend_input_fd(run->frontend);
	int err;

	if (input < 0)
		return 0;
	err = loop_new(&run->loop);
	if (err)
		return err;
	run->signals = signals_open();
	if (run->signals < 0)
		return run->signals;
	err = loop_watch(run->loop, run->signals, EPOLLIN, on_signal, run);
	if (!err)
		err = loop_watch(run->loop, input, EPOLLIN, on_input, run);
	if (!err)
		err = loop_timer(run->loop, 1, REFRESH_NS, on_refresh, run);
	return err ? err : loop_run(run->loop);
}

static enum exit_code end(struct replay_run *run)
{
	struct export_summary summary = {
		.node_version = run->target.node_version,
		.target = run->target.name,
		.duration_ns = run->last_ns - run->first_ns,
		.own_cpu_ns = clock_own_cpu_ns(),
	};
	enum exit_code code = EXIT_CODE_OK;

	if (run->frontend) {
		engine_totals(run->engine, &summary.totals);
		if (summary.totals.lost < replay_lost(run->replay))
			summary.totals.lost = replay_lost(run->replay);
		summary.shed = frontend_shed(run->frontend);
		if (frontend_close(run->frontend, &summary) == OUTPUT_FAILED)
			code = EXIT_CODE_FAILURE;
		else
			summary_log(run->options, &summary);
	}
	loop_free(run->loop);
	closep(&run->signals);
	engine_free(run->engine);
	replay_free(run->replay);
	fclosep(&run->file);
	return code;
}

enum exit_code run_replay(const struct options *options)
{
	struct replay_run run = {.options = options, .signals = -1};
	enum exit_code code = EXIT_CODE_OK, end_code;
	int err, browse_err;

	err = open_recording(&run);
	if (!err)
		err = start(&run);
	if (!err) {
		err = feed_all(&run);
		if (err)
			log_err(0, "'%s' is damaged; what stands before the damage was used",
				options->replay);
		browse_err = browse(&run);
		if (browse_err)
			log_err(browse_err, "cannot wait for keys");
	}
	if (err)
		code = EXIT_CODE_FAILURE;
	end_code = end(&run);
	return code ? code : end_code;
}
