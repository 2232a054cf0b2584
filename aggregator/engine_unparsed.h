/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* HTTP/1 messages whose headers never were complete: half-sent ones, and what node cannot parse. */
#ifndef NT_AGGREGATOR_ENGINE_UNPARSED_H
#define NT_AGGREGATOR_ENGINE_UNPARSED_H

#include "aggregator/engine_http.h"

/* The connection that a refusal is written to of which nothing was parsed, NULL when the write is none. */
struct connection *unparsed_connection(struct engine *engine, struct engine_thread *thread,
				       const struct event *event);
/* The request that this write refuses though no headers came; NULL when it does not: the rest of a body is no
 * request. */
struct live_request *unparsed_refused(struct engine *engine, struct engine_thread *thread,
				      struct connection *connection, const struct event *event);
/* The connection is closed: what had begun to come waits for its end like other requests. */
void unparsed_closed(struct engine *engine, struct connection *connection,
		     const struct event *event);

#endif
