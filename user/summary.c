/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/summary.h"

#include <inttypes.h>
#include <string.h>

#include "symbolizer/base.h"
#include "user/log.h"

static void log_sum(const struct options *options, const struct export_summary *summary)
{
	if (strcmp(options->format->name, "folded") != 0)
		return;
	log_info("the values sum to %" PRIu64 " %s", summary->folded_sum,
		 options->metric == FOLDED_COUNT ? "operations" : "us");
}

void summary_log(const struct options *options, const struct export_summary *summary)
{
	const struct totals *totals = &summary->totals;
	char stacks[2048];

	/* The text format says all this itself; so does the view. */
	if (!options->view && strcmp(options->format->name, "text") != 0) {
		log_sum(options, summary);
		log_info("%" PRIu64 " requests, %" PRIu64 " operations, %" PRIu64
			 " events, %" PRIu64 " lost, own CPU %" PRIu64 " ms in %" PRIu64 " ms",
			 totals->requests, totals->ops, totals->events, totals->lost,
			 (uint64_t)(summary->own_cpu_ns / NS_PER_MS),
			 (uint64_t)(summary->duration_ns / NS_PER_MS));
		if (stack_gaps_print(&totals->stacks, stacks, sizeof(stacks)))
			log_info("%s", stacks);
	}
	if (totals->lost)
		log_warn("%" PRIu64
			 " events were lost; requests they may belong to are marked lossy",
			 totals->lost);
	if (summary->shed && !options->view)
		log_warn("%" PRIu64 " requests were dropped since the output was too slow",
			 summary->shed);
	if (summary->shed_ops)
		log_warn("%" PRIu64
			 " operations of no request were dropped since the output was too slow",
			 summary->shed_ops);
}
