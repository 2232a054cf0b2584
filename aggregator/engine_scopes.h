/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Callback scopes: what is open on a thread, and who executes after one opens or closes. */
#ifndef NT_AGGREGATOR_ENGINE_SCOPES_H
#define NT_AGGREGATOR_ENGINE_SCOPES_H

#include "aggregator/engine_state.h"

struct context scope_open(struct engine *engine, struct engine_thread *thread,
			  const struct event *event);
struct context scope_close(struct engine_thread *thread, const struct event *event);

#endif
