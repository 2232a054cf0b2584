/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tests/replay/properties.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "aggregator/folded.h"
#include "symbolizer/base.h"

struct check {
	const struct capture *capture;
	const struct request *request;
	const struct op *op;
	unsigned int broken;
};

static void __attribute__((format(printf, 3, 4)))
expect(struct check *check, bool kept, const char *format, ...)
{
	va_list arguments;

	if (kept)
		return;
	check->broken++;
	if (check->request)
		printf("%s %s: ", check->request->method, check->request->url);
	if (check->op)
		printf("%s %s: ", check->op->type, check->op->detail);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void check_runs(struct check *check, const struct span *runs, uint32_t n, uint64_t start_ns)
{
	uint64_t last = start_ns;

	for (uint32_t i = 0; i < n; i++) {
		expect(check, runs[i].start_ns >= last, "run %u starts %" PRIu64 " ns too early", i,
		       last - runs[i].start_ns);
		expect(check, runs[i].end_ns > runs[i].start_ns, "run %u is empty", i);
		last = runs[i].end_ns;
	}
	expect(check, last <= check->capture->last_ns, "a run ends after the last event");
}

static uint64_t runs_ns(const struct span *runs, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += runs[i].end_ns - runs[i].start_ns;
	return sum;
}

static void check_pool_times(struct check *check, const struct op *op)
{
	if (op->queued_ns)
		expect(check, op->queued_ns >= op->start_ns, "queued before it began");
	if (op->started_ns)
		expect(check, op->started_ns >= op->queued_ns, "started before it was queued");
	if (op->finished_ns)
		expect(check, op->finished_ns >= op->started_ns, "finished before it started");
	if (op->end_ns && op->finished_ns)
		expect(check, op->end_ns >= op->finished_ns, "told before it was finished");
}

static void check_wire(struct check *check, const struct op *op)
{
	const uint64_t times[] = {op->wire->agent_ns,      op->wire->connect_ns,
				  op->wire->connected_ns,  op->wire->written_ns,
				  op->wire->first_byte_ns, op->end_ns};
	uint64_t last = op->start_ns;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		if (!times[i])
			continue;
		expect(check, times[i] >= last, "step %zu comes before the one before it", i);
		last = times[i];
	}
	expect(check, !op->wire->first_byte_ns || op->wire->bytes_in, "answered without bytes");
}

static void check_op(struct check *check, uint32_t index)
{
	const struct request *request = check->request;
	const struct op *op = &request->ops[index];

	check->op = op;
	expect(check, op->parent == OP_PARENT_REQUEST || op->parent < index,
	       "its parent %" PRIu32 " does not stand before it", op->parent);
	expect(check, op->start_ns >= request->start_ns, "starts before its request");
	expect(check, !op->end_ns || op->end_ns >= op->start_ns, "ends before it starts");
	expect(check, op->end_ns || op->flags & OP_OPEN || !strcmp(op->type, "interval"),
	       "neither ended nor open");
	expect(check, op->evidence < EVIDENCE_NONE, "belongs to a request with evidence %s",
	       evidence_name(op->evidence));
	expect(check, op->count == 1 || op->flags & (OP_FOLDED | OP_FUNCTION),
	       "stands for %" PRIu32, op->count);
	expect(check, !op->count == !!(op->flags & OP_FUNCTION), "stands for %" PRIu32, op->count);
	check_runs(check, op->runs, op->n_runs, op->start_ns);
	check_pool_times(check, op);
	if (op->wire)
		check_wire(check, op);
	check->op = NULL;
}

/* Every nanosecond has one label. */
static void check_labels(struct check *check, const struct request *request)
{
	uint64_t at = request->start_ns, sum = 0;

	for (uint32_t i = 0; i < request->n_labels; i++) {
		const struct label_span *span = &request->labels[i];

		expect(check, span->start_ns == at, "label %u does not follow the one before", i);
		expect(check, span->end_ns > span->start_ns, "label %u is empty", i);
		expect(check, span->op == LABEL_OP_REQUEST || span->op < request->n_ops,
		       "label %u is of operation %" PRIu32, i, span->op);
		expect(check,
		       !span->culprit || span->label == LABEL_LOOP || span->label == LABEL_GC ||
			       span->label == LABEL_POOL_QUEUE,
		       "label %u has a culprit", i);
		at = span->end_ns;
	}
	expect(check, at == request->end_ns, "the labels end %" PRIu64 " ns too early",
	       request->end_ns - at);
	for (unsigned int i = 0; i < LABEL_COUNT; i++)
		sum += request->label_ns[i];
	expect(check, sum == request_duration_ns(request),
	       "the labels sum to %" PRIu64 " ns of %" PRIu64, sum, request_duration_ns(request));
}

static void check_request(struct check *check, const struct request *request)
{
	uint64_t cpu = runs_ns(request->runs, request->n_runs), ops = 0, id = 0;

	check->request = request;
	/* else its handler may have begun before us, or there never was one */
	if (!(request->flags & (REQUEST_PARTIAL | REQUEST_UNPARSED)))
		expect(check, request->headers_ns != 0, "no headers");
	expect(check, !request->headers_ns || request->headers_ns >= request->start_ns,
	       "headers before its start");
	expect(check, request->end_ns >= request->headers_ns, "ends before its headers");
	expect(check, !request->sent_ns || request->sent_ns <= request->end_ns,
	       "sent after its end");
	expect(check,
	       request->status ||
		       request->flags & (REQUEST_ABORTED | REQUEST_OPEN | REQUEST_PARTIAL),
	       "no status, but neither aborted nor open");
	check_runs(check, request->runs, request->n_runs, request->start_ns);
	check_labels(check, request);
	for (uint32_t i = 0; i < request->n_ops; i++) {
		check_op(check, i);
		ops += request->ops[i].count;
		if (request->ops[i].flags & OP_FUNCTION)
			continue;
		cpu += runs_ns(request->ops[i].runs, request->ops[i].n_runs);
		expect(check, request->ops[i].id > id || request->ops[i].flags & OP_FOLDED,
		       "operation %u is not behind its elder", i);
		id = request->ops[i].id;
	}
	expect(check, ops == request->n_ops_total, "%" PRIu64 " operations, not %" PRIu32, ops,
	       request->n_ops_total);
	expect(check, cpu == request->cpu_ns, "runs of %" PRIu64 " ns, not %" PRIu64, cpu,
	       request->cpu_ns);
	check->request = NULL;
}

/* A thread does one thing at a time. */
struct all_runs {
	struct span *runs;
	size_t n, capacity;
};

static void add_runs(struct all_runs *all, const struct span *runs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (array_reserve(&all->runs, &all->capacity, all->n, sizeof(*all->runs)))
			return;
		all->runs[all->n++] = runs[i];
	}
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static void check_thread(struct check *check)
{
	const struct capture *capture = check->capture;
	struct all_runs all = {};

	for (size_t i = 0; i < capture->n_requests; i++) {
		const struct request *request = capture->requests[i];

		add_runs(&all, request->runs, request->n_runs);
		for (uint32_t k = 0; k < request->n_ops; k++)
			add_runs(&all, request->ops[k].runs, request->ops[k].n_runs);
	}
	if (all.n)
		qsort(all.runs, all.n, sizeof(*all.runs), by_start);
	for (size_t i = 1; i < all.n && capture->one_js_thread; i++)
		expect(check, all.runs[i].start_ns >= all.runs[i - 1].end_ns,
		       "two things ran at once on one thread, for %" PRIu64 " ns",
		       all.runs[i - 1].end_ns - all.runs[i].start_ns);
	free(all.runs);
}

static void check_folded(struct check *check, enum folded_metric metric)
{
	const struct capture *capture = check->capture;
	_cleanup_(fclosep) FILE *out = fopen("/dev/null", "we");
	uint64_t durations = 0, sum = 0;
	struct folded *folded;

	if (!out || folded_new(metric, 65536, &folded)) {
		expect(check, false, "no memory");
		return;
	}
	for (size_t i = 0; i < capture->n_requests; i++) {
		expect(check, !folded_add(folded, capture->requests[i]), "cannot be folded");
		durations += request_duration_ns(capture->requests[i]);
	}
	expect(check, !folded_write(folded, out, &sum), "cannot be written as folded stacks");
	expect(check, sum * 1000 <= durations + 1000 && durations <= sum * 1000 + 1000,
	       "folded values sum to %" PRIu64 " us, the requests to %" PRIu64 " ns", sum,
	       durations);
	folded_free(folded);
}

static void check_totals(struct check *check)
{
	const struct capture *capture = check->capture;
	uint64_t ops = 0, evidence = 0;

	for (size_t i = 0; i < capture->n_requests; i++) {
		ops += capture->requests[i]->n_ops_total;
		expect(check, !i || capture->requests[i]->id > capture->requests[i - 1]->id,
		       "two requests of the same number");
	}
	for (unsigned int i = 0; i < EVIDENCE_COUNT; i++)
		evidence += capture->totals.by_evidence[i];
	expect(check, capture->totals.requests == capture->n_requests,
	       "%" PRIu64 " requests counted, %zu handed out", capture->totals.requests,
	       capture->n_requests);
	expect(check, capture->totals.requests_open == 0, "requests are still open");
	expect(check, capture->totals.ops == ops,
	       "%" PRIu64 " operations counted, %" PRIu64 " handed out", capture->totals.ops, ops);
	expect(check, evidence == ops + capture->totals.ops_none + capture->totals.ops_unknown,
	       "evidence of %" PRIu64 " operations", evidence);
}

unsigned int properties_check_known(const struct capture *capture)
{
	uint64_t unknown = 0, sum = 0;

	for (size_t i = 0; i < capture->n_requests; i++) {
		const struct request *request = capture->requests[i];

		if (request->flags & REQUEST_PARTIAL) /* what they waited for was not seen */
			continue;
		unknown += request->label_ns[LABEL_UNKNOWN];
		sum += request_duration_ns(request);
	}
	if (unknown <= sum / 100)
		return 0;
	printf("what %" PRIu64 " of %" PRIu64 " ns went into is unknown\n", unknown, sum);
	return 1;
}

unsigned int properties_check(const struct capture *capture)
{
	struct check check = {.capture = capture};

	for (size_t i = 0; i < capture->n_requests; i++)
		check_request(&check, capture->requests[i]);
	check_thread(&check);
	check_folded(&check, FOLDED_WALL);
	check_folded(&check, FOLDED_CRITICAL);
	check_totals(&check);
	return check.broken;
}
