/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_parsers.h"

#include <stdlib.h>

#include "aggregator/engine_http.h"
#include "symbolizer/base.h"

#define MIN_KEPT 64   /* requests of an id, handed out or not */
#define MAX_KEPT 8192 /* … that are not handed out yet */

struct parser_id *parser_id_find(const struct engine *engine, const struct engine_thread *thread,
				 uint64_t id)
{
	struct id_key key = {.id = id, .thread = thread};
	struct parser_id *parser;

	HASH_FIND(hh, engine->parsers, &key, sizeof(key), parser);
	return parser;
}

/* The oldest one is 0. */
static struct parser_request *nth(const struct parser_id *parser, uint32_t i)
{
	uint32_t first = parser->n > parser->size ? parser->n - parser->size : 0;

	return &parser->requests[(first + i) % parser->size];
}

static uint32_t n_kept(const struct parser_id *parser)
{
	return parser->n < parser->size ? parser->n : parser->size;
}

static int grow(struct parser_id *parser, uint32_t size)
{
	struct parser_request *requests = calloc(size, sizeof(*requests));
	uint32_t n = n_kept(parser);

	if (!requests)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		requests[i] = *nth(parser, i);
	free(parser->requests);
	parser->requests = requests;
	parser->size = size;
	parser->n = n;
	return 0;
}

/* Room for one more; the oldest one goes when nobody asks for it any more, or there are too many. */
static void make_room(struct engine *engine, struct parser_id *parser)
{
	if (parser->n < parser->size || !request_find(engine, nth(parser, 0)->request))
		return;
	if (parser->size >= MAX_KEPT || grow(parser, parser->size * 2))
		engine->totals.forgotten++;
}

static struct parser_id *parser_new(struct engine *engine, const struct engine_thread *thread,
				    uint64_t id)
{
	struct parser_id *parser = calloc(1, sizeof(*parser));

	if (!parser || grow(parser, MIN_KEPT)) {
		free(parser);
		return NULL;
	}
	parser->id = id;
	parser->thread = thread;
	HASH_ADD(hh, engine->parsers, id, sizeof(struct id_key), parser);
	return parser;
}

void parser_id_serves(struct engine *engine, struct engine_thread *thread, uint64_t id,
		      uint64_t request)
{
	struct parser_id *parser = parser_id_find(engine, thread, id);

	if (!parser)
		parser = parser_new(engine, thread, id);
	if (!parser)
		return;
	make_room(engine, parser);
	parser->requests[parser->n++ % parser->size] = (struct parser_request){
		.number = thread->pending_number,
		.request = request,
	};
}

void parser_id_rests(struct engine *engine, const struct engine_thread *thread, uint64_t id)
{
	struct parser_id *parser = parser_id_find(engine, thread, id);

	if (parser)
		nth(parser, n_kept(parser) - 1)->until = thread->number;
}

void parser_id_close(struct engine *engine, const struct engine_thread *thread, uint64_t id)
{
	struct parser_id *parser = parser_id_find(engine, thread, id);

	if (!parser || parser->closed_ns)
		return;
	parser->closed_ns = engine->now;
	DL_APPEND(engine->closed_parsers, parser);
}

void parser_id_free(struct engine *engine, struct parser_id *parser)
{
	HASH_DELETE(hh, engine->parsers, parser);
	free(parser->requests);
	free(parser);
}

const struct parser_request *parser_request_last(const struct parser_id *parser)
{
	uint32_t n = n_kept(parser);

	return n ? nth(parser, n - 1) : NULL;
}

const struct parser_request *parser_request_as_of(const struct parser_id *parser, uint64_t number)
{
	size_t behind = PARTITION_POINT(i, n_kept(parser), nth(parser, i)->number <= number);

	return behind ? nth(parser, behind - 1) : NULL;
}
