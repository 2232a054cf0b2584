/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/critical.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/blame.h"

/* More than are shown: a short one may grow. */
#define GROUPS (4 * CRITICAL_MAX)

struct groups {
	struct critical_line lines[GROUPS];
	size_t n;
};

/* Of other labels culprit and stack tell who had the pool or the heap: not where this request was. */
static bool is_place_told(const struct label_span *span)
{
	return span->label == LABEL_LOOP || span->label == LABEL_JS;
}

/* Callbacks that were found computing at the same line are one row, whosever they are. */
static bool same_place(const struct critical_line *line, const struct label_span *span)
{
	const struct frame *a = blame_frame(line->stack), *b = blame_frame(span->stack);

	return line->samples && span->samples && a && b && a->function == b->function &&
	       a->file == b->file && a->line == b->line;
}

static bool same(const struct critical_line *line, const struct label_span *span)
{
	if (line->label != span->label)
		return false;
	if (span->label == LABEL_LOOP)
		return line->culprit == span->culprit &&
		       (span->culprit || line->busy == span->busy);
	if (span->label == LABEL_JS && (line->samples || span->samples))
		return same_place(line, span);
	return line->op == span->op;
}

static struct critical_line *group_of(struct groups *groups, const struct label_span *span)
{
	size_t i;

	for (i = 0; i < groups->n; i++) {
		if (same(&groups->lines[i], span))
			return &groups->lines[i];
	}
	if (groups->n == GROUPS)
		return NULL;
	groups->lines[groups->n] = (struct critical_line){
		.label = span->label,
		.op = span->op,
		.culprit = span->label == LABEL_LOOP ? span->culprit : 0,
		.busy = span->busy,
		.samples = span->label == LABEL_JS ? span->samples : 0,
		.stack = span->label == LABEL_JS ? span->stack : NULL,
	};
	return &groups->lines[groups->n++];
}

static void add(struct groups *groups, const struct label_span *span)
{
	struct critical_line *line = group_of(groups, span);
	uint64_t ns = span->end_ns - span->start_ns;

	if (!line)
		return;
	line->ns += ns;
	line->several |= line->label != LABEL_LOOP && line->op != span->op;
	if (ns > line->longest_ns) {
		line->longest_ns = ns;
		line->longest_start_ns = span->start_ns;
	}
	if (span->stack && is_place_told(span) && ns > line->stack_ns) {
		line->stack = span->stack;
		line->stack_ns = ns;
		line->samples = span->samples;
	}
}

static int longest_first(const void *left, const void *right)
{
	const struct critical_line *a = left;
	const struct critical_line *b = right;

	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	return (a->longest_start_ns > b->longest_start_ns) -
	       (a->longest_start_ns < b->longest_start_ns);
}

size_t critical_lines(const struct request *request, struct critical_line ret_lines[CRITICAL_MAX])
{
	struct groups groups = {.n = 0};
	uint32_t i;

	for (i = 0; i < request->n_labels; i++)
		add(&groups, &request->labels[i]);
	qsort(groups.lines, groups.n, sizeof(groups.lines[0]), longest_first);
	if (groups.n > CRITICAL_MAX)
		groups.n = CRITICAL_MAX;
	memcpy(ret_lines, groups.lines, groups.n * sizeof(groups.lines[0]));
	return groups.n;
}
