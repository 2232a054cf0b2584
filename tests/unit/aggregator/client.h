/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request that uses a connection to another server. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_CLIENT_H
#define NT_TESTS_UNIT_AGGREGATOR_CLIENT_H

#include "aggregator/trace.h"

#define PARSER    0x1000
#define STREAM    0x2000
#define PARSER_ID 50
#define SCOPE     0x7000
#define CLIENT    0x5000
#define CONNECT   0x6000 /* uv_connect_t */
#define HEAD      100    /* bytes of every head */

/* Whoever executes asks for a connection. Returns the id of its TCPCONNECTWRAP. */
static inline uint64_t connect_to(struct trace *trace)
{
	uint64_t id = trace_resource(trace, "TCPCONNECTWRAP");
	struct event event = trace_event(trace, NT_EVENT_CONNECT);

	event.a = CLIENT;
	event.b = CONNECT;
	event.c = id;
	trace_text(&event, "10.0.0.9:80");
	trace_feed(trace, &event);
	return id;
}

/* A read of n bytes; with a status it begins with a head. Returns its time. */
static inline uint64_t answer(struct trace *trace, uint32_t status, enum body_framing framing,
			      uint64_t length, int64_t n, uint32_t flags)
{
	struct event event = trace_event(trace, NT_EVENT_STREAM_READ);

	event.a = CLIENT;
	event.b = (uint64_t)n;
	event.arg = flags;
	event.status = status;
	event.framing = framing;
	event.content_length = length;
	event.head_length = status ? HEAD : 0;
	trace_feed(trace, &event);
	trace->ts += MS;
	return event.ts;
}

static inline void begin(struct trace *trace)
{
	trace_init(trace, 100);
	trace_request(trace, PARSER, STREAM, PARSER_ID, "/proxy");
}

#endif
