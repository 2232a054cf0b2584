/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One aligned line per finished request, for people; lines that start with "# " are about it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aggregator/export/formats.h"
#include "aggregator/export/times.h"
#include "symbolizer/base.h"

#define TEXT_ROWS    10 /* of routes, and of culprits, at the end */
#define COLOUR_RESET "\033[0m"
#define FLAG_COLOUR  "\033[33m"

struct exporter {
	FILE *out;
	struct export_options options;
	struct times times;
};

/* By the first digit of the status; 0: never sent. */
static const char *const status_colours[] = {
	[0] = "\033[31m", [1] = "\033[36m", [2] = "\033[32m",
	[3] = "\033[36m", [4] = "\033[33m", [5] = "\033[31m",
};

static int failed(FILE *out)
{
	return ferror(out) ? -EIO : 0;
}

static void print_time(const struct export_options *options, uint64_t ts, char *buf, size_t len)
{
	/* What was open when tracing began started before start_ns: unsigned wrap does it right. */
	uint64_t unix_ns = options->start_unix_ns + (ts - options->start_ns);
	time_t seconds = (time_t)(unix_ns / NS_PER_SEC);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(buf, len, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		       (unsigned int)(unix_ns / NS_PER_MS % 1000));
}

static void write_status(struct exporter *exporter, uint32_t status)
{
	const char *colour = status / 100 < ARRAY_SIZE(status_colours)
				     ? status_colours[status / 100]
				     : status_colours[0];
	char text[16] = "-";

	if (status)
		(void)snprintf(text, sizeof(text), "%" PRIu32, status);
	if (exporter->options.colour)
		(void)fprintf(exporter->out, "%s%6s%s", colour, text, COLOUR_RESET);
	else
		(void)fprintf(exporter->out, "%6s", text);
}

static void write_flags(struct exporter *exporter, uint32_t flags)
{
	char text[256];

	if (!request_flags_print(flags, " ", text, sizeof(text)))
		return;
	if (exporter->options.colour)
		(void)fprintf(exporter->out, "  %s[%s]%s", FLAG_COLOUR, text, COLOUR_RESET);
	else
		(void)fprintf(exporter->out, "  [%s]", text);
}

static int text_open(FILE *out, const struct export_options *options,
		     struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	int err;

	if (!exporter)
		return -ENOMEM;
	exporter->out = out;
	exporter->options = *options;
	(void)fprintf(out, "# %-10s %s%9s %9s %5s %6s %-7s %s\n", "time",
		      options->with_pid ? "    pid " : "", "duration", "cpu", "ops", "status",
		      "method", "path");
	err = failed(out);
	if (!err)
		err = times_open(options, &exporter->times);
	if (err) {
		free(exporter);
		return err;
	}
	*ret_exporter = exporter;
	return 0;
}

static int text_request(struct exporter *exporter, const struct request *request)
{
	char when[32];
	char duration[32];
	char cpu[32];
	char pid[16] = "";

	print_time(&exporter->options, request->start_ns, when, sizeof(when));
	print_duration(duration, sizeof(duration), request_duration_ns(request));
	print_duration(cpu, sizeof(cpu), request->cpu_ns);
	if (exporter->options.with_pid)
		(void)snprintf(pid, sizeof(pid), "%7" PRIu32 " ", request->pid);
	(void)fprintf(exporter->out, "%s %s%9s %9s %5" PRIu32 " ", when, pid, duration, cpu,
		      request->n_ops_total);
	write_status(exporter, request->status);
	(void)fprintf(exporter->out, " %-7s %s", request->method, request->url);
	write_flags(exporter, request->flags);
	(void)fputc('\n', exporter->out);
	return failed(exporter->out) ? -EIO : times_add(&exporter->times, request);
}

static int text_close(struct exporter *exporter, struct export_summary *summary)
{
	const struct totals *totals = &summary->totals;
	FILE *out = exporter->out;
	char stacks[2048];
	double share = 0;
	int err = times_print(&exporter->times, out, "# ", TEXT_ROWS);

	if (summary->duration_ns)
		share = 100.0 * (double)summary->own_cpu_ns / (double)summary->duration_ns;
	(void)fprintf(out,
		      "# %" PRIu64 " requests, %" PRIu64 " operations, %" PRIu64 " lost, %" PRIu64
		      " unattributed, own CPU %.1f%%\n",
		      totals->requests, totals->ops, totals->lost,
		      totals->ops_none + totals->ops_unknown, share);
	if (totals->lost)
		(void)fprintf(out,
			      "# events were lost: requests marked [lossy] may lack operations\n");
	if (totals->forgotten || summary->shed)
		(void)fprintf(out,
			      "# memory limits: %" PRIu64 " things forgotten, %" PRIu64
			      " requests dropped\n",
			      totals->forgotten, summary->shed);
	if (stack_gaps_print(&totals->stacks, stacks, sizeof(stacks)))
		(void)fprintf(out, "# %s\n", stacks);
	if (!err)
		err = failed(out);
	times_close(&exporter->times);
	free(exporter);
	return err;
}

const struct exporter_ops text_exporter = {
	.name = "text",
	.extension = "txt",
	.summary = "one line per finished request",
	.open = text_open,
	.request = text_request,
	.close = text_close,
};
