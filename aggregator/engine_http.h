/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* HTTP/1 connections and the responses written to them: engine_http.c and engine_response.c. */
#ifndef NT_AGGREGATOR_ENGINE_HTTP_H
#define NT_AGGREGATOR_ENGINE_HTTP_H

#include "aggregator/engine_state.h"

struct connection *connection_by_stream(struct engine *engine, uint64_t stream);
struct connection *connection_by_parser(struct engine *engine, uint64_t parser);
/* Parsers and streams are both recycled: the latest pairing counts. NULL when there are too many. */
struct connection *connection_bind(struct engine *engine, uint64_t stream, uint64_t parser);
void connection_free(struct engine *engine, struct connection *connection);
/* The response being written is over; ts 0: at the last write that was seen. */
void response_complete(struct engine *engine, struct connection *connection, uint64_t ts,
		       uint32_t flags);

#endif
