/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Connections to other servers, and what is asked over them. Private to the engine.
 *
 * Requests over HTTP/1 are one operation each: it begins where the connection was asked for, when
 * that was opened for it, and ends with the last byte of the response. Responses come in the order of
 * the requests, whoever wrote them; where one ends tells its own framing.
 *
 * Over any other protocol an operation is what one request says and hears on a connection: bytes out,
 * then bytes in, and again while nobody else has used it. Those do not hold their request back.
 */
#ifndef NT_AGGREGATOR_ENGINE_CLIENTS_H
#define NT_AGGREGATOR_ENGINE_CLIENTS_H

#include "aggregator/engine_state.h"

/* ---- engine_ops.c */

/* Its context was changed: it is put where that says; open: it goes on. */
void op_move(struct engine *engine, struct live_op *live, bool open);

/* ---- engine_clients.c */

/* What it does on its connection; made when there is nothing yet. NULL when memory is short. */
struct op_wire *op_get_wire(struct live_op *live);
int client_connect(struct engine *engine, struct engine_thread *thread, const struct event *event,
		   const struct context *context);
void client_connected(struct engine *engine, const struct event *event);
/* A connection older than the trace: its descriptor and where it goes. */
int client_peer(struct engine *engine, const struct event *event);
/* Bytes are written to a stream that is no server's connection. */
int client_write(struct engine *engine, struct engine_thread *thread, const struct event *event,
		 const struct context *context);
void client_read(struct engine *engine, const struct event *event);
/* The scope of a client's parser opens, with this id. */
void client_parsed(struct engine *engine, struct engine_thread *thread, uint64_t id);
void client_closed(struct engine *engine, uint64_t stream, uint64_t ts);
void clients_done(struct engine *engine);

#endif
