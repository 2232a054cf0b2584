/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/chrome.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "aggregator/store.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"
#include "tui/stuck_text.h"

#define ROWS_ABOVE  2
#define LOOP_ROWS   20 /* screens of so many rows have a line about the event loop as well */
#define METER_COLS  20
#define ROWS_BELOW  1
#define GAP         2 /* columns between the pieces of a line */
#define TEXT_LEN    160
#define WIDE_COLS   100
#define NARROW_COLS 60
#define HINTS_MAX   32

/* A line made of pieces; what does not fit is left out as a whole, and so is what follows. */
struct line {
	struct canvas *canvas;
	int row;
	int col;
	int end;
};

struct area chrome_area(struct area screen)
{
	int above = ROWS_ABOVE + (screen.rows >= LOOP_ROWS ? 1 : 0);

	screen.row += above;
	screen.rows -= above + ROWS_BELOW;
	return screen;
}

/* Returns false, and ends the line, when there is no room for `width` columns. */
static bool line_room(struct line *line, int width)
{
	if (line->col + width <= line->end)
		return true;
	line->end = 0;
	return false;
}

static void __attribute__((format(printf, 3, 4)))
line_add(struct line *line, enum style style, const char *format, ...)
{
	char text[TEXT_LEN];
	va_list args;
	int width;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	width = canvas_width(line->canvas, text);
	if (!line_room(line, width))
		return;
	line->col += canvas_text(line->canvas, line->row, line->col, width, style, text) + GAP;
}

static const char *state_text(const struct app *app)
{
	static const char *const texts[] = {
		[APP_LIVE] = "LIVE",          [APP_REPLAY] = "REPLAY", [APP_PAUSED] = "PAUSED",
		[APP_RESUMING] = "ATTACHING", [APP_ENDED] = "ENDED",
	};

	return texts[app->status.state];
}

/* Returns the number of columns. */
static int print_state(const struct app *app, int cols, char *text, size_t len)
{
	const struct app_status *status = &app->status;
	char rate[TEXT_LEN] = "";
	char in_flight[TEXT_LEN] = "";

	if (status->state == APP_LIVE && status->request_rate >= 0)
		(void)snprintf(rate, sizeof(rate), "%.0f req/s ", status->request_rate);
	if (status->state == APP_LIVE && cols >= NARROW_COLS)
		(void)snprintf(in_flight, sizeof(in_flight), " in flight %" PRIu64 " ",
			       status->totals.requests_open);
	(void)snprintf(text, len, " %s %s %.40s%.40s", state_text(app),
		       app->frozen ? "FROZEN " : "", rate, in_flight);
	return (int)strlen(text);
}

static void draw_title(const struct app *app, struct canvas *canvas, int cols)
{
	const struct app_status *status = &app->status;
	char state[TEXT_LEN];
	char subject[TEXT_LEN];
	char more[32] = "";
	int width = print_state(app, cols, state, sizeof(state));
	int name_len = TEXT_LEN;

	if (status->n_pids > 1)
		(void)snprintf(more, sizeof(more), " and %" PRIu32 " more", status->n_pids - 1);
	(void)snprintf(subject, sizeof(subject), "pid %" PRIu32 "%s  node %s  ", status->pid, more,
		       status->node_version ? status->node_version : "?");
	/* Narrow screens have the name without its version. */
	if (cols < WIDE_COLS)
		name_len = (int)strcspn(app->options.program, " ");
	canvas_repeat(canvas, 0, 0, cols, STYLE_TITLE, " ");
	if (width > cols)
		width = cols;
	(void)canvas_print(canvas, 0, 1, cols - width - 1, STYLE_TITLE, "%.*s  %s%s", name_len,
			   app->options.program, status->pid ? subject : "",
			   status->script ? status->script : "");
	(void)canvas_text(canvas, 0, cols - width, width, STYLE_TITLE, state);
}

/* Figures that should be 0. */
static void add_worry(struct line *line, const char *name, uint64_t count)
{
	char text[FORMAT_LEN];

	if (count)
		line_add(line, STYLE_BAD, "%s %s", name, format_count(count, text));
}

static void add_figures(const struct app *app, struct line *line)
{
	const struct totals *totals = &app->status.totals;
	uint64_t all = totals->ops + totals->ops_none + totals->ops_unknown;
	char a[FORMAT_LEN];
	char b[FORMAT_LEN];

	line_add(line, totals->lost ? STYLE_BAD : STYLE_GOOD, "lost %s",
		 format_count(totals->lost, a));
	line_add(line, totals->ops_unknown ? STYLE_WARN : STYLE_GOOD, "attributed %s",
		 format_share(totals->ops, all, a));
	if (app->status.own_cpu >= 0)
		line_add(line, STYLE_PLAIN, "cost %.1f%%", app->status.own_cpu * 100);
	else
		line_add(line, STYLE_PLAIN, "cost ?");
	add_worry(line, "dropped", app->status.shed);
	add_worry(line, "forgotten", totals->forgotten);
	line_add(line, totals->ops_unknown ? STYLE_WARN : STYLE_DIM, "unknown %s",
		 format_count(totals->ops_unknown, a));
	line_add(line, STYLE_DIM, "of no request %s", format_count(totals->ops_none, a));
	if (app->status.event_rate >= 0)
		line_add(line, STYLE_DIM, "events %s/s",
			 format_count((uint64_t)app->status.event_rate, a));
	line_add(line, STYLE_DIM, "kept %s", format_bytes(store_bytes(app->store), b));
}

/* Nothing matters more; who is short of room gets the beginning. */
static void add_stuck(const struct app *app, struct line *line)
{
	const struct stuck_loop *stuck = &app->status.totals.stuck;
	char text[STUCK_TEXT_LEN];
	char whose[32] = "loop";

	if (stuck->tid != stuck->pid)
		(void)snprintf(whose, sizeof(whose), "loop of worker %" PRIu32, stuck->tid);
	else if (app->status.n_pids > 1)
		(void)snprintf(whose, sizeof(whose), "loop of pid %" PRIu32, stuck->pid);
	line->col += canvas_print(line->canvas, line->row, line->col, line->end - line->col,
				  STYLE_BAD, "%s STUCK %s", whose, stuck_text(stuck, text)) +
		     GAP;
}

static void draw_figures(const struct app *app, struct canvas *canvas, int cols)
{
	struct line line = {canvas, 1, 1, cols};

	if (app->short_of_memory)
		line_add(&line, STYLE_BAD, "short of memory");
	if (app->status.totals.stuck.busy_ns && app->screen.rows < LOOP_ROWS)
		add_stuck(app, &line);
	if (app->status.message)
		line_add(&line, STYLE_WARN, "%.*s", cols / 2, app->status.message);
	add_figures(app, &line);
}

/* "[|||||     ]": how busy the loop is. */
/* Of several loops it is the busiest; `n` 1 also where there is no room to say so. */
static void add_meter(struct line *line, double share, uint64_t n, int cols)
{
	char meter[METER_COLS + 1];
	char of[TEXT_LEN] = "";
	int full = (int)(share * cols + 0.5);
	int i;

	for (i = 0; i < cols; i++)
		meter[i] = i < full ? '|' : ' ';
	meter[cols] = '\0';
	if (n > 1)
		(void)snprintf(of, sizeof(of), " busiest of %" PRIu64, n);
	line_add(line, share > 0.8 ? STYLE_BAD : STYLE_PLAIN, "loop [%s] %.0f%%%s", meter,
		 share * 100, of);
}

static void add_pool(struct line *line, const struct pool_totals *pool)
{
	char queue[FORMAT_LEN] = "";
	char wait[FORMAT_LEN];

	if (!pool->threads)
		return;
	if (pool->queued)
		(void)snprintf(queue, sizeof(queue), " +%" PRIu32, pool->queued);
	line_add(line, pool->queued ? STYLE_WARN : STYLE_PLAIN,
		 "pool %" PRIu32 "/%" PRIu32 "%s p99 wait %s", pool->busy, pool->threads, queue,
		 format_duration(pool->wait_p99_ns, wait));
}

static void draw_loop(const struct app *app, struct canvas *canvas, int cols)
{
	const struct app_status *status = &app->status;
	const struct loop_totals *loop = &status->totals.loop;
	struct line line = {canvas, 2, 1, cols};
	char a[FORMAT_LEN];
	char b[FORMAT_LEN];

	if (status->totals.stuck.busy_ns)
		add_stuck(app, &line);
	if (status->loop_busy >= 0)
		add_meter(&line, status->loop_busy,
			  cols < WIDE_COLS ? 1
					   : status->totals.loops.n + status->totals.loops.n_beyond,
			  cols < WIDE_COLS ? METER_COLS / 2 : METER_COLS);
	if (loop->turns)
		line_add(&line, STYLE_PLAIN, "longest turn %s", format_duration(loop->lag_ns, a));
	add_pool(&line, &status->totals.pool);
	if (status->gc >= 0)
		line_add(&line, STYLE_PLAIN, "gc %.1f%%", status->gc * 100);
	if (status->totals.requests)
		line_add(&line, status->errors ? STYLE_WARN : STYLE_DIM, "failed req %s",
			 format_count(status->errors, a));
	if (loop->gcs_minor || loop->gcs_major)
		line_add(&line, STYLE_DIM, "minor %s  major %s", format_count(loop->gcs_minor, a),
			 format_count(loop->gcs_major, b));
	if (loop->syncs)
		line_add(&line, STYLE_WARN, "blocking file calls %s, %s",
			 format_count(loop->syncs, a), format_duration(loop->sync_ns, b));
}

/* A key and what it does, at the bottom. */
struct hint {
	const struct key_binding *binding;
	int col;
	int key_len;
	int width; /* of both */
};

/* Writes the hints that fit. Returns their number. */
static size_t place_hints(const struct view_ops *view, int cols, struct hint ret_hints[HINTS_MAX])
{
	const struct key_binding *table;
	size_t count, i, n = 0;
	int col = 1;

	table = keys_table(&count);
	for (i = 0; i < count && n < HINTS_MAX; i++) {
		struct hint hint = {.binding = &table[i], .col = col};

		if (!table[i].hint || !(table[i].screens & view->screen))
			continue;
		hint.key_len = (int)strcspn(table[i].names, " ");
		hint.width = hint.key_len + 1 + (int)strlen(table[i].hint);
		if (col + hint.width > cols)
			break;
		col += hint.width + GAP;
		ret_hints[n++] = hint;
	}
	return n;
}

static void draw_hints(struct canvas *canvas, const struct view_ops *view, struct area screen)
{
	struct hint hints[HINTS_MAX];
	size_t n = place_hints(view, screen.cols, hints);
	int row = screen.rows - 1;
	size_t i;

	for (i = 0; i < n; i++) {
		(void)canvas_print(canvas, row, hints[i].col, hints[i].key_len, STYLE_KEY, "%s",
				   hints[i].binding->names);
		(void)canvas_text(canvas, row, hints[i].col + hints[i].key_len + 1, screen.cols,
				  STYLE_PLAIN, hints[i].binding->hint);
	}
}

enum action chrome_hint_at(const struct view_ops *view, int cols, int col)
{
	struct hint hints[HINTS_MAX];
	size_t n = place_hints(view, cols, hints);
	size_t i;

	for (i = 0; i < n; i++) {
		if (col >= hints[i].col && col < hints[i].col + hints[i].width)
			return hints[i].binding->action;
	}
	return ACTION_NONE;
}

void chrome_draw(const struct app *app, struct canvas *canvas, const struct view_ops *view)
{
	struct area screen = canvas_area(canvas);

	draw_title(app, canvas, screen.cols);
	draw_figures(app, canvas, screen.cols);
	if (screen.rows >= LOOP_ROWS)
		draw_loop(app, canvas, screen.cols);
	if (app->prompt.kind != PROMPT_NONE)
		prompt_draw(&app->prompt, canvas, screen.rows - 1, screen.cols);
	else if (app->notice[0])
		(void)canvas_text(canvas, screen.rows - 1, 1, screen.cols - 1, STYLE_WARN,
				  app->notice);
	else
		draw_hints(canvas, view, screen);
}

/* Writes the kinds, those with more time first, or as they stand when there are no sums. */
static void sort_kinds(const uint64_t *sums_ns, enum wait_kind ret_kinds[WAIT_KIND_COUNT])
{
	unsigned int i;
	unsigned int place;

	for (i = 0; i < WAIT_KIND_COUNT; i++) {
		for (place = i; place && sums_ns && sums_ns[ret_kinds[place - 1]] < sums_ns[i];
		     place--)
			ret_kinds[place] = ret_kinds[place - 1];
		ret_kinds[place] = (enum wait_kind)i;
	}
}

void chrome_legend(struct canvas *canvas, int row, int col, int cols, const uint64_t *sums_ns)
{
	struct line line = {canvas, row, col, col + cols};
	enum wait_kind kinds[WAIT_KIND_COUNT];
	char text[TEXT_LEN];
	char sum[FORMAT_LEN] = "";
	unsigned int i;

	sort_kinds(sums_ns, kinds);
	for (i = 0; i < WAIT_KIND_COUNT; i++) {
		enum wait_kind kind = kinds[i];

		if (sums_ns && sums_ns[kind] == 0)
			break;
		if (sums_ns)
			(void)format_duration(sums_ns[kind], sum);
		(void)snprintf(text, sizeof(text), " %s%s%s", wait_kind_name(kind),
			       sums_ns ? " " : "", sum);
		if (!line_room(&line, 1 + (int)strlen(text)))
			return;
		line.col += canvas_print(canvas, row, line.col, 1, wait_kind_style(kind), "%c",
					 wait_kind_letter(kind));
		line_add(&line, STYLE_PLAIN, "%s", text);
	}
}
