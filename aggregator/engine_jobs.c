/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Handles that are given one job after the other (a deflate stream, a hash): their id is born once,
 * but each callback belongs to whoever gave the job before it.
 */
#include "aggregator/engine_jobs.h"

#include <stdlib.h>

#include "aggregator/engine_callers.h"
#include "aggregator/engine_clients.h"
#include "aggregator/engine_context.h"
#include "aggregator/engine_holes.h"
#include "aggregator/engine_ops.h"
#include "aggregator/resolve.h"

#define MAX_JOB_IDS 16384

struct job_id *job_id_find(const struct engine *engine, const struct engine_thread *thread,
			   uint64_t id)
{
	const struct id_key key = {.id = id, .thread = thread};
	struct job_id *jobs;

	HASH_FIND(hh, engine->jobs, &key, sizeof(key), jobs);
	return jobs;
}

static struct job_id *job_id_new(struct engine *engine, struct engine_thread *thread, uint64_t id)
{
	struct job_id *jobs = engine->jobs;

	if (HASH_COUNT(engine->jobs) >= MAX_JOB_IDS) { /* the oldest */
		engine->totals.forgotten++;
		HASH_DEL(engine->jobs, jobs);
		free(jobs);
	}
	jobs = calloc(1, sizeof(*jobs));
	if (!jobs)
		return NULL;
	jobs->id = id;
	jobs->thread = thread;
	HASH_ADD(hh, engine->jobs, id, sizeof(struct id_key), jobs);
	return jobs;
}

static void job_add(struct job_id *jobs, const struct context *context, uint64_t asof, uint64_t op)
{
	jobs->jobs[jobs->n++ % MAX_JOBS] =
		(struct job){.context = *context, .asof = asof, .op = op};
}

/* Whoever gives it a job is known by what is exact: what closures tell may have been left by the job before. */
static void job_count_user(struct job_id *jobs, const struct live_op *live)
{
	if (!live || !live->request || live->op.evidence >= EVIDENCE_CLOSURE)
		return;
	jobs->shared |= jobs->user && jobs->user != live->request;
	jobs->user = live->request;
}

/*
 * A queue hands on its next job where one has ended, as a limiter does, or the sender of a connection: for whom
 * is not told by the job that ended, nor by the closures that it left on the stack. Those of the next one may.
 */
static bool is_handed_on(struct engine *engine, const struct live_op *live, uint64_t id)
{
	const struct job_id *ended = live->context.kind == CONTEXT_ID
					     ? job_id_find(engine, live->thread, live->context.id)
					     : NULL;
	struct context bare = live->context;

	if (!ended || !live->context.sight)
		return false; /* or no code of the application's runs: it goes on with the same one */
	if (!ended->shared && !sight_is_by_caller(live->thread, &live->context))
		return false;
	bare.sight = 0;
	return ended->id == id ||
	       owner_of(engine, live->thread, &bare, live->asof).request == live->request;
}

void job_note(struct engine *engine, struct engine_thread *thread, struct id_record *record,
	      struct live_op *live, uint64_t id)
{
	struct job_id *jobs = job_id_find(engine, thread, id);
	bool handed_on = is_handed_on(engine, live, id);

	if (live->context.id == id && live->context.kind == CONTEXT_ID && !handed_on)
		return; /* one that the job before needs */
	if (!jobs) {
		jobs = job_id_new(engine, thread, id);
		if (!jobs)
			return;
		job_add(jobs, &record->parent, record->asof, record->op);
		job_count_user(jobs, op_find(engine, record->op));
		record->has_jobs = 1;
	}
	if (handed_on) {
		live->context = context_unknown;
		op_move(engine, live, live->open);
	}
	job_count_user(jobs, live);
	job_add(jobs, &live->context, live->asof, live->id);
}

struct job *job_at(struct job_id *jobs, uint64_t asof)
{
	uint32_t kept = jobs->n < MAX_JOBS ? jobs->n : MAX_JOBS;

	for (uint32_t i = 1; i <= kept; i++) {
		struct job *job = &jobs->jobs[(jobs->n - i) % MAX_JOBS];

		if (job->asof <= asof) /* unless another one was given since, in a hole */
			return hole_between(jobs->thread, job->asof, asof) ? NULL : job;
	}
	return NULL;
}

static const struct owner unknown = {.evidence = EVIDENCE_UNKNOWN};

struct owner job_owner(struct walk *walk, uint64_t id, uint64_t asof)
{
	struct job_id *jobs = job_id_find(walk->engine, walk->thread, id);
	struct job *job = jobs ? job_at(jobs, asof) : NULL;
	struct owner owner;

	if (!job)
		return unknown;
	if (!memo_get(walk, &job->memo, &owner)) {
		if (!walk_enter(walk, &job->memo))
			return unknown;
		owner = weaken(walk_context(walk, &job->context, job->asof), EVIDENCE_CREATED);
		walk_leave(walk, &job->memo);
		memo_put(walk, &job->memo, &owner);
	}
	if (job->op && owner.request)
		owner.op = job->op;
	return owner;
}

void jobs_done(struct engine *engine)
{
	struct job_id *jobs, *tmp;

	HASH_ITER (hh, engine->jobs, jobs, tmp) {
		HASH_DEL(engine->jobs, jobs);
		free(jobs);
	}
}
