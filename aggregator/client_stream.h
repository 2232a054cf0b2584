/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One connection to another server: private to engine_clients.c, engine_talks.c and engine_peers.c. */
#ifndef NT_AGGREGATOR_CLIENT_STREAM_H
#define NT_AGGREGATOR_CLIENT_STREAM_H

#include "aggregator/engine_clients.h"

#define MAX_EXCHANGES 64 /* requests written to one connection and not answered */
#define MAX_TALKERS   16 /* who wrote before anything came back */

/* A request that waits for its response. */
struct exchange {
	uint64_t op;
	bool head;   /* its response has no body */
	bool tunnel; /* CONNECT: neither has that, when all is well */
};

struct client_stream {
	uint64_t stream;
	char *peer;
	uint64_t connect; /* operation that opened it and stands for nothing else yet, 0 none */
	uint64_t lookup;  /* of the name, in whose callback that was made, 0 none */
	bool tls;
	bool is_http;
	bool opaque; /* upgraded, or a tunnel: what follows is no HTTP/1 */
	struct exchange queue[MAX_EXCHANGES];
	uint32_t n_queue;
	uint64_t reading; /* operation whose response the last bytes are of, or began with */
	/* the response being read */
	bool answering;
	enum body_framing framing;
	uint64_t left; /* BODY_LENGTH */
	/* any other protocol */
	uint64_t talkers[MAX_TALKERS]; /* operations that wrote since the last bytes came … */
	uint32_t n_talkers;
	uint32_t n_heard; /* … and how often bytes came since */
	uint64_t user;    /* the only request that has used it, 0 none or several */
	bool used;
	UT_hash_handle hh;
};

/* ---- engine_clients.c */

/* NULL when there are too many, or memory is short. */
struct client_stream *client_new(struct engine *engine, uint64_t stream);
/*
 * What is said first over a connection that was opened for it begins where that was asked for: a new
 * operation, http or of another protocol. The connect itself stays an operation as well. NULL when it was
 * not opened for it.
 */
struct live_op *connection_used(struct engine *engine, struct engine_thread *thread,
				const struct client_stream *client, const struct event *event,
				const struct context *context, bool http);

/* ---- engine_talks.c */

/* Bytes of a protocol that is not HTTP/1 go out, and come in. */
int talked(struct engine *engine, struct engine_thread *thread, struct client_stream *client,
	   const struct event *event, const struct context *context);
void heard(struct engine *engine, struct client_stream *client, const struct event *event);

/* ---- engine_peers.c */

/* A connection that is older than the trace, as far as it is known where it goes; else NULL. */
struct client_stream *client_known(struct engine *engine, const struct engine_thread *thread,
				   const struct event *event);
void peers_done(struct engine *engine);

#endif
