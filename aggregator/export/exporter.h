/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Output formats. One file per format, one row in exporters.c; whoever writes requests somewhere
 * goes through this interface. Exporters write to the FILE they were given and nowhere else.
 */
#ifndef NT_AGGREGATOR_EXPORT_EXPORTER_H
#define NT_AGGREGATOR_EXPORT_EXPORTER_H

#include <stdio.h>

#include "aggregator/folded.h"
#include "aggregator/request.h"
#include "aggregator/route.h"

struct export_options {
	enum folded_metric metric;       /* of folded output */
	bool colour;                     /* text: use ANSI colours */
	bool with_pid;                   /* text: requests of several processes */
	const struct route_rules *rules; /* of --route; NULL none, else outlives the exporter */
	uint64_t start_ns;               /* CLOCK_MONOTONIC at the start of the capture … */
	uint64_t start_unix_ns;          /* … and the wall clock then */
};

/* Totals for the summary, gathered by user/. */
struct export_summary {
	struct totals totals;
	uint64_t own_cpu_ns; /* CPU time of the tracer */
	uint64_t duration_ns;
	uint64_t shed;     /* requests dropped for lack of memory … */
	uint64_t shed_ops; /* … and operations of none */
	const char *node_version;
	const char *target; /* script or executable, for people */
	/* Set by the folded exporter: the sum of the values it wrote. */
	uint64_t folded_sum;
};

struct exporter; /* private to each format */

struct exporter_ops {
	const char *name;      /* --format NAME */
	const char *extension; /* of -o FILE when --format is absent, without dot; NULL none … */
	const char *also;      /* … and another that others use for it; NULL none */
	const char *summary;   /* one line for --help */
	bool wants_unowned;    /* unowned() is called */
	/* Does it look at labels? NULL: it does. */
	bool (*wants_labels)(enum folded_metric metric);
	bool has_tree; /* writes operations one by one: they may be compressed before */
	/* Returns 0 or a negative errno; `out` stays the caller's and outlives the exporter. */
	int (*open)(FILE *out, const struct export_options *options,
		    struct exporter **ret_exporter);
	int (*request)(struct exporter *exporter, const struct request *request);
	int (*unowned)(struct exporter *exporter, const struct op *op); /* may be NULL */
	/* Writes what is left and the summary where the format has one, and frees the exporter. */
	int (*close)(struct exporter *exporter, struct export_summary *summary);
};

/* All formats; ends with a row whose name is NULL. */
extern const struct exporter_ops *const exporters[];

/* By name, or NULL. */
const struct exporter_ops *exporter_find(const char *name);
/* By the extension of a path, in any case; or NULL. */
const struct exporter_ops *exporter_find_by_path(const char *path);

#endif
