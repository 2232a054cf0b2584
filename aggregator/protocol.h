/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a request was asked in, and what came and went on a connection that it made a WebSocket. */
#ifndef NT_AGGREGATOR_PROTOCOL_H
#define NT_AGGREGATOR_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* X(NAME, plain, over TLS): as they are shown */
#define PROTOCOLS(X)                         \
	X(UNKNOWN, "", "")                   \
	X(HTTP_1, "http/1", "https/1")       \
	X(HTTP_1_0, "http/1.0", "https/1.0") \
	X(HTTP_1_1, "http/1.1", "https/1.1") \
	X(HTTP_2, "h2c", "h2")

enum protocol {
#define PROTOCOL_ENUM(name, plain, tls) PROTOCOL_##name,
	PROTOCOLS(PROTOCOL_ENUM)
#undef PROTOCOL_ENUM
	PROTOCOL_COUNT,
};

/* Its name, "" when it is not known; never NULL. HTTP_1 is one of which the rest was not seen. */
const char *protocol_name(enum protocol protocol, bool tls);
/* The one of HTTP that has this version. */
enum protocol protocol_of_http(uint32_t major, uint32_t minor);

/* One direction of a WebSocket. Messages count when their last frame begins. */
struct websocket_side {
	uint64_t bytes; /* cleartext, frames' heads and compression included */
	uint64_t text;  /* messages */
	uint64_t binary;
	uint64_t pings;
	uint64_t pongs;
	uint64_t closes;
	bool at_least; /* it could not be followed any more: there may be more messages */
	bool deflated; /* some messages are compressed (permessage-deflate) */
};

struct websocket {
	struct websocket_side in;
	struct websocket_side out;
};

/* A copy in the arena; NULL of NULL, and when memory is short. */
struct websocket *websocket_copy(struct arena *arena, const struct websocket *websocket);

#endif
