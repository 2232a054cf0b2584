/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * explain_ops RECORDING [lose EVERY COUNT] [none | ID...]: every operation that names another request than the one it was given to, and on
 * what evidence: what the ids say, and each closure on its stack with whoever made it. With `none` also those
 * that name a request and were given to nobody; with numbers of operations (`id` in ndjson) these instead.
 * The recording was made with --show-query. With `lose`, as if the ring had been full after each EVERY events for
 * the next COUNT.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/engine_births.h"
#include "aggregator/engine_http.h"
#include "aggregator/engine_jobs.h"
#include "aggregator/engine_ops.h"
#include "aggregator/replay.h"
#include "aggregator/resolve.h"
#include "symbolizer/base.h"

#define MAX_WANTED 1024
#define MAX_CHAIN  8

struct explainer {
	uint64_t wanted[MAX_WANTED]; /* operations, 0 when told */
	size_t n_wanted;
	bool none_too;
	uint64_t every, count; /* events fed, and lost, in turn; count 0: none lost */
	struct engine *engine;
};

/* The number behind `word` in a path or url, 0 none. */
static uint64_t named(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

static void want(struct explainer *explainer, const struct op *op)
{
	if (explainer->n_wanted < MAX_WANTED)
		explainer->wanted[explainer->n_wanted++] = op->id;
}

static void find_wrong(void *user, struct request *request)
{
	uint64_t own = named(request->url, "rid=");

	for (uint32_t i = 0; i < request->n_ops; i++) {
		uint64_t rid = named(request->ops[i].detail, "rid-");

		if (rid && own && rid != own)
			want(user, &request->ops[i]);
	}
	request_free(request);
}

static void find_none(void *user, const struct op *op)
{
	struct explainer *explainer = user;

	if (explainer->none_too && named(op->detail, "rid-"))
		want(explainer, op);
}

static void drop_request(void *user, struct request *request)
{
	(void)user;
	request_free(request);
}

static void print_owner(struct explainer *explainer, struct owner owner)
{
	const struct live_request *live = request_find(explainer->engine, owner.request);

	if (owner.request)
		printf("%s%s by %s", live ? live->request->url : "a request that is forgotten",
		       live && live->ended ? " (ended)" : "", evidence_name(owner.evidence));
	else
		printf("%s%s", evidence_name(owner.evidence),
		       owner.is_early ? " (had begun before)" : "");
}

static void print_context(const struct engine_thread *thread, const struct context *context)
{
	const struct id_record *record;

	switch (context->kind) {
	case CONTEXT_TOP:
		printf("nobody");
		return;
	case CONTEXT_TOKEN:
		printf("continuation %" PRIu64, context->token);
		return;
	case CONTEXT_ID:
		record = id_peek(thread, context->id);
		printf("id %" PRIu64 " (%s)", context->id,
		       record && record->wrap ? record->wrap : "JavaScript");
		return;
	case CONTEXT_BIRTH:
	case CONTEXT_UNKNOWN:
	case CONTEXT_GAP:
		printf("context of kind %d, %" PRIu64, (int)context->kind, context->id);
	}
}

static void print_sight(struct explainer *explainer, struct live_op *live, uint64_t number);

/* The last job that its handle was given. */
static void print_jobs(struct explainer *explainer, struct live_op *live, uint64_t id,
		       uint64_t asof)
{
	struct job_id *jobs = job_id_find(explainer->engine, live->thread, id);
	struct job *job = jobs ? job_at(jobs, asof) : NULL;

	if (!job)
		return;
	printf("      its job was given in ");
	print_context(live->thread, &job->context);
	printf("\n");
	print_sight(explainer, live, job->context.sight);
}

static void print_born(const struct engine_thread *thread, uint64_t id)
{
	const struct gap *gap = gap_of(thread, id);

	if (!gap)
		return;
	printf("      born in event %" PRIu64 "%s%s, from ", gap->number,
	       gap->is_pure ? ", pure" : "", gap->lossy ? ", lossy" : "");
	print_context(thread, &gap->before);
	printf(" to ");
	print_context(thread, &gap->after);
	printf("\n");
}

/* What was born in JavaScript has a trigger, and the gap it was born in. */
static void print_pairs(const struct engine_thread *thread, uint64_t id)
{
	for (int i = 0; i < MAX_CHAIN && id; i++) {
		const struct id_record *record = id_peek(thread, id);

		print_born(thread, id);
		if (record && record->created) {
			printf("      made as %s in ", record->wrap ? record->wrap : "JavaScript");
			print_context(thread, &record->parent);
			printf(" at event %" PRIu64 "\n", record->asof);
			return;
		}
		id = record ? record->pair : 0;
		if (id)
			printf("      triggered by %" PRIu64 "\n", id);
	}
}

/* From the id that executes up to where it came from. */
static void print_ids(struct explainer *explainer, struct live_op *live)
{
	struct context context = live->context;
	uint64_t asof = live->asof;

	for (int i = 0; i < MAX_CHAIN && context.kind == CONTEXT_ID; i++) {
		const struct id_record *record = id_peek(live->thread, context.id);
		struct walk walk = {.engine = explainer->engine, .thread = live->thread};

		printf("    ");
		print_context(live->thread, &context);
		printf("%s%s: ", record && record->has_jobs ? ", of many jobs" : "",
		       stream_id_find(explainer->engine, live->thread, context.id)
			       ? ", a connection"
			       : "");
		context.sight = 0;
		print_owner(explainer, walk_context(&walk, &context, asof));
		printf("\n");
		if (!record || !record->created) {
			print_pairs(live->thread, context.id);
			return;
		}
		if (record->has_jobs && !i)
			print_jobs(explainer, live, context.id, asof);
		context = record->parent;
		asof = record->asof;
		if (context.sight) {
			printf("    it was made in ");
			print_context(live->thread, &context);
			printf("\n");
			print_sight(explainer, live, context.sight);
		}
	}
}

static void print_birth(struct explainer *explainer, struct live_op *live,
			const struct sight_record *sight, uint64_t birth)
{
	struct walk walk = {.engine = explainer->engine, .thread = live->thread};
	const struct birth_record *record = paged_peek(&live->thread->births, birth);

	printf(": made in gap %" PRIu64, birth);
	if (record && record->gap.number) {
		printf("%s%s%s from ", record->gap.is_pure ? ", pure" : "",
		       record->gap.in_phase ? ", in a phase" : "",
		       record->gap.lossy ? ", lossy" : "");
		print_context(live->thread, &record->gap.before);
		printf(" to ");
		print_context(live->thread, &record->gap.after);
		if (record->gap.number > sight->since)
			printf(", in this run");
	}
	printf(": ");
	print_owner(explainer, walk_birth(&walk, birth));
	printf("\n");
}

/* Of the objects whose methods are called by the frame that told birth i, or further out. */
static void print_receivers(struct explainer *explainer, struct live_op *live,
			    const struct sight_record *sight, uint32_t i)
{
	for (uint32_t k = 0; k < sight->n_receivers; k++) {
		if (sight->receivers[k].before != i)
			continue;
		printf("    frame of a method of an object");
		print_birth(explainer, live, sight, sight->receivers[k].birth);
	}
}

static void print_closure(struct explainer *explainer, struct live_op *live,
			  const struct sight_record *sight, uint32_t i)
{
	static const char *const kinds[] = {"closes over", "around it", "in a spill slot", "value"};

	printf("    %s%s", sight->kinds >> 4 * i & NT_SIGHT_FRAME ? "frame " : "      ",
	       kinds[sight->kinds >> 4 * i & 3]);
	print_birth(explainer, live, sight, sight->births[i]);
}

static void print_sight(struct explainer *explainer, struct live_op *live, uint64_t number)
{
	const struct sight_record *sight =
		number ? paged_peek(&live->thread->sights, number) : NULL;

	printf("  the stack, innermost first:%s\n", sight ? "" : " not looked at");
	for (uint32_t i = 0; sight && i <= sight->n; i++) {
		print_receivers(explainer, live, sight, i);
		if (i < sight->n)
			print_closure(explainer, live, sight, i);
	}
}

/* The last message that came by the port that executes: where its sender was. */
static void print_message(struct explainer *explainer, struct live_op *live)
{
	struct engine_thread *thread = live->thread;
	struct port_id *port = port_id_find(explainer->engine, thread, live->context.id);
	uint32_t n = port && live->context.kind == CONTEXT_ID ? port->n : 0;
	const struct port_message *at;

	for (uint32_t i = n; i > 0 && i + MAX_PORT_MESSAGES > n; i--) {
		at = &port->messages[(i - 1) % MAX_PORT_MESSAGES];
		if (at->number > live->asof)
			continue;
		printf("  its message was sent in ");
		print_context(at->sender, &at->context);
		live->thread = at->sender;
		printf(": ");
		print_owner(explainer,
			    owner_of(explainer->engine, at->sender, &at->context, at->asof));
		printf("\n");
		print_sight(explainer, live, at->context.sight);
		live->thread = thread;
		return;
	}
}

static void explain(struct explainer *explainer, struct live_op *live)
{
	printf("%" PRIu64 " %s %s: given to ", live->op.id, live->op.type, live->op.detail);
	print_owner(explainer,
		    owner_of(explainer->engine, live->thread, &live->context, live->asof));
	printf("\n  the ids: in ");
	print_context(live->thread, &live->context);
	printf("\n");
	print_ids(explainer, live);
	print_sight(explainer, live, live->context.sight);
	print_message(explainer, live);
}

/* As long as everything is known that decided, and nothing is forgotten yet. */
static void explain_ended(struct explainer *explainer)
{
	for (size_t i = 0; i < explainer->n_wanted; i++) {
		struct live_op *live = explainer->wanted[i]
					       ? op_find(explainer->engine, explainer->wanted[i])
					       : NULL;

		if (!live || live->open)
			continue;
		explain(explainer, live);
		explainer->wanted[i] = 0;
	}
}

/* Once through the recording: to find what is wrong, or to explain it. */
static int run(const char *path, struct explainer *explainer, bool explaining)
{
	const struct engine_output output = {.user = explainer,
					     .on_request = explaining ? drop_request : find_wrong,
					     .on_unowned = explaining ? NULL : find_none};
	struct engine_options options = {.max_ops = 5000,
					 .linger_ns = NS_PER_SEC,
					 .max_memory = 256U << 20,
					 .keep_unowned = true};
	FILE *in = fopen(path, "re");
	struct replay *replay;
	struct event event;
	uint64_t last_ns = 0, n = 0;
	int got;

	if (!in || replay_new(in, &replay))
		return -1;
	options.pid = replay_header(replay)->pid;
	if (engine_new(&options, &output, &explainer->engine))
		return -1;
	while ((got = replay_next(replay, &event)) > 0) {
		if (!explainer->count ||
		    n++ % (explainer->every + explainer->count) < explainer->every)
			(void)engine_feed(explainer->engine, &event);
		last_ns = event.ts > last_ns ? event.ts : last_ns;
		if (explaining)
			explain_ended(explainer);
	}
	engine_finish(explainer->engine, last_ns);
	engine_free(explainer->engine);
	replay_free(replay);
	(void)fclose(in);
	return got;
}

int main(int argc, char **argv)
{
	static struct explainer explainer;

	int first = 2;

	if (argc < 2) {
		(void)fputs("usage: explain_ops RECORDING [lose EVERY COUNT] [none | ID...]\n",
			    stderr);
		return 2;
	}
	if (argc > 4 && !strcmp(argv[2], "lose")) {
		explainer.every = strtoull(argv[3], NULL, 10);
		explainer.count = strtoull(argv[4], NULL, 10);
		first = 5;
	}
	explainer.none_too = argc == first + 1 && !strcmp(argv[first], "none");
	for (int i = first; i < argc && !explainer.none_too && explainer.n_wanted < MAX_WANTED; i++)
		explainer.wanted[explainer.n_wanted++] = strtoull(argv[i], NULL, 10);
	if ((!explainer.n_wanted && run(argv[1], &explainer, false)) ||
	    run(argv[1], &explainer, true)) {
		(void)fprintf(stderr, "explain_ops: '%s' is no whole recording\n", argv[1]);
		return 1;
	}
	return 0;
}
