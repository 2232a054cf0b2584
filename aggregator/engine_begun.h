/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What had begun before the trace. A server that was at work when we came had requests open, and what
 * they had pending goes on: it is nobody's, whatever closures are on its stack. A callback that runs
 * again and again, as that of a socket or an interval, is no request's and serves many.
 */
#ifndef NT_AGGREGATOR_ENGINE_BEGUN_H
#define NT_AGGREGATOR_ENGINE_BEGUN_H

#include "aggregator/engine_state.h"

/* A connection that is older than the trace was at work: so may others have been. */
void begun_busy(struct engine_thread *thread);
/* The callback of this id begins to run. */
void begun_ran(struct engine_thread *thread, uint64_t id);
/* Is the id older than the trace, and was not seen to serve many? */
bool begun_is_once(const struct engine_thread *thread, uint64_t id);
void begun_done(struct engine_thread *thread);

#endif
