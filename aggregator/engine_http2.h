/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * HTTP/2: each stream that a client opens is a request. Its headers make it, its last frame ends it
 * once that is written to the connection below the session.
 */
#ifndef NT_AGGREGATOR_ENGINE_HTTP2_H
#define NT_AGGREGATOR_ENGINE_HTTP2_H

#include "aggregator/engine_state.h"

/* What an event of HTTP/2 says of sessions, streams and requests. Returns 0, or -ENOMEM. */
int http2_observe(struct engine *engine, struct engine_thread *thread, const struct event *event);
/* A scope of this id opens, or the one at this address closes: JavaScript is told of new streams in
 * scopes of their session, one stream in each. */
void http2_scope_opened(struct engine *engine, struct engine_thread *thread, uint64_t id,
			uint64_t address);
void http2_scope_closed(struct engine *engine, struct engine_thread *thread, uint64_t address);
/* True when the stream carries a session. */
bool http2_written(struct engine *engine, const struct event *event);
void http2_write_queued(struct engine *engine, const struct event *event);
void http2_write_flushed(struct engine *engine, const struct event *event);
void http2_tls_written(struct engine *engine, const struct event *event);
/* The connection is gone, or carries something else: its close was lost. */
void http2_gone(struct engine *engine, uint64_t uv, uint64_t ts);
/* The threads of all sessions must stay: marks them as used. */
void http2_mark_threads(const struct engine *engine);
void http2_done(struct engine *engine);

#endif
