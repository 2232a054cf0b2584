/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/request.h"

#include <string.h>

#include "aggregator/arena.h"
#include "symbolizer/base.h"

struct flag_name {
	uint32_t flag;
	const char *name;
};

static const char *const evidence_names[] = {
#define EVIDENCE_NAME(name, text) [EVIDENCE_##name] = (text),
	EVIDENCE(EVIDENCE_NAME)
#undef EVIDENCE_NAME
};
_Static_assert(sizeof(evidence_names) / sizeof(evidence_names[0]) == EVIDENCE_COUNT,
	       "one name for each class of evidence");

static const struct flag_name request_flag_names[] = {
#define REQUEST_FLAG_NAME(name, bit, text) {1u << (bit), text},
	REQUEST_FLAGS(REQUEST_FLAG_NAME)
#undef REQUEST_FLAG_NAME
};

static const struct flag_name op_flag_names[] = {
#define OP_FLAG_NAME(name, bit, text) {1u << (bit), text},
	OP_FLAGS(OP_FLAG_NAME)
#undef OP_FLAG_NAME
};

const char *request_unseen(const struct request *request)
{
	if (strcmp(request->url, "?") != 0)
		return NULL;
	if (request->flags & REQUEST_UNPARSED)
		return "malformed";
	if (!(request->flags & REQUEST_PARTIAL))
		return NULL;
	return request->read_ns ? "its head was lost" : "before the trace";
}

/* Appends what fits and keeps the NUL. */
static size_t append(char *buf, size_t size, size_t len, const char *text)
{
	while (*text && len + 1 < size)
		buf[len++] = *text++;
	buf[len] = '\0';
	return len;
}

static size_t flags_print(const struct flag_name *names, size_t n_names, uint32_t flags,
			  const char *separator, char *buf, size_t size)
{
	size_t len = 0;
	size_t i;

	if (size == 0)
		return 0;
	buf[0] = '\0';
	for (i = 0; i < n_names; i++) {
		if (!(flags & names[i].flag))
			continue;
		if (len)
			len = append(buf, size, len, separator);
		len = append(buf, size, len, names[i].name);
	}
	return len;
}

const char *evidence_name(enum evidence evidence)
{
	if ((unsigned int)evidence >= EVIDENCE_COUNT)
		return evidence_names[EVIDENCE_UNKNOWN];
	return evidence_names[evidence];
}

size_t request_flags_print(uint32_t flags, const char *separator, char *buf, size_t len)
{
	return flags_print(request_flag_names, ARRAY_SIZE(request_flag_names), flags, separator,
			   buf, len);
}

size_t op_flags_print(uint32_t flags, const char *separator, char *buf, size_t len)
{
	return flags_print(op_flag_names, ARRAY_SIZE(op_flag_names), flags, separator, buf, len);
}

void loop_totals_add(struct loop_totals *sum, const struct loop_totals *more)
{
	sum->turns += more->turns;
	sum->idle_ns += more->idle_ns;
	sum->busy_ns += more->busy_ns;
	if (more->lag_ns > sum->lag_ns)
		sum->lag_ns = more->lag_ns;
	sum->gcs_minor += more->gcs_minor;
	sum->gcs_major += more->gcs_major;
	sum->gc_minor_ns += more->gc_minor_ns;
	sum->gc_major_ns += more->gc_major_ns;
	sum->syncs += more->syncs;
	sum->sync_ns += more->sync_ns;
}

void request_free(struct request *request)
{
	/* The request itself stands in its arena. */
	if (request)
		arena_free(request->arena);
}

uint64_t request_duration_ns(const struct request *request)
{
	if (request->end_ns <= request->start_ns)
		return 0;
	return request->end_ns - request->start_ns;
}

uint64_t op_end_ns(const struct request *request, const struct op *op)
{
	uint64_t end_ns = op->end_ns ? op->end_ns : request->end_ns;

	return end_ns > op->start_ns ? end_ns : op->start_ns;
}

bool op_outlived(const struct request *request, const struct op *op)
{
	if (strcmp(op->type, "timer") != 0 || request->flags & (REQUEST_OPEN | REQUEST_ABORTED))
		return false;
	return !op->end_ns || (op->flags & OP_END_INFERRED && op->end_ns >= request->end_ns);
}

uint32_t request_shown(const struct request *request)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < request->n_ops; i++)
		n += !(request->ops[i].flags & OP_FUNCTION);
	return n;
}

uint64_t op_cpu_ns(const struct op *op)
{
	uint64_t sum_ns = 0;
	uint32_t i;

	for (i = 0; i < op->n_runs; i++) {
		if (op->runs[i].end_ns > op->runs[i].start_ns)
			sum_ns += op->runs[i].end_ns - op->runs[i].start_ns;
	}
	return sum_ns;
}

uint64_t op_elapsed_ns(const struct request *request, const struct op *op)
{
	return op->sums ? op->sums->elapsed_ns : op_end_ns(request, op) - op->start_ns;
}

struct op_wire *op_wire_copy(struct arena *arena, const struct op_wire *wire)
{
	struct op_wire *copy = wire ? arena_alloc(arena, sizeof(*copy)) : NULL;

	if (copy)
		*copy = *wire;
	return copy;
}

int op_fronts_copy(struct arena *arena, struct op *op)
{
	struct op_front *copy;

	if (!op->n_fronts)
		return 0;
	copy = arena_alloc(arena, op->n_fronts * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, op->fronts, op->n_fronts * sizeof(*copy));
	op->fronts = copy;
	return 0;
}
