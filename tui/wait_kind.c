/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/wait_kind.h"

#include <assert.h>
#include <string.h>

#include "symbolizer/base.h"

struct kind {
	char letter;
	const char *name;
	const char *text;
	enum style style;
	enum style edge;
};

static const struct kind kinds[] = {
#define WAIT_KIND_ROW(kind, kind_letter, kind_name, kind_text) \
	[WAIT_##kind] = {                                      \
		.letter = (kind_letter),                       \
		.name = (kind_name),                           \
		.text = (kind_text),                           \
		.style = STYLE_##kind,                         \
		.edge = STYLE_EDGE_##kind,                     \
	},
	WAIT_KINDS(WAIT_KIND_ROW)
#undef WAIT_KIND_ROW
};
_Static_assert(ARRAY_SIZE(kinds) == WAIT_KIND_COUNT, "one row for each kind");

/* By how the type begins; the first that fits counts. */
static const struct {
	const char *prefix;
	enum wait_kind kind;
} types[] = {
	{"fs.", WAIT_WORK},        {"crypto", WAIT_WORK},    {"zlib", WAIT_WORK},
	{"net.", WAIT_NET},        {"dns.", WAIT_NET},       {"http.", WAIT_NET},
	{"http2.", WAIT_NET},      {"tls.", WAIT_NET},       {"udp.", WAIT_NET},
	{"timer", WAIT_TIMER},     {"interval", WAIT_TIMER}, {"immediate", WAIT_READY},
	{"microtask", WAIT_READY}, {"tick", WAIT_READY},
};

static const enum wait_kind labels[] = {
	[LABEL_JS] = WAIT_JS,        [LABEL_GC] = WAIT_GC,
	[LABEL_LOOP] = WAIT_READY,   [LABEL_POOL_QUEUE] = WAIT_QUEUE,
	[LABEL_POOL] = WAIT_WORK,    [LABEL_IO] = WAIT_NET,
	[LABEL_TIMER] = WAIT_TIMER,  [LABEL_CLIENT] = WAIT_CLIENT,
	[LABEL_UNKNOWN] = WAIT_NONE,
};
_Static_assert(ARRAY_SIZE(labels) == LABEL_COUNT, "a kind for each label");

static const struct kind *row(enum wait_kind kind)
{
	assert((unsigned int)kind < WAIT_KIND_COUNT);
	return &kinds[kind];
}

char wait_kind_letter(enum wait_kind kind)
{
	return row(kind)->letter;
}

const char *wait_kind_name(enum wait_kind kind)
{
	return row(kind)->name;
}

const char *wait_kind_text(enum wait_kind kind)
{
	return row(kind)->text;
}

enum style wait_kind_style(enum wait_kind kind)
{
	return row(kind)->style;
}

enum style wait_kind_edge(enum wait_kind kind)
{
	return row(kind)->edge;
}

enum wait_kind wait_kind_of_label(enum label label)
{
	assert((unsigned int)label < LABEL_COUNT);
	return labels[label];
}

enum wait_kind wait_kind_of_type(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strncmp(type, types[i].prefix, strlen(types[i].prefix)))
			return types[i].kind;
	}
	return WAIT_OTHER;
}

/* Appends [from, until) cut to the end of the operation; returns where the next phase begins. */
static uint64_t add_phase(struct phase *phases, size_t *n, uint64_t from, uint64_t until,
			  enum wait_kind kind)
{
	if (until <= from)
		return from;
	phases[(*n)++] = (struct phase){from, until, kind};
	return until;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * From when on a timer is known to be ready: due, and the loop in a turn that goes on. One that is due while the loop
 * waits may have been cleared, which nothing shows. UINT64_MAX: it is not.
 */
static uint64_t overdue_since(const struct request *request, const struct op *op)
{
	if (op->end_ns || !op->ready_ns || !request->busy_since_ns)
		return UINT64_MAX;
	return op->ready_ns > request->busy_since_ns ? op->ready_ns : request->busy_since_ns;
}

size_t op_phases(const struct request *request, const struct op *op,
		 struct phase ret_phases[OP_PHASES_MAX])
{
	enum wait_kind kind = wait_kind_of_type(op->type);
	uint64_t end_ns = op_end_ns(request, op);
	uint64_t ts = op->start_ns;
	size_t n = 0;

	if (op->queued_ns) {
		/* A step that was not seen lasts until the end. */
		uint64_t started_ns = op->started_ns ? op->started_ns : end_ns;
		uint64_t finished_ns = op->finished_ns ? op->finished_ns : end_ns;

		ts = add_phase(ret_phases, &n, ts, earlier(op->queued_ns, end_ns), kind);
		ts = add_phase(ret_phases, &n, ts, earlier(started_ns, end_ns), WAIT_QUEUE);
		ts = add_phase(ret_phases, &n, ts, earlier(finished_ns, end_ns), WAIT_WORK);
		kind = WAIT_READY;
	} else if (kind == WAIT_TIMER && overdue_since(request, op) < end_ns) {
		ts = add_phase(ret_phases, &n, ts, overdue_since(request, op), kind);
		kind = WAIT_READY;
	}
	if (ts < end_ns || n == 0)
		ret_phases[n++] = (struct phase){ts, end_ns, kind};
	return n;
}

static bool on_cpu(const struct op *op, uint64_t ts)
{
	size_t low = PARTITION_POINT(i, op->n_runs, op->runs[i].end_ns <= ts);

	return low < op->n_runs && op->runs[low].start_ns <= ts;
}

enum wait_kind op_kind_at(const struct request *request, const struct op *op, uint64_t ts)
{
	struct phase phases[OP_PHASES_MAX];
	size_t n;
	size_t i;

	if (on_cpu(op, ts))
		return WAIT_JS;
	n = op_phases(request, op, phases);
	for (i = 0; i + 1 < n; i++) {
		if (ts < phases[i].end_ns)
			break;
	}
	return phases[i].kind;
}
