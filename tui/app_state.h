/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the screens share: the inside of struct app. For the files of this folder only.
 *
 * Requests are named by their arrival (request_index.h) and looked up at every draw.
 */
#ifndef NT_TUI_APP_STATE_H
#define NT_TUI_APP_STATE_H

#include "tui/app.h"
#include "tui/critical.h"
#include "tui/icicle_layout.h"
#include "tui/open_set.h"
#include "tui/prompt.h"
#include "tui/request_index.h"
#include "tui/routes_state.h"
#include "tui/tags.h"
#include "tui/view.h"
#include "tui/wait_bar.h"

#define NO_ARRIVAL      UINT64_MAX
#define VIEW_STACK_MAX  8
#define FOCUS_STACK_MAX 32

#define NOTICE_LEN 160
#define COPIED_LEN 24

struct filter;
struct search;
struct timeline;

/* Where the selection of the list goes by itself. */
enum follow {
	FOLLOW_NOTHING,
	FOLLOW_NEWEST,
	FOLLOW_FIRST, /* the first of the list: the slowest, by whatever it is sorted */
};

struct list_state {
	struct request_index *index;
	struct wait_bar_cache *bars;
	enum sort_column column;
	bool largest_first;
	enum follow follow;
	uint64_t selected;     /* arrival, or NO_ARRIVAL */
	size_t place;          /* of the selected one when it was last seen */
	size_t top;            /* place in the first row */
	size_t page;           /* rows, when drawn last */
	int scroll;            /* columns of the path that are left of the screen */
	struct filter *filter; /* what was typed, NULL none */
	char filter_text[PROMPT_TEXT_LEN];
	struct tags tags;
};

struct focus {
	uint32_t root;
	uint32_t selected;
	uint64_t root_id; /* of the operations, which a later copy has too; 0 the request */
	uint64_t selected_id;
};

struct request_state {
	uint64_t arrival;           /* NO_ARRIVAL: none */
	struct request *compressed; /* what is shown of it; NULL: itself */
	struct icicle *icicle;
	struct icicle_box *boxes; /* room for those of any row */
	struct timeline *timeline;
	struct icicle_window window;
	struct focus focus;                  /* what is shown */
	struct focus outer[FOCUS_STACK_MAX]; /* what was shown before, outermost first */
	int n_outer;
	struct critical_line path[CRITICAL_MAX];
	uint64_t culprits[CRITICAL_MAX]; /* arrivals, NO_ARRIVAL: not kept */
	size_t n_path;
	size_t path_selected;
	bool on_path;      /* keys move in the critical path */
	uint32_t top;      /* first row of the icicle that is shown */
	int details_top;   /* first line of the details */
	int details_page;  /* lines that there is room for, when drawn last */
	int details_lines; /* lines that there are */
};

struct help_state {
	int top;
	int page;
	int lines;
};

#define LOOP_SAMPLES 240

/* One second. */
struct loop_sample {
	double busy;
	double gc;
};

struct loop_state {
	struct loop_sample samples[LOOP_SAMPLES]; /* ring */
	uint64_t added;
	uint64_t last_ns; /* when the last one was */
	int top;
	int rows;
	int lines;
};

struct app {
	struct app_options options;
	const struct store *store;
	struct open_set *open;
	uint64_t n_known_finished; /* arrivals before this one are not in flight any more */
	struct app_status status;
	bool frozen;
	uint64_t frozen_ns; /* when it was frozen */
	enum view_id stack[VIEW_STACK_MAX];
	int depth;
	bool short_of_memory; /* what is shown is incomplete */
	bool each;            /* requests are shown with each of their operations */
	bool flame;           /* the request stands below what it started */
	struct area screen;   /* drawn last */
	struct setup setup;
	unsigned int setup_row; /* enum setup_item */
	enum app_verdict wish;  /* what the key wants of the caller */
	char copied[COPIED_LEN];
	char export_path[PROMPT_TEXT_LEN];
	unsigned int n_exports; /* so that the next one is offered another name */
	struct prompt prompt;
	struct search *search;   /* NULL: nothing was searched for yet */
	char notice[NOTICE_LEN]; /* what the last key had to say; "" nothing */
	struct list_state list;
	struct request_state request;
	struct help_state help;
	struct routes_state routes;
	struct loop_state loop;
};

/* The time that is shown. */
uint64_t app_now_ns(const struct app *app);
/* The screen on top. */
const struct view_ops *app_view(const struct app *app);
/* Opens a screen on top; the one below keeps its state. */
void app_push(struct app *app, enum view_id id);
/* The request of this arrival, finished or in flight; NULL when it is gone. */
const struct request *app_request(const struct app *app, uint64_t arrival);
/* Brings the list up to date, unless it is frozen. */
void app_refresh_index(struct app *app);

/* What the last key had to say: shown until the next one. */
void __attribute__((format(printf, 2, 3))) app_notice(struct app *app, const char *format, ...);

/* app_setup.c */
void app_change_setup(struct app *app, enum setup_item item, int step);
/* view_list.c: sorts, and goes to the first. */
void list_sort(struct app *app, enum sort_column column, bool largest_first);
/* app_prompt.c: opens the line in which something is typed, and has it get a key. */
void app_prompt_open(struct app *app, enum prompt_kind kind);
void app_prompt_key(struct app *app, int key);
/* app_export.c: wants the number of the request that is meant to be copied. */
void app_copy(struct app *app);
/* To the next thing on the screen that was searched for. */
void app_search(struct app *app, int step);

/* view_list.c: the request `step` places further down, or NO_ARRIVAL; it becomes the selected one. */
uint64_t list_step(struct app *app, int step);

/* view_request.c: shows this request from now on. Returns 0, -ENOENT when it was shed, or -ENOMEM. */
int request_open(struct app *app, uint64_t arrival);
void request_done(struct request_state *state);

#endif
