/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Requests that were open when tracing began. Their beginning was not seen, but their response is:
 * a response head on a connection that is older than the trace, or bytes without a head on one that
 * is later seen to receive a request. They are flagged partial, begin with the trace and have no
 * operations: what was pending then is not guessed.
 */
#ifndef NT_AGGREGATOR_ENGINE_EARLY_H
#define NT_AGGREGATOR_ENGINE_EARLY_H

#include "aggregator/engine_http.h"

/* A write to a stream that is no known server connection. Returns the connection when it turns out
 * to be one, its request waiting for its response; NULL otherwise. */
struct connection *early_written(struct engine *engine, struct engine_thread *thread,
				 const struct event *event);
/* The stream receives a request: what was written to it before was the end of another one. */
void early_bound(struct engine *engine, struct engine_thread *thread, uint64_t stream);
/* The stream is a client's, or closed. */
void early_forget(struct engine *engine, uint64_t stream);
void early_done(struct engine *engine);

#endif
