/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What runs right now: a callback that has not returned is in nobody's runs yet. Nothing is resolved anew, remembered
 * or changed, so that looking alters nothing: what only a search would tell is nobody's.
 */
#ifndef NT_AGGREGATOR_ENGINE_PRESENT_H
#define NT_AGGREGATOR_ENGINE_PRESENT_H

#include "aggregator/engine_state.h"

#define PRESENT_MAX 2 /* runs of a thread that are not told to the requests yet */

struct present_run {
	uint64_t op; /* id, 0 the request's own */
	struct span span;
};

/* Writes the runs of the request that its thread has not handed to it yet, in order. Returns how many. */
size_t present_runs(const struct engine *engine, const struct live_request *live,
		    struct present_run ret_runs[PRESENT_MAX]);
/* Has its thread a callback of the request's that has not returned? */
bool present_is_running(const struct engine *engine, const struct live_request *live);
/* Since when the thread's loop has been in a turn that is known to go on now; 0 it is not, or not known. */
uint64_t present_busy_since(const struct engine *engine, const struct engine_thread *thread);

#endif
