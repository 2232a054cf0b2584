/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Threads of the pool: which jobs each of them had lately. A job that waited was kept waiting by those
 * that had the thread which then took it: libuv's queue is one for all threads, so until that thread was
 * free no other was either. Private to the engine.
 */
#ifndef NT_AGGREGATOR_ENGINE_FRONTS_H
#define NT_AGGREGATOR_ENGINE_FRONTS_H

#include "aggregator/engine_state.h"

/* The thread begins a job; live NULL: one that was submitted before the trace began. What was in front of
 * the job is put down beside it. */
void fronts_started(struct engine_thread *thread, struct live_op *live, uint64_t ts);
void fronts_ended(const struct engine *engine, struct engine_thread *thread,
		  const struct live_op *live, uint64_t ts);
/* Events of the thread were lost: what it has now is not known. */
void fronts_lost(struct engine_thread *thread);

#endif
