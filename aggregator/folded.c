/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/folded.h"

#include <inttypes.h>
#include <search.h>
#include <string.h>

#include "aggregator/folded_frame.h"
#include "aggregator/text.h"
#include "aggregator/wall.h"
#include "symbolizer/base.h"

#define MAX_DEPTH 128  /* frames of operations in a path */
#define MAX_PATH  8192 /* bytes of a path */
#define MAX_FRAME 256  /* bytes of a frame */
#define OTHER     "(other)"
#define SAMPLED   "[sampled]"

struct path {
	uint64_t value; /* ns, or a count */
	char text[];
};

struct folded {
	enum folded_metric metric;
	size_t max_paths;
	size_t n_paths;
	void *paths;        /* search tree of struct path, by text */
	struct path *probe; /* what is looked up, room for MAX_PATH bytes */
	size_t len;         /* of the text of `probe` */
};

/* The values of one request: each operation's, and its own. */
struct shares {
	uint32_t *depth;
	uint64_t *self;
	uint64_t own;
};

struct writer {
	FILE *out;
	uint64_t unit; /* one written unit: 1000 ns, or 1 */
	uint64_t rest;
	uint64_t sum;
};

static const char *const metric_names[] = {
#define FOLDED_METRIC_NAME(name, text) [FOLDED_##name] = (text),
	FOLDED_METRICS(FOLDED_METRIC_NAME)
#undef FOLDED_METRIC_NAME
};
_Static_assert(ARRAY_SIZE(metric_names) == FOLDED_METRIC_COUNT, "one name for each metric");

static int compare_paths(const void *left, const void *right)
{
	const struct path *a = left;
	const struct path *b = right;

	return strcmp(a->text, b->text);
}

/* Adds to the path in folded->probe. Returns 0, -ENOMEM, or -ENOENT when the path is new and may
 * not be added. */
static int add_value(struct folded *folded, uint64_t value, bool may_add)
{
	struct path **found = tfind(folded->probe, &folded->paths, compare_paths);
	struct path *path;

	if (found) {
		(*found)->value += value;
		return 0;
	}
	if (!may_add)
		return -ENOENT;
	path = calloc(1, sizeof(*path) + folded->len + 1);
	if (!path)
		return -ENOMEM;
	memcpy(path->text, folded->probe->text, folded->len);
	path->value = value;
	if (!tsearch(path, &folded->paths, compare_paths)) {
		free(path);
		return -ENOMEM;
	}
	folded->n_paths++;
	return 0;
}

/* Appends a frame to the path in folded->probe. False when there is no room. */
static bool push_frame(struct folded *folded, char *frame)
{
	size_t len = folded_frame_clean(frame);
	size_t separator = folded->len ? 1 : 0;

	if (folded->len + separator + len >= MAX_PATH)
		return false;
	if (separator)
		folded->probe->text[folded->len++] = ';';
	memcpy(folded->probe->text + folded->len, frame, len + 1);
	folded->len += len;
	return true;
}

static void push_request(struct folded *folded, const struct request *request)
{
	char frame[MAX_FRAME + 3];
	const char *unseen = request_unseen(request);
	int path_len = (int)strcspn(request->url, "?");
	size_t len;

	if (unseen)
		len = (size_t)snprintf(frame, MAX_FRAME, "? (%s)", unseen);
	else
		len = (size_t)snprintf(frame, MAX_FRAME, "%s %.*s", request->method, path_len,
				       request->url);
	if (len >= MAX_FRAME)
		frame[text_boundary(frame, MAX_FRAME - 1)] = '\0';
	(void)push_frame(folded, frame);
}

static void push_ops(struct folded *folded, const struct request *request, const uint32_t *depth,
		     uint32_t leaf)
{
	uint32_t chain[MAX_DEPTH];
	char frame[MAX_FRAME + 3];
	uint32_t n = 0;

	while (depth[leaf] >= MAX_DEPTH)
		leaf = request->ops[leaf].parent;
	for (; n < MAX_DEPTH; leaf = request->ops[leaf].parent) {
		chain[n++] = leaf;
		if (depth[leaf] == 0)
			break;
	}
	while (n--) {
		(void)op_label(&request->ops[chain[n]], frame, MAX_FRAME);
		if (!push_frame(folded, frame))
			return;
	}
}

static void begin_path(struct folded *folded)
{
	folded->len = 0;
	folded->probe->text[0] = '\0';
}

/* Adds to "request;(other)", or when even that has no room to "(other)". */
static int add_other(struct folded *folded, const struct request *request, uint64_t value)
{
	char frame[sizeof(OTHER) + 2] = OTHER;
	int err;

	begin_path(folded);
	push_request(folded, request);
	(void)push_frame(folded, frame);
	err = add_value(folded, value, folded->n_paths + 1 < folded->max_paths);
	if (err != -ENOENT)
		return err;
	begin_path(folded);
	(void)push_frame(folded, frame);
	return add_value(folded, value, true);
}

/* The path in folded->probe gets the value if it is known or there is room for it. */
static int add_path(struct folded *folded, const struct request *request, uint64_t value)
{
	size_t limit = folded->max_paths - (folded->max_paths + 3) / 4;
	int err = add_value(folded, value, folded->n_paths < limit);

	return err == -ENOENT ? add_other(folded, request, value) : err;
}

static void find_depths(const struct request *request, uint32_t *depth)
{
	uint32_t i;

	for (i = 0; i < request->n_ops; i++) {
		uint32_t parent = request->ops[i].parent;

		depth[i] = parent < i ? depth[parent] + 1 : 0;
	}
}

static uint64_t sum_runs(const struct span *runs, uint32_t n_runs)
{
	const struct op as_op = {.runs = (struct span *)runs, .n_runs = n_runs};

	return op_cpu_ns(&as_op);
}

static uint64_t op_value(enum folded_metric metric, const struct request *request,
			 const struct op *op)
{
	if (metric == FOLDED_CPU)
		return op_cpu_ns(op);
	if (op->flags & OP_FUNCTION)
		return 0; /* no operation */
	if (metric == FOLDED_TOTAL)
		return op_end_ns(request, op) - op->start_ns;
	return op->count;
}

static int find_shares(enum folded_metric metric, const struct request *request,
		       struct shares *shares)
{
	uint64_t own = 0;
	uint32_t i;
	int err = 0;

	find_depths(request, shares->depth);
	if (metric == FOLDED_WALL) {
		err = wall_partition(request, shares->depth, shares->self, &own);
	} else {
		for (i = 0; i < request->n_ops; i++)
			shares->self[i] = op_value(metric, request, &request->ops[i]);
		own = metric == FOLDED_CPU ? sum_runs(request->runs, request->n_runs) : 0;
	}
	shares->own = own;
	return err;
}

/* The application's own frames of a stack, outermost first; below "[sampled]", since that there was
 * nothing else in between is not known. */
static void push_stack(struct folded *folded, const struct stack *stack)
{
	char frame[MAX_FRAME + 3] = SAMPLED;
	char number[16];
	const char *slash;
	bool fits = push_frame(folded, frame);

	for (uint32_t i = stack->n_frames; fits && i--;) {
		const struct frame *at = &stack->frames[i];

		if (!frame_runs_js(at->kind) || !at->file || frame_is_of_node(at))
			continue;
		slash = strrchr(at->file, '/');
		if (at->line)
			(void)snprintf(number, sizeof(number), ":%" PRIu32, at->line);
		else
			number[0] = '\0'; /* not known */
		(void)snprintf(frame, MAX_FRAME, "%s (%s%s)", at->function,
			       slash ? slash + 1 : at->file, number);
		frame[text_boundary(frame, strlen(frame))] = '\0';
		fits = push_frame(folded, frame);
	}
}

/* As much of the time of operations, and of the handler, as samples stand for goes to their stacks. */
static int add_samples(struct folded *folded, const struct request *request, struct shares *shares)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < request->n_samples; i++) {
		const struct cpu_sample *sample = &request->samples[i];
		bool of_op = sample->op < request->n_ops;
		uint64_t *left = of_op ? &shares->self[sample->op] : &shares->own;
		uint64_t ns = sample->ns < *left ? sample->ns : *left;

		if (!ns)
			continue;
		begin_path(folded);
		push_request(folded, request);
		if (of_op)
			push_ops(folded, request, shares->depth, sample->op);
		push_stack(folded, sample->stack);
		*left -= ns;
		err = add_path(folded, request, ns);
	}
	return err;
}

static int add_shares(struct folded *folded, const struct request *request,
		      const struct shares *shares)
{
	int err = 0;
	uint32_t i;

	if (shares->own) {
		begin_path(folded);
		push_request(folded, request);
		err = add_path(folded, request, shares->own);
	}
	for (i = 0; !err && i < request->n_ops; i++) {
		if (!shares->self[i])
			continue;
		begin_path(folded);
		push_request(folded, request);
		push_ops(folded, request, shares->depth, i);
		err = add_path(folded, request, shares->self[i]);
	}
	return err;
}

static bool counts(enum folded_metric metric, enum label label)
{
	if (metric == FOLDED_LOOPQ)
		return label == LABEL_LOOP;
	if (metric == FOLDED_POOLQ)
		return label == LABEL_POOL_QUEUE;
	return true;
}

/* Each stretch of the critical path, below the operation that it is about. */
static int add_spans(struct folded *folded, const struct request *request, const uint32_t *depth)
{
	char frame[MAX_FRAME + 3];
	int err = 0;

	for (uint32_t i = 0; !err && i < request->n_labels; i++) {
		const struct label_span *span = &request->labels[i];

		if (!counts(folded->metric, span->label))
			continue;
		begin_path(folded);
		push_request(folded, request);
		if (span->op < request->n_ops)
			push_ops(folded, request, depth, span->op);
		(void)snprintf(frame, MAX_FRAME, "[%s]", label_name(span->label));
		(void)push_frame(folded, frame);
		err = add_path(folded, request, span->end_ns - span->start_ns);
	}
	return err;
}

bool folded_wants_labels(enum folded_metric metric)
{
	return metric == FOLDED_CRITICAL || metric == FOLDED_LOOPQ || metric == FOLDED_POOLQ;
}

static int add_request(struct folded *folded, const struct request *request, struct shares *shares)
{
	int err;

	if (folded_wants_labels(folded->metric)) {
		find_depths(request, shares->depth);
		return add_spans(folded, request, shares->depth);
	}
	err = find_shares(folded->metric, request, shares);
	if (!err && folded->metric == FOLDED_CPU && request->n_samples)
		err = add_samples(folded, request, shares);
	return err ? err : add_shares(folded, request, shares);
}

static void write_path(const void *node, VISIT visit, void *user)
{
	const struct path *path = *(struct path *const *)node;
	struct writer *writer = user;
	uint64_t value;

	if (visit != postorder && visit != leaf)
		return;
	value = (path->value + writer->rest) / writer->unit;
	writer->rest = (path->value + writer->rest) % writer->unit;
	if (!value)
		return;
	writer->sum += value;
	(void)fprintf(writer->out, "%s %" PRIu64 "\n", path->text, value);
}

int folded_metric_find(const char *name, enum folded_metric *ret_metric)
{
	unsigned int i;

	for (i = 0; i < FOLDED_METRIC_COUNT; i++) {
		if (!strcmp(metric_names[i], name)) {
			*ret_metric = (enum folded_metric)i;
			return 0;
		}
	}
	return -ENOENT;
}

const char *folded_metric_name(enum folded_metric metric)
{
	return metric_names[metric];
}

int folded_new(enum folded_metric metric, size_t max_paths, struct folded **ret_folded)
{
	struct folded *folded = calloc(1, sizeof(*folded));

	if (!folded)
		return -ENOMEM;
	folded->metric = metric;
	folded->max_paths = max_paths;
	folded->probe = calloc(1, sizeof(*folded->probe) + MAX_PATH);
	if (!folded->probe) {
		folded_free(folded);
		return -ENOMEM;
	}
	*ret_folded = folded;
	return 0;
}

void folded_free(struct folded *folded)
{
	if (!folded)
		return;
	tdestroy(folded->paths, free);
	free(folded->probe);
	free(folded);
}

int folded_add(struct folded *folded, const struct request *request)
{
	struct shares shares = {0};
	int err = -ENOMEM;

	shares.depth = calloc((size_t)request->n_ops + 1, sizeof(*shares.depth));
	shares.self = calloc((size_t)request->n_ops + 1, sizeof(*shares.self));
	if (shares.depth && shares.self)
		err = add_request(folded, request, &shares);
	free(shares.depth);
	free(shares.self);
	return err;
}

int folded_add_frames(struct folded *folded, const char *const *frames, size_t n, uint64_t value)
{
	char frame[MAX_FRAME + 3], other[sizeof(OTHER) + 2] = OTHER;
	int err;

	begin_path(folded);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(frame, MAX_FRAME, "%s", frames[i]);
		frame[text_boundary(frame, strlen(frame))] = '\0';
		(void)push_frame(folded, frame);
	}
	err = add_value(folded, value, folded->n_paths + 1 < folded->max_paths);
	if (err != -ENOENT)
		return err;
	begin_path(folded);
	(void)push_frame(folded, other);
	return add_value(folded, value, true);
}

int folded_write(const struct folded *folded, FILE *out, uint64_t *ret_sum)
{
	struct writer writer = {.out = out, .unit = 1};

	if (folded->metric != FOLDED_COUNT) {
		writer.unit = NS_PER_US;
		writer.rest = NS_PER_US / 2;
	}
	twalk_r(folded->paths, write_path, &writer);
	if (ferror(out))
		return -EIO;
	*ret_sum = writer.sum;
	return 0;
}
