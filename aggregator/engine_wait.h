/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The wait that a loop is in. The kernel side tells of a wait when it is over, so an idle server would have
 * neither waited nor worked; and of one that was under way when tracing began only that it has ended.
 */
#ifndef NT_AGGREGATOR_ENGINE_WAIT_H
#define NT_AGGREGATOR_ENGINE_WAIT_H

#include "aggregator/engine_state.h"

/* NT_EVENT_LOOP_WAITS. */
void wait_told(struct engine_thread *thread, const struct event *event);
/* Something of the thread was told: it does not wait any more. */
void wait_over(struct engine_thread *thread, const struct event *event);
/* Since when it waited that woke with NT_EVENT_LOOP_TURN; the time of the event when it did not, or nobody knows. */
uint64_t wait_since(const struct engine_thread *thread, const struct event *turn);
/* How long it has waited by now, 0 it does not for all that is known. */
uint64_t wait_ns(const struct engine_thread *thread);

#endif
