/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The terminal view as a whole: a stack of screens over the history of requests.
 *
 * It knows neither terminal nor clock: whoever owns both calls app_set_status() with the time and
 * the figures of the moment, app_draw() at most ten times a second, and app_key() for each key.
 * Nothing is remembered about a request but its number, so the store may shed at any time.
 * Owner: the main thread.
 */
#ifndef NT_TUI_APP_H
#define NT_TUI_APP_H

#include "aggregator/request.h"
#include "tui/setup.h"

struct app;
struct canvas;
struct mouse_event;
struct route_rules;
struct store;

#define APP_MIN_ROWS 10
#define APP_MIN_COLS 40

enum app_state {
	APP_LIVE,
	APP_REPLAY,   /* requests come from a recording */
	APP_PAUSED,   /* no probe is in place */
	APP_RESUMING, /* they are being put in place again */
	APP_ENDED,    /* nothing comes any more */
};

struct app_options {
	const char *program;             /* "ntrace-bpf 0.1.0" */
	const char *filter;              /* expression that the requests had to pass, NULL none */
	const struct route_rules *rules; /* NULL none */
	uint32_t collapse; /* enum compress_rule: what a request looks like when it is opened */
};

/* The header of the screen. Strings must stay valid until the next app_set_status() or app_free(). */
struct app_status {
	uint64_t now_ns; /* CLOCK_MONOTONIC, to tell how long ago something was */
	enum app_state state;
	uint32_t pid;             /* the first */
	uint32_t n_pids;          /* 0 and 1: one */
	uint32_t n_below;         /* Node.js processes below them that are not traced */
	const char *node_version; /* "v22.23.3", NULL unknown */
	const char *script;       /* NULL unknown */
	const char *message;      /* one line that matters now, NULL none */
	struct totals totals;
	double request_rate; /* a second; negative: unknown */
	double event_rate;   /* a second; negative: unknown */
	double own_cpu;      /* share of one core; negative: unknown */
	double loop_busy;    /* share of the time, of the busiest loop; negative: unknown */
	double gc;           /* the same of collections in that thread */
	uint64_t errors;     /* requests that failed: a status of 500 and above, or aborted */
	uint64_t shed;       /* requests that were dropped before they reached the store */
};

enum app_verdict {
	APP_CONTINUE,
	APP_REDRAW, /* draw all cells anew: screen_redraw() */
	APP_EXPORT, /* write app_export_path(): app_export() has what */
	APP_PAUSE,  /* pause tracing, or go on */
	APP_COPY,   /* put app_copied() on the clipboard */
	APP_SETUP,  /* app_setup() has changed */
	APP_QUIT,
};

/* Returns the view of the store's requests in *ret_app, or -ENOMEM. The strings of `options` and the
 * store must outlive it. */
int app_new(const struct app_options *options, const struct store *store, struct app **ret_app);
void app_free(struct app *app);

/* What the header tells from now on; copied. */
void app_set_status(struct app *app, const struct app_status *status);
/* The requests of this process (0: of all) that are in flight now; set it after the requests that have
 * finished meanwhile were added to the store. Takes the requests over, not the array. */
void app_set_open(struct app *app, uint32_t pid, struct request **requests, size_t n);
void app_draw(struct app *app, struct canvas *canvas);
/* Cells are those of the last drawing. */
enum app_verdict app_mouse(struct app *app, const struct mouse_event *event);
/* key: enum key of tui/keys.h, or a Unicode character. */
enum app_verdict app_key(struct app *app, int key);

/* How it looks from now on; as it was made it has the defaults. */
void app_set_setup(struct app *app, const struct setup *setup);
const struct setup *app_setup(const struct app *app);

/* The number of the request that is to be copied. */
const char *app_copied(const struct app *app);
/* The file that was asked for last. */
const char *app_export_path(const struct app *app);
/* Calls `request` for each of those that are meant, in their order on the screen, until it returns something
 * other than 0, which is returned. Returns 0 and their number. */
int app_export(const struct app *app, int (*request)(void *user, const struct request *request),
	       void *user, size_t *ret_n);
/* Says this at the bottom until the next key. */
void app_tell(struct app *app, const char *text);

#endif
