/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What comes and goes on connections that a request upgraded: counted at that request. */
#ifndef NT_AGGREGATOR_ENGINE_WEBSOCKET_H
#define NT_AGGREGATOR_ENGINE_WEBSOCKET_H

#include "aggregator/engine_http.h"

/* Frames of a WebSocket, or that a connection became one. Returns 0, or -ENOMEM. */
int websocket_observe(struct engine *engine, const struct event *event);
/* Cleartext was written to the connection … */
void websocket_written(struct engine *engine, const struct connection *connection,
		       const struct event *event);
/* … or read from it. */
void websocket_read(struct engine *engine, const struct event *event);

#endif
