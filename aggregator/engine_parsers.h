/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Ids that serve one request after the other: of the HTTP parser of a connection, of a session of HTTP/2. Whose what
 * ran with such an id is, is asked until its request is handed out, when hundreds of others may have come.
 */
#ifndef NT_AGGREGATOR_ENGINE_PARSERS_H
#define NT_AGGREGATOR_ENGINE_PARSERS_H

#include "aggregator/engine_state.h"

/* What runs with this id is of the request from the event on that stands in pending_number. */
void parser_id_serves(struct engine *engine, struct engine_thread *thread, uint64_t id,
		      uint64_t request);
/* … and of nobody after this event. */
void parser_id_rests(struct engine *engine, const struct engine_thread *thread, uint64_t id);
/* The connection is gone; what was started in its name may still ask for a while. */
void parser_id_close(struct engine *engine, const struct engine_thread *thread, uint64_t id);
/* Nobody asks any more. It must not be among the closed ones. */
void parser_id_free(struct engine *engine, struct parser_id *parser);
/* NULL: no such id. */
struct parser_id *parser_id_find(const struct engine *engine, const struct engine_thread *thread,
				 uint64_t id);
/* The last request that it began to serve, NULL none. */
const struct parser_request *parser_request_last(const struct parser_id *parser);
/* The same as of an event of its thread. */
const struct parser_request *parser_request_as_of(const struct parser_id *parser, uint64_t number);

#endif
