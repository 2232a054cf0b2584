/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Callback scopes: what is open on a thread, and who executes after one opens or closes. */
#ifndef NT_AGGREGATOR_ENGINE_SCOPES_H
#define NT_AGGREGATOR_ENGINE_SCOPES_H

#include "aggregator/engine_state.h"

/* A callback scope opens. Returns who executes once it is open. */
struct context scope_open(struct engine *engine, struct engine_thread *thread,
			  const struct event *event);
/* The innermost scope has been left before one opens at this address: its close was not seen. */
bool scope_is_stale(const struct engine_thread *thread, uint64_t address);
struct context scope_close(struct engine *engine, struct engine_thread *thread,
			   const struct event *event);

#endif
