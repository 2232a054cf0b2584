/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Folded stacks for flame graphs; aggregator/folded.c does the work. What waited for the event loop or for
 * the pool is told by who had those: "culprit;job;function (file:line);victim".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "aggregator/blame.h"
#include "aggregator/export/formats.h"
#include "symbolizer/base.h"

#define MAX_PATHS 200000
#define MAX_ROWS  65536
#define MAX_PLACE 512

struct exporter {
	FILE *out;
	struct folded *folded;
	struct blame *blame; /* NULL: of each request what it did itself */
	enum label label;    /* what of the blame counts */
};

/* Is this metric told by culprits? Then of which label. */
static bool is_blamed(enum folded_metric metric, enum label *ret_label)
{
	if (metric != FOLDED_LOOPQ && metric != FOLDED_POOLQ)
		return false;
	*ret_label = metric == FOLDED_LOOPQ ? LABEL_LOOP : LABEL_POOL_QUEUE;
	return true;
}

static int folded_open(FILE *out, const struct export_options *options,
		       struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	int err;

	if (!exporter)
		return -ENOMEM;
	exporter->out = out;
	err = folded_new(options->metric, MAX_PATHS, &exporter->folded);
	if (!err && is_blamed(options->metric, &exporter->label))
		err = blame_new(MAX_ROWS, options->rules, &exporter->blame);
	if (err) {
		folded_free(exporter->folded);
		free(exporter);
		return err;
	}
	*ret_exporter = exporter;
	return 0;
}

static int folded_request(struct exporter *exporter, const struct request *request)
{
	if (exporter->blame)
		return blame_add(exporter->blame, request);
	return folded_add(exporter->folded, request);
}

static int add_row(struct folded *folded, const struct blame_row *row)
{
	char place[MAX_PLACE];
	const char *frames[4];
	size_t n = 0;

	frames[n++] = row->culprit;
	if (row->job)
		frames[n++] = row->job;
	if (row->file) {
		(void)snprintf(place, sizeof(place), "%s (%s:%" PRIu32 ")", row->function,
			       row->file, row->line);
		frames[n++] = place;
	}
	frames[n++] = row->victim;
	return folded_add_frames(folded, frames, n, row->delay_ns);
}

static int add_blame(struct exporter *exporter)
{
	struct blame *blame = exporter->blame;
	int err = 0;

	if (!blame)
		return 0;
	blame_settle(blame);
	for (size_t i = 0; i < blame_count(blame) && !err; i++)
		if (blame_at(blame, i)->label == exporter->label)
			err = add_row(exporter->folded, blame_at(blame, i));
	return err;
}

static int folded_close(struct exporter *exporter, struct export_summary *summary)
{
	int err = add_blame(exporter);

	if (!err)
		err = folded_write(exporter->folded, exporter->out, &summary->folded_sum);
	blame_free(exporter->blame);
	folded_free(exporter->folded);
	free(exporter);
	return err;
}

const struct exporter_ops folded_exporter = {
	.name = "folded",
	.extension = "folded",
	.also = "collapsed",
	.summary = "folded stacks for flamegraph.pl and speedscope, summed over all requests",
	.wants_labels = folded_wants_labels,
	.open = folded_open,
	.request = folded_request,
	.close = folded_close,
};
