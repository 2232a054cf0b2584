/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* No requests, but their routes: what each took, what that went into, and who kept whom waiting. */
#include <errno.h>
#include <stdlib.h>

#include "aggregator/export/formats.h"
#include "aggregator/export/times.h"

struct exporter {
	FILE *out;
	struct times times;
};

static int routes_open(FILE *out, const struct export_options *options,
		       struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	int err;

	if (!exporter)
		return -ENOMEM;
	exporter->out = out;
	err = times_open(options, &exporter->times);
	if (err) {
		free(exporter);
		return err;
	}
	*ret_exporter = exporter;
	return 0;
}

static int routes_request(struct exporter *exporter, const struct request *request)
{
	return times_add(&exporter->times, request);
}

static int routes_close(struct exporter *exporter, struct export_summary *summary)
{
	int err = times_print(&exporter->times, exporter->out, "", 0);

	(void)summary;
	if (!err && ferror(exporter->out))
		err = -EIO;
	times_close(&exporter->times);
	free(exporter);
	return err;
}

const struct exporter_ops routes_exporter = {
	.name = "routes",
	.extension = "routes",
	.summary = "one line per route: quantiles, where the time went, who kept whom waiting",
	.open = routes_open,
	.request = routes_request,
	.close = routes_close,
};
