/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/pool_pane.h"

#include <inttypes.h>

#include "aggregator/compress.h"
#include "symbolizer/base.h"
#include "tui/app_state.h"
#include "tui/format.h"
#include "tui/label.h"

#define MAX_JOBS  32
#define LABEL_LEN 120
#define TEXT_LEN  200

struct pool_job {
	const struct request *request;
	const struct op *op;
	uint64_t since_ns;
	bool at_work;
};

/* At work before waiting, then the longest first. */
static bool before(const struct pool_job *a, const struct pool_job *b)
{
	if (a->at_work != b->at_work)
		return a->at_work;
	return a->since_ns < b->since_ns;
}

static size_t insert(struct pool_job *jobs, size_t n, const struct pool_job *job)
{
	size_t at;

	for (at = n; at && before(job, &jobs[at - 1]); at--) {
		if (at < MAX_JOBS)
			jobs[at] = jobs[at - 1];
	}
	if (at < MAX_JOBS)
		jobs[at] = *job;
	return n < MAX_JOBS ? n + 1 : n;
}

static size_t find_jobs(const struct app *app, struct pool_job jobs[MAX_JOBS])
{
	size_t i, n = 0;
	uint32_t at;

	for (i = 0; i < open_set_count(app->open); i++) {
		const struct request *request = open_set_at(app->open, i);

		for (at = 0; at < request->n_ops; at++) {
			const struct op *op = &request->ops[at];
			const struct pool_job job = {
				.request = request,
				.op = op,
				.since_ns = op->started_ns ? op->started_ns : op->queued_ns,
				.at_work = op->started_ns != 0,
			};

			if (op->queued_ns && !op->finished_ns && !op->end_ns)
				n = insert(jobs, n, &job);
		}
	}
	return n;
}

static void draw_job(const struct app *app, const struct pool_job *job, struct canvas *canvas,
		     struct area row)
{
	uint64_t now_ns = app_now_ns(app);
	char label[LABEL_LEN], where[FORMAT_LEN], since[FORMAT_LEN];

	(void)op_label(job->op, label, sizeof(label));
	if (job->at_work)
		(void)snprintf(where, sizeof(where), "thread %" PRIu32, job->op->pool_tid);
	else
		(void)snprintf(where, sizeof(where), "waits");
	(void)format_duration(now_ns > job->since_ns ? now_ns - job->since_ns : 0, since);
	(void)canvas_print(canvas, row.row, 1, row.cols - 1,
			   job->at_work ? STYLE_PLAIN : STYLE_WARN, "%*s  %-14s  %s  of %s %.80s",
			   FORMAT_DURATION_WIDTH, since, where, label, job->request->method,
			   job->request->url);
}

static void draw_now(const struct app *app, struct canvas *canvas, struct area row)
{
	const struct pool_totals *pool = &app->status.totals.pool;
	char p50[FORMAT_LEN], p99[FORMAT_LEN], max[FORMAT_LEN], run50[FORMAT_LEN],
		run99[FORMAT_LEN], text[TEXT_LEN] = "no job in the last seconds";

	if (pool->jobs)
		(void)snprintf(text, sizeof(text),
			       "waited p50 %s p99 %s max %s  worked p50 %s p99 %s",
			       format_duration(pool->wait_p50_ns, p50),
			       format_duration(pool->wait_p99_ns, p99),
			       format_duration(pool->wait_max_ns, max),
			       format_duration(pool->run_p50_ns, run50),
			       format_duration(pool->run_p99_ns, run99));
	(void)canvas_print(canvas, row.row, 1, row.cols - 1,
			   pool->queued ? STYLE_WARN : STYLE_STRONG,
			   "pool: %" PRIu32 " of %" PRIu32 " threads, %" PRIu32 " jobs wait  %s",
			   pool->busy, pool->threads, pool->queued, text);
}

/* Sums of what all requests waited for. */
static void draw_sums(const struct app *app, struct canvas *canvas, struct area row)
{
	uint64_t sums[LABEL_COUNT] = {0};
	char queue[FORMAT_LEN], work[FORMAT_LEN], ready[FORMAT_LEN];
	unsigned int label;
	size_t i;

	for (i = 0; i < routes_count(app->routes.routes); i++) {
		for (label = 0; label < LABEL_COUNT; label++)
			sums[label] += routes_at(app->routes.routes, i)->label_ns[label];
	}
	(void)canvas_print(canvas, row.row, 1, row.cols - 1, STYLE_PLAIN,
			   "in all: %s for a thread, %s for its work, %s ready for the loop",
			   format_duration(sums[LABEL_POOL_QUEUE], queue),
			   format_duration(sums[LABEL_POOL], work),
			   format_duration(sums[LABEL_LOOP], ready));
}

void pool_pane_draw(const struct app *app, struct canvas *canvas, struct area area)
{
	struct pool_job jobs[MAX_JOBS];
	size_t n = find_jobs(app, jobs);
	int i;

	if (area.rows > 0)
		draw_now(app, canvas, (struct area){area.row, 0, 1, area.cols});
	if (area.rows > 1)
		draw_sums(app, canvas, (struct area){area.row + 1, 0, 1, area.cols});
	if (!n && area.rows > POOL_PANE_LINES)
		(void)canvas_text(canvas, area.row + POOL_PANE_LINES, 1, area.cols - 1, STYLE_DIM,
				  "no job of a request in flight at this moment");
	for (i = 0; i < area.rows - POOL_PANE_LINES && (size_t)i < n; i++)
		draw_job(app, &jobs[i], canvas,
			 (struct area){area.row + POOL_PANE_LINES + i, 0, 1, area.cols});
}
