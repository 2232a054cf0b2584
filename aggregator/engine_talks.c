/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is said over connections to other servers in protocols that are not HTTP/1. */
#include "aggregator/client_stream.h"

#include <string.h>

#include "aggregator/engine_births.h"
#include "aggregator/engine_context.h"
#include "symbolizer/base.h"

/* Is it the only request that waits for anything? */
static bool is_alone(const struct engine *engine, uint64_t serial)
{
	const struct live_request *request;

	DL_FOREACH(engine->request_list, request)
	if (request->serial != serial && !request->ended)
		return false;
	return true;
}

/*
 * Where one request gives a connection back, the code of the next that waited for it runs, and what it says is
 * its own. The ids say it is the first one's, and so would a helper that another made: nobody can tell.
 */
static struct context who_talks(struct engine *engine, struct engine_thread *thread,
				const struct context *context)
{
	struct owner owner = owner_of(engine, thread, context, thread->number);

	return owner.request && sight_is_of_another(engine, thread, context, owner.request)
		       ? context_unknown
		       : *context;
}

/* The operation that says something now: one that did before, while nobody else uses the connection. */
static struct live_op *talker(struct engine *engine, struct engine_thread *thread,
			      struct client_stream *client, const struct event *event,
			      const struct context *context)
{
	uint64_t last = client->n_talkers ? client->talkers[client->n_talkers - 1] : 0;
	struct live_op *live = last ? op_find(engine, last) : NULL;
	struct owner owner = owner_of(engine, thread, context, thread->number);
	const char *peer = client->peer ? client->peer : "";

	/* said in its own callback: an answer to what was heard there, or what others had queued */
	if (live && client->user && context->kind == CONTEXT_ID && context->id == event->c &&
	    is_alone(engine, client->user))
		return live;
	client->user = client->used && client->user != owner.request ? 0 : owner.request;
	if (live && live->request && live->request == owner.request &&
	    (client->user || !client->n_heard))
		return live;
	live = client->used ? NULL : connection_used(engine, thread, client, event, context, false);
	client->used = true;
	return live ? live : op_new(engine, thread, event, context, "net.exchange", peer);
}

int talked(struct engine *engine, struct engine_thread *thread, struct client_stream *client,
	   const struct event *event, const struct context *context)
{
	struct context known = who_talks(engine, thread, context);
	struct live_op *live = talker(engine, thread, client, event, &known);
	struct op_wire *wire = live ? op_get_wire(live) : NULL;

	if (!wire)
		return -ENOMEM;
	if (client->n_heard) { /* what was said before has been answered */
		client->n_talkers = client->n_heard = 0;
		client->reading = 0;
	}
	if (!wire->written_ns)
		wire->written_ns = event->ts;
	wire->bytes_out += event->b;
	op_end_silent(engine, live, event->ts, event->ts);
	live->op.end_ns = event->ts;
	if (client->n_talkers && client->talkers[client->n_talkers - 1] == live->id)
		return 0;
	if (client->n_talkers == MAX_TALKERS) {
		memmove(client->talkers, client->talkers + 1,
			(MAX_TALKERS - 1) * sizeof(*client->talkers));
		client->n_talkers--;
	}
	client->talkers[client->n_talkers++] = live->id;
	return 0;
}

/*
 * Bytes of some other protocol come in. Of several that wrote before, the first bytes are the first
 * one's, the next the next one's; they may be of all, so that all have been answered.
 */
void heard(struct engine *engine, struct client_stream *client, const struct event *event)
{
	uint32_t first =
		client->n_heard < client->n_talkers ? client->n_heard : client->n_talkers - 1;

	if (!client->n_talkers)
		return;
	client->n_heard++;
	for (uint32_t i = first; i < client->n_talkers; i++) {
		struct live_op *live = op_find(engine, client->talkers[i]);
		struct op_wire *wire = live ? op_get_wire(live) : NULL;

		if (!wire)
			continue;
		if (client->n_heard == 1)
			wire->round_trips++;
		if (!wire->first_byte_ns)
			wire->first_byte_ns = event->ts;
		if (i == first)
			wire->bytes_in += event->b;
		live->op.end_ns = event->ts;
	}
}
