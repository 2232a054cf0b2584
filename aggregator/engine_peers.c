/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Connections to other servers that are older than the trace. */
#include "aggregator/client_stream.h"

#include <stdlib.h>
#include <string.h>

#include "symbolizer/base.h"

#define MAX_PEERS 65536

struct peer {
	uint32_t fd;
	char *address;
	UT_hash_handle hh;
};

struct client_stream *client_known(struct engine *engine, const struct engine_thread *thread,
				   const struct event *event)
{
	uint32_t fd = NT_WRITE_FD(event->arg);
	struct client_stream *client;
	struct peer *peer;

	if (!engine->peers || !event->c || event->c > thread->first_counter)
		return NULL;
	HASH_FIND(hh, engine->peers, &fd, sizeof(fd), peer);
	client = peer ? client_new(engine, event->a) : NULL;
	if (!client)
		return NULL;
	client->peer = peer->address;
	client->used = true;
	HASH_DEL(engine->peers, peer);
	free(peer);
	return client;
}

int client_peer(struct engine *engine, const struct event *event)
{
	uint32_t fd = event->arg;
	struct peer *peer;

	HASH_FIND(hh, engine->peers, &fd, sizeof(fd), peer);
	if (peer || HASH_COUNT(engine->peers) >= MAX_PEERS)
		return 0;
	peer = calloc(1, sizeof(*peer));
	if (peer)
		peer->address = strdup(event->text);
	if (!peer || !peer->address) {
		free(peer);
		return -ENOMEM;
	}
	peer->fd = fd;
	HASH_ADD(hh, engine->peers, fd, sizeof(peer->fd), peer);
	return 0;
}

void peers_done(struct engine *engine)
{
	struct peer *peer, *peer_tmp;

	HASH_ITER (hh, engine->peers, peer, peer_tmp) {
		HASH_DEL(engine->peers, peer);
		free(peer->address);
		free(peer);
	}
}
