/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The events of one session of HTTP/2. */
#ifndef NT_TESTS_UNIT_AGGREGATOR_HTTP2_H
#define NT_TESTS_UNIT_AGGREGATOR_HTTP2_H

#include "aggregator/trace.h"

#define SESSION    0x1000
#define UV         0x2000
#define SESSION_ID 50
#define SCOPE      0x7000

static inline void event_of(struct trace *trace, enum nt_event_kind kind, uint64_t b, uint64_t c,
			    uint32_t arg)
{
	struct event event = trace_event(trace, kind);

	event.a = SESSION;
	event.b = b;
	event.c = c;
	event.arg = arg;
	trace_feed(trace, &event);
}

/* A stream is opened and its headers are complete; the scope that tells JavaScript is open. Returns the
 * stream's id. number: maybe | NT_HTTP2_TLS. */
static inline uint64_t open_stream(struct trace *trace, uint32_t number, const char *head)
{
	struct event event;
	uint64_t id;

	event_of(trace, NT_EVENT_HTTP2_STREAM, UV, SESSION_ID, number);
	id = trace_resource(trace, "HTTP2STREAM");
	event = trace_event(trace, NT_EVENT_HTTP2_HEADERS);
	event.a = SESSION;
	event.b = trace->age_us << 8;
	event.c = id;
	event.arg = number & ~NT_HTTP2_TLS;
	trace_text(&event, head);
	trace_feed(trace, &event);
	trace_scope(trace, SCOPE, SESSION_ID, 1, 0);
	return id;
}

static inline void respond(struct trace *trace, uint32_t number, uint32_t status)
{
	event_of(trace, NT_EVENT_HTTP2_RESPONSE, UV, status, number);
}

static inline void data(struct trace *trace, uint32_t number, uint64_t bytes, bool last)
{
	event_of(trace, NT_EVENT_HTTP2_DATA, bytes, last, number);
}

static inline void written(struct trace *trace)
{
	trace_write(trace, UV, 0, BODY_UNKNOWN, 100, 0);
}

#endif
