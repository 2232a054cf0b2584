/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Folded stacks for flame graphs; aggregator/folded.c does the work. */
#include <errno.h>
#include <stdlib.h>

#include "aggregator/export/formats.h"

#define MAX_PATHS 200000

struct exporter {
	FILE *out;
	struct folded *folded;
};

static int folded_open(FILE *out, const struct export_options *options,
		       struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	int err;

	if (!exporter)
		return -ENOMEM;
	exporter->out = out;
	err = folded_new(options->metric, MAX_PATHS, &exporter->folded);
	if (err) {
		free(exporter);
		return err;
	}
	*ret_exporter = exporter;
	return 0;
}

static int folded_request(struct exporter *exporter, const struct request *request)
{
	return folded_add(exporter->folded, request);
}

static int folded_close(struct exporter *exporter, struct export_summary *summary)
{
	int err = folded_write(exporter->folded, exporter->out, &summary->folded_sum);

	folded_free(exporter->folded);
	free(exporter);
	return err;
}

const struct exporter_ops folded_exporter = {
	.name = "folded",
	.extension = "folded",
	.summary = "folded stacks for flamegraph.pl and speedscope, summed over all requests",
	.open = folded_open,
	.request = folded_request,
	.close = folded_close,
};
