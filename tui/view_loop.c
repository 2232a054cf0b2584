/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The health of event loop and thread pool: how busy, and who kept the others waiting. */
#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"
#include "tui/pool_pane.h"
#include "tui/stuck_text.h"
#include "tui/turns_pane.h"

#define GRAPH_ROWS 4
#define GRAPH_COL  8
#define MAX_GROUPS 128
#define POOL_ROW   (GRAPH_ROWS + 2) /* below title, graph and collections */
#define JOBS_MAX   6
#define TEXT_LEN   300
#define RESTING_GC 0.005 /* less is not worth a mark */

/* Of all victims together. */
struct group {
	const struct blame_row *row; /* one of them: culprit and place */
	uint64_t delay_ns;
	uint64_t max_ns;
	uint64_t delays;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_place(const struct blame_row *a, const struct blame_row *b)
{
	return a->line == b->line && !strcmp(a->culprit, b->culprit) &&
	       same_text(a->function, b->function) && same_text(a->file, b->file);
}

static int longest_first(const void *left, const void *right)
{
	const struct group *a = left;
	const struct group *b = right;

	return (a->delay_ns < b->delay_ns) - (a->delay_ns > b->delay_ns);
}

static size_t find_groups(const struct blame *blame, struct group groups[MAX_GROUPS])
{
	size_t n = 0, i, g;

	for (i = 0; i < blame_count(blame); i++) {
		const struct blame_row *row = blame_at(blame, i);

		if (row->label == LABEL_POOL_QUEUE)
			continue;
		for (g = 0; g < n && !same_place(groups[g].row, row);)
			g++;
		if (g == MAX_GROUPS)
			continue;
		if (g == n)
			groups[n++] = (struct group){.row = row};
		groups[g].delay_ns += row->delay_ns;
		groups[g].delays += row->delays;
		if (row->max_ns > groups[g].max_ns)
			groups[g].max_ns = row->max_ns;
	}
	qsort(groups, n, sizeof(*groups), longest_first);
	return n;
}

/* The newest second at the right. */
static const struct loop_sample *sample_at(const struct app *app, int from_right)
{
	const struct loop_state *loop = &app->loop;

	if (from_right < 0 || (uint64_t)from_right >= loop->added || from_right >= LOOP_SAMPLES)
		return NULL;
	return &loop->samples[(loop->added - 1 - (uint64_t)from_right) % LOOP_SAMPLES];
}

static void draw_graph(const struct app *app, struct canvas *canvas, struct area area)
{
	int cols = area.cols - GRAPH_COL - 1;
	int row, i;

	for (row = 0; row < GRAPH_ROWS; row++) {
		double level = 1.0 - (double)row / GRAPH_ROWS;

		(void)canvas_print(canvas, area.row + row, 1, GRAPH_COL - 1, STYLE_DIM, "%4.0f%%",
				   level * 100);
		for (i = 0; i < cols; i++) {
			const struct loop_sample *sample = sample_at(app, cols - 1 - i);

			if (sample && sample->busy > level - 1.0 / GRAPH_ROWS)
				(void)canvas_text(canvas, area.row + row, GRAPH_COL + i, 1,
						  sample->busy > 0.8 ? STYLE_BAD : STYLE_READY,
						  "#");
		}
	}
	(void)canvas_text(canvas, area.row + GRAPH_ROWS, 1, GRAPH_COL - 1, STYLE_DIM, "gc");
	for (i = 0; i < cols; i++) {
		const struct loop_sample *sample = sample_at(app, cols - 1 - i);

		if (sample && sample->gc > RESTING_GC)
			(void)canvas_text(canvas, area.row + GRAPH_ROWS, GRAPH_COL + i, 1, STYLE_GC,
					  sample->gc > 0.1 ? "G" : "g");
	}
}

static void draw_group(const struct group *group, struct canvas *canvas, struct area row)
{
	const struct blame_row *it = group->row;
	const char *slash = it->file ? strrchr(it->file, '/') : NULL;
	char code[TEXT_LEN] = "";
	char sum[FORMAT_LEN], max[FORMAT_LEN], count[FORMAT_LEN];

	if (it->file)
		(void)snprintf(code, sizeof(code), "  %.100s %.100s:%" PRIu32 "%s",
			       it->function ? it->function : "?", slash ? slash + 1 : it->file,
			       it->line, it->sampled_ns ? " (sampled)" : " (last seen)");
	(void)canvas_print(canvas, row.row, 1, row.cols - 1, STYLE_PLAIN, "%*s %*s %*s  %s%s",
			   FORMAT_DURATION_WIDTH, format_duration(group->delay_ns, sum),
			   FORMAT_DURATION_WIDTH, format_duration(group->max_ns, max), 8,
			   format_count(group->delays, count), it->culprit, code);
}

/* The rows for jobs of the pool: as many whatever there is, so that what follows stands still. */
static int job_rows(int rows)
{
	int jobs = (rows - POOL_ROW - POOL_PANE_LINES) / 4;

	return jobs < JOBS_MAX ? jobs : JOBS_MAX;
}

static void draw_groups(struct app *app, struct canvas *canvas, struct area area)
{
	struct group groups[MAX_GROUPS];
	size_t n = find_groups(app->routes.blame, groups);
	struct loop_state *loop = &app->loop;
	int rows = area.rows - 1;
	int i;

	(void)canvas_print(canvas, area.row, 1, area.cols - 1, STYLE_HEAD,
			   "%*s %*s %*s  WHO HAD THE LOOP WHILE OTHERS WERE READY",
			   FORMAT_DURATION_WIDTH, "DELAY", FORMAT_DURATION_WIDTH, "WORST", 8,
			   "TIMES");
	loop->rows = rows;
	loop->lines = (int)n;
	if (loop->top > (int)n - rows)
		loop->top = (int)n > rows ? (int)n - rows : 0;
	for (i = 0; i < rows && loop->top + i < (int)n; i++)
		draw_group(&groups[loop->top + i], canvas,
			   (struct area){area.row + 1 + i, 0, 1, area.cols});
	if (!n && rows > 0)
		(void)canvas_text(canvas, area.row + 1, 1, area.cols - 1, STYLE_DIM, "nobody yet");
}

static void draw_title(const struct app *app, struct canvas *canvas, struct area area)
{
	const struct stuck_loop *stuck = &app->status.totals.stuck;
	char text[STUCK_TEXT_LEN];

	if (stuck->busy_ns)
		(void)canvas_print(canvas, area.row, 1, area.cols - 1, STYLE_BAD,
				   "event loop of %s %" PRIu32 ": STUCK, in this turn %s",
				   stuck->tid == stuck->pid ? "pid" : "worker", stuck->tid,
				   stuck_text(stuck, text));
	else
		(void)canvas_text(canvas, area.row, 1, area.cols - 1, STYLE_STRONG,
				  "event loop: a column for each second, the newest at the right");
}

static void draw(struct app *app, struct canvas *canvas, struct area area)
{
	int rest = area.rows - POOL_ROW;
	int pool = POOL_PANE_LINES + job_rows(area.rows);
	int turns;

	if (pool > rest)
		pool = rest;
	turns = turns_pane_lines(rest - pool);
	draw_title(app, canvas, area);
	draw_graph(app, canvas, (struct area){area.row + 1, 0, GRAPH_ROWS + 1, area.cols});
	pool_pane_draw(app, canvas, (struct area){area.row + POOL_ROW, 0, pool, area.cols});
	if (rest > pool)
		draw_groups(app, canvas,
			    (struct area){area.row + POOL_ROW + pool, 0, rest - pool - turns,
					  area.cols});
	turns_pane_draw(app->routes.turns, canvas,
			(struct area){area.row + area.rows - turns, 0, turns, area.cols});
}

static bool act(struct app *app, enum action action)
{
	struct loop_state *loop = &app->loop;
	int top = loop->top;

	if (action == ACTION_UP)
		top--;
	else if (action == ACTION_DOWN)
		top++;
	else if (action == ACTION_PAGE_UP)
		top -= loop->rows;
	else if (action == ACTION_PAGE_DOWN)
		top += loop->rows;
	else if (action == ACTION_FIRST)
		top = 0;
	else if (action == ACTION_LAST)
		top = loop->lines;
	else
		return false;
	if (top > loop->lines - loop->rows)
		top = loop->lines - loop->rows;
	loop->top = top > 0 ? top : 0;
	return true;
}

const struct view_ops view_loop = {
	.name = "loop",
	.screen = ON_LOOP,
	.draw = draw,
	.act = act,
};
