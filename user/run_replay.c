/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/run_replay.h"

#include <string.h>

#include "aggregator/engine.h"
#include "aggregator/replay.h"
#include "user/clock.h"
#include "user/engine_setup.h"
#include "user/frontend.h"
#include "user/log.h"
#include "user/signals.h"
#include "user/summary.h"

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
	const struct engine_output output = {run, on_request, on_unowned};
	const struct record_header *header = replay_header(run->replay);
	int err;

	run->target = (struct frontend_target){
		.pid = header->pid,
		.name = run->options->replay,
		.node_version = header->node_version,
		.start_ns = header->start_ns,
		.start_unix_ns = header->start_unix_ns,
	};
	err = engine_setup(run->options, header->pid, &output, &run->engine);
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
	engine_finish(run->engine, run->last_ns);
	if (n == 0 && !replay_complete(run->replay))
		log_warn("'%s' was cut short; all whole blocks were used", run->options->replay);
	if (run->rejected)
		log_warn("%ju events of '%s' make no sense", (uintmax_t)run->rejected,
			 run->options->replay);
	return n < 0 ? n : 0;
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
	engine_free(run->engine);
	replay_free(run->replay);
	fclosep(&run->file);
	return code;
}

enum exit_code run_replay(const struct options *options)
{
	struct replay_run run = {.options = options};
	enum exit_code code = EXIT_CODE_OK, end_code;
	int err;

	err = open_recording(&run);
	if (!err)
		err = start(&run);
	if (!err) {
		err = feed_all(&run);
		if (err)
			log_err(0, "'%s' is damaged; what stands before the damage was used",
				options->replay);
	}
	if (err)
		code = EXIT_CODE_FAILURE;
	end_code = end(&run);
	return code ? code : end_code;
}
