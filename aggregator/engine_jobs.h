/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Handles that are given several jobs one after the other: whose each is. */
#ifndef NT_AGGREGATOR_ENGINE_JOBS_H
#define NT_AGGREGATOR_ENGINE_JOBS_H

#include "aggregator/engine_state.h"

struct walk;

/* One job of a handle that has many. */
struct job {
	struct context context; /* where it was given */
	uint64_t asof;
	uint64_t op;
	struct memo memo;
};

struct job_id {
	uint64_t id; /* with its thread */
	const struct engine_thread *thread;
	struct job jobs[MAX_JOBS]; /* ring, newest at n - 1 */
	uint32_t n;
	bool shared;   /* several requests gave it jobs */
	uint64_t user; /* the first that did, 0 none that is known */
	UT_hash_handle hh;
};

/* A handle whose id stood for an operation already is given another one: nobody's, when it is not known for whom
 * it was queued. */
void job_note(struct engine *engine, struct engine_thread *thread, struct id_record *record,
	      struct live_op *live, uint64_t id);
struct job_id *job_id_find(const struct engine *engine, const struct engine_thread *thread,
			   uint64_t id);
/* The last job given as of that event, or NULL when that is forgotten. */
struct job *job_at(struct job_id *jobs, uint64_t asof);
/* Inside the callback of a handle with many jobs: whoever gave it the last one as of that event. */
struct owner job_owner(struct walk *walk, uint64_t id, uint64_t asof);
void jobs_done(struct engine *engine);

#endif
