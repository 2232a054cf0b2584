/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/engine_websocket.h"

#include "aggregator/arena.h"

#include "symbolizer/base.h"

#define COUNT_BITS 16

/* The request that upgraded this connection, NULL none. */
static struct live_request *upgrader(struct engine *engine, uint64_t stream)
{
	return request_find(engine, http_upgraded(engine, stream));
}

static uint64_t count_of(const struct event *event, enum nt_websocket_count kind)
{
	unsigned int per_word = 64 / COUNT_BITS;
	uint64_t word = kind < per_word ? event->b : event->c;

	return word >> kind % per_word * COUNT_BITS & 0xffff;
}

static void side_add(struct websocket_side *side, const struct event *event)
{
	side->text += count_of(event, NT_WEBSOCKET_TEXT);
	side->binary += count_of(event, NT_WEBSOCKET_BINARY);
	side->closes += count_of(event, NT_WEBSOCKET_CLOSE);
	side->pings += count_of(event, NT_WEBSOCKET_PING);
	side->pongs += count_of(event, NT_WEBSOCKET_PONG);
	side->at_least |= (event->arg & NT_WEBSOCKET_LOST) != 0;
	side->deflated |= (event->arg & NT_WEBSOCKET_DEFLATED) != 0;
}

int websocket_observe(struct engine *engine, const struct event *event)
{
	struct live_request *live = upgrader(engine, event->a);
	struct websocket *websocket;

	if (!live)
		return 0; /* its upgrade was not seen */
	websocket = live->request->websocket;
	if (!websocket)
		websocket = arena_alloc(live->request->arena, sizeof(*websocket));
	if (!websocket)
		return -ENOMEM;
	live->request->websocket = websocket;
	side_add(event->arg & NT_WEBSOCKET_SENT ? &websocket->out : &websocket->in, event);
	return 0;
}

void websocket_written(struct engine *engine, const struct connection *connection,
		       const struct event *event)
{
	struct live_request *live = request_find(engine, connection->upgraded);

	if (live && live->request->websocket)
		live->request->websocket->out.bytes += event->b;
}

void websocket_read(struct engine *engine, const struct event *event)
{
	struct live_request *live = upgrader(engine, event->a);

	if (live && live->request->websocket && (int64_t)event->b > 0)
		live->request->websocket->in.bytes += event->b;
}
