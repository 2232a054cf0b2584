/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/terminal.h"

#include <string.h>

#include "aggregator/filter.h"
#include "aggregator/store.h"
#include "aggregator/text.h"
#include "tui/app.h"
#include "tui/format.h"
#include "tui/keys.h"
#include "tui/mouse.h"
#include "tui/screen.h"
#include "user/clock.h"
#include "user/config_file.h"
#include "user/crash.h"
#include "user/log.h"
#include "user/view_export.h"

#define FRAME_NS   (250 * NS_PER_MS) /* when nobody presses keys: a remote screen is slow */
#define RATE_NS    NS_PER_SEC
#define FILTER_LEN 256
#define TELL_LEN   512

/* Figures at one moment, to tell rates from two of them. */
struct sample {
	uint64_t ts;
	uint64_t requests;
	uint64_t events;
	uint64_t own_cpu_ns;
	struct loops loops;
};

struct terminal {
	const struct options *options;
	const struct frontend_target *target; /* the frontend's caller's */
	struct store *store;
	struct app *app;
	struct screen *screen;
	char filter[FILTER_LEN]; /* what was asked for, for people; empty everything */
	struct app_status status;
	struct sample last;
	uint64_t last_frame_ns;
	uint64_t end_ns;   /* of the request that ended last */
	uint64_t count;    /* requests that were asked for */
	uint64_t unstored; /* requests that memory was too short for */
	bool pause;        /* the user wants tracing to pause, or to go on */
	bool left;         /* the user wants to leave */
};

static double rate(uint64_t from, uint64_t to, uint64_t elapsed_ns)
{
	return to < from ? -1 : (double)(to - from) * (double)NS_PER_SEC / (double)elapsed_ns;
}

/* Shares of what the busiest loop did since the last sample: an idle worker must not hide a full one. */
static void update_loop(struct terminal *terminal, const struct sample *now)
{
	struct loop_share busiest;
	double all_ns;

	terminal->status.loop_busy = -1;
	terminal->status.gc = -1;
	if (terminal->status.state != APP_LIVE ||
	    !loops_busiest(&terminal->last.loops, &now->loops, &busiest))
		return;
	all_ns = (double)(busiest.busy_ns + busiest.idle_ns);
	terminal->status.loop_busy = (double)busiest.busy_ns / all_ns;
	terminal->status.gc = (double)busiest.gc_ns / all_ns;
}

static void update_rates(struct terminal *terminal, uint64_t now_ns)
{
	const struct totals *totals = &terminal->status.totals;
	const struct sample now = {now_ns, totals->requests, totals->events, clock_own_cpu_ns(),
				   totals->loops};
	const uint64_t elapsed_ns = now_ns - terminal->last.ts;

	if (terminal->last.ts && elapsed_ns < RATE_NS)
		return;
	if (terminal->last.ts && terminal->status.state == APP_LIVE) {
		terminal->status.request_rate =
			rate(terminal->last.requests, now.requests, elapsed_ns);
		terminal->status.event_rate = rate(terminal->last.events, now.events, elapsed_ns);
		terminal->status.own_cpu =
			(double)(now.own_cpu_ns - terminal->last.own_cpu_ns) / (double)elapsed_ns;
	}
	if (terminal->last.ts)
		update_loop(terminal, &now);
	terminal->last = now;
}

static void draw(struct terminal *terminal, uint64_t now_ns)
{
	terminal->last_frame_ns = now_ns;
	/* A recording's now is its end. */
	terminal->status.now_ns = terminal->status.state == APP_REPLAY ? terminal->end_ns : now_ns;
	app_set_status(terminal->app, &terminal->status);
	app_draw(terminal->app, screen_canvas(terminal->screen));
	screen_flush(terminal->screen);
}

/* --filter and --min-duration in one text. */
static void describe_filter(struct terminal *terminal)
{
	const struct options *options = terminal->options;
	const char *text = options->filter_text ? options->filter_text : "";
	char least[FORMAT_LEN] = "";
	size_t len;

	if (options->min_duration_ns)
		(void)format_duration(options->min_duration_ns, least);
	len = (size_t)snprintf(terminal->filter, FILTER_LEN, "%s%s%s%s", text,
			       *text && *least ? ", " : "", *least ? "at least " : "", least);
	if (len >= FILTER_LEN)
		terminal->filter[text_boundary(terminal->filter, FILTER_LEN - 1)] = '\0';
}

/* Options come first, then NO_COLOR and the like, then what was set up. */
static struct screen_options screen_options(const struct terminal *terminal)
{
	const struct options *options = terminal->options;
	const unsigned char *choice = app_setup(terminal->app)->choice;
	const bool no_colour = options->colour == COLOUR_AUTO && choice[SETUP_COLOUR] == 1;

	return (struct screen_options){
		.ascii = options->ascii || choice[SETUP_CHARACTERS] == 1,
		.mouse = choice[SETUP_MOUSE] == 0,
		.colour = !no_colour && options_colour(options, STDOUT_FILENO),
	};
}

/* A file that cannot be used is no reason not to start. */
static void load_setup(struct terminal *terminal)
{
	struct setup setup = *app_setup(terminal->app);
	int err = config_file_load(&setup);

	if (err)
		log_warn("the setup of the view is not used: %s",
			 err == -EPERM ? "its file is not private" : strerror(-err));
	app_set_setup(terminal->app, &setup);
}

static int open_parts(struct terminal *terminal)
{
	const struct app_options app_options = {
		.program = "ntrace-bpf " NT_VERSION,
		.filter = *terminal->filter ? terminal->filter : NULL,
		.rules = terminal->options->rules,
		.collapse = terminal->options->collapse,
	};
	struct screen_options look;
	int err;

	err = store_new(terminal->options->history, &terminal->store);
	if (!err)
		err = app_new(&app_options, terminal->store, &terminal->app);
	if (err)
		return err;
	load_setup(terminal);
	look = screen_options(terminal);
	return screen_open(&look, &terminal->screen);
}

int terminal_open(const struct options *options, const struct frontend_target *target,
		  struct terminal **ret_terminal)
{
	struct terminal *terminal;
	int err;

	terminal = calloc(1, sizeof(*terminal));
	if (!terminal)
		return -ENOMEM;
	terminal->options = options;
	terminal->target = target;
	terminal->status = (struct app_status){
		.state = target->live ? APP_LIVE : APP_REPLAY,
		.pid = target->pid,
		.n_pids = target->n_pids,
		.n_below = target->n_below,
		.node_version = target->node_version,
		.script = target->name,
		.request_rate = -1,
		.event_rate = -1,
		.own_cpu = -1,
		.loop_busy = -1,
		.gc = -1,
	};
	describe_filter(terminal);
	err = open_parts(terminal);
	if (err) {
		terminal_close(terminal);
		return err;
	}
	log_hold();
	crash_guard(terminal->screen);
	draw(terminal, clock_monotonic_ns());
	*ret_terminal = terminal;
	return 0;
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal)
		return;
	crash_unguard();
	screen_close(terminal->screen);
	log_release();
	app_free(terminal->app);
	store_free(terminal->store);
	free(terminal);
}

enum output_state terminal_request(struct terminal *terminal, struct request *request)
{
	const struct options *options = terminal->options;

	if (!output_wants(options, request)) {
		request_free(request);
		return OUTPUT_GOING;
	}
	if (request->status >= 500 || request->flags & REQUEST_ABORTED)
		terminal->status.errors++;
	if (request->end_ns > terminal->end_ns)
		terminal->end_ns = request->end_ns;
	if (store_add(terminal->store, request))
		terminal->unstored++;
	terminal->count++;
	return options->count && terminal->count >= options->count ? OUTPUT_ENOUGH : OUTPUT_GOING;
}

void terminal_open_requests(struct terminal *terminal, uint32_t pid, struct request **requests,
			    size_t n)
{
	app_set_open(terminal->app, pid, requests, n);
}

enum output_state terminal_refresh(struct terminal *terminal, const struct totals *totals,
				   uint64_t dropped)
{
	const uint64_t now_ns = clock_monotonic_ns();

	if (terminal->left)
		return OUTPUT_ENOUGH;
	terminal->status.n_pids = terminal->target->n_pids;
	terminal->status.totals = *totals;
	terminal->status.shed = dropped + terminal->unstored;
	update_rates(terminal, now_ns);
	if (now_ns - terminal->last_frame_ns >= FRAME_NS)
		draw(terminal, now_ns);
	return OUTPUT_GOING;
}

static enum app_verdict handle(struct terminal *terminal, int key)
{
	struct mouse_event event;

	if (key != KEY_POINTED)
		return app_key(terminal->app, key);
	screen_mouse(terminal->screen, &event);
	return app_mouse(terminal->app, &event);
}

static void change_setup(struct terminal *terminal)
{
	const struct screen_options look = screen_options(terminal);
	char text[TELL_LEN];
	int err;

	screen_configure(terminal->screen, &look);
	err = config_file_save(app_setup(terminal->app));
	if (!err)
		return;
	(void)snprintf(text, sizeof(text), "the setup is not kept: %s", strerror(-err));
	app_tell(terminal->app, text);
}

static void export(struct terminal *terminal)
{
	char text[TELL_LEN];

	view_export(terminal->options, terminal->target, terminal->app, text, sizeof(text));
	app_tell(terminal->app, text);
}

static void copy(struct terminal *terminal)
{
	const char *number = app_copied(terminal->app);
	char text[TELL_LEN];

	if (terminal->options->osc52)
		screen_copy(terminal->screen, number);
	(void)snprintf(text, sizeof(text), "request %s%s", number,
		       terminal->options->osc52
			       ? ": the terminal was asked to copy its number"
			       : ": --osc52 lets y copy the number to the terminal's clipboard");
	app_tell(terminal->app, text);
}

static void heed(struct terminal *terminal, enum app_verdict verdict)
{
	switch (verdict) {
	case APP_CONTINUE:
		break;
	case APP_REDRAW:
		screen_redraw(terminal->screen);
		break;
	case APP_EXPORT:
		export(terminal);
		break;
	case APP_COPY:
		copy(terminal);
		break;
	case APP_SETUP:
		change_setup(terminal);
		break;
	case APP_PAUSE:
		terminal->pause = true;
		break;
	case APP_QUIT:
		terminal->left = true;
		break;
	}
}

enum output_state terminal_input(struct terminal *terminal)
{
	int key;

	while (!terminal->left && (key = screen_read_key(terminal->screen)) != KEY_NONE)
		heed(terminal, handle(terminal, key));
	if (terminal->left)
		return OUTPUT_ENOUGH;
	draw(terminal, clock_monotonic_ns());
	return OUTPUT_GOING;
}

void terminal_resize(struct terminal *terminal)
{
	screen_resize(terminal->screen);
	screen_redraw(terminal->screen);
	draw(terminal, clock_monotonic_ns());
}

void terminal_set_phase(struct terminal *terminal, enum frontend_phase phase)
{
	static const enum app_state states[] = {
		[FRONTEND_LIVE] = APP_LIVE,
		[FRONTEND_PAUSED] = APP_PAUSED,
		[FRONTEND_RESUMING] = APP_RESUMING,
		[FRONTEND_ENDED] = APP_ENDED,
	};

	terminal->status.state = states[phase];
	terminal->status.request_rate = -1;
	terminal->status.event_rate = -1;
	terminal->status.own_cpu = -1;
	terminal->last = (struct sample){0};
	draw(terminal, clock_monotonic_ns());
}

void terminal_tell(struct terminal *terminal, const char *text)
{
	app_tell(terminal->app, text);
	draw(terminal, clock_monotonic_ns());
}

bool terminal_take_pause(struct terminal *terminal)
{
	bool pause = terminal->pause;

	terminal->pause = false;
	return pause;
}

void terminal_suspend(struct terminal *terminal)
{
	screen_suspend(terminal->screen);
}

void terminal_resume(struct terminal *terminal)
{
	screen_resume(terminal->screen);
	draw(terminal, clock_monotonic_ns());
}

uint64_t terminal_shed(const struct terminal *terminal)
{
	return store_shed(terminal->store) + terminal->unstored;
}
