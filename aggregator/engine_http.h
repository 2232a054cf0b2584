/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* HTTP/1 connections and the responses written to them: engine_http.c and engine_response.c. */
#ifndef NT_AGGREGATOR_ENGINE_HTTP_H
#define NT_AGGREGATOR_ENGINE_HTTP_H

#include "aggregator/engine_state.h"
#include "symbolizer/base.h"

/* What became of the cleartext written to a TLS stream since all of it was written last. */
struct tls_writes {
	bool told;       /* its end is told by an event of its own */
	uint64_t clear;  /* bytes */
	uint64_t cipher; /* bytes given to the kernel or queued: more than clear when all are */
	uint64_t ts;     /* when the last of them were; 0 none */
};

/* HTTP/1 connection by its uv_stream_t. */
struct connection {
	uint64_t stream;
	uint64_t parser;    /* llhttp_t */
	uint64_t parser_id; /* its async id, of this thread */
	struct engine_thread *thread;
	bool tls;
	bool early; /* its first response is of a request from before the trace: method unknown */
	uint64_t begin_ts;     /* of the message being parsed, 0 none */
	uint64_t came_ts;      /* when its bytes came, 0 not known: not before they were read */
	uint64_t begin_number; /* of its first event */
	char url[MAX_URL];
	uint32_t url_len;
	uint32_t method;           /* of llhttp, UINT8_MAX unknown */
	uint32_t url_flags;        /* enum request_flag */
	uint64_t queue[MAX_QUEUE]; /* serials waiting for their response, in order */
	uint32_t n_queue;
	uint32_t n_beyond; /* requests after those, given up: their responses come too */
	/* response being written */
	uint64_t upgraded; /* serial of the request that turned it into something else */
	uint64_t writing;  /* serial, 0: a head is expected */
	enum body_framing framing;
	uint64_t body_left;
	/* bytes that the kernel has not taken yet */
	uint64_t flushing;  /* serial whose last bytes are queued */
	uint64_t last_sent; /* serial whose response the last write completed */
	uint32_t queued;
	uint64_t write_number; /* of the thread's last event of a write */
	struct tls_writes tls_writes;
	UT_hash_handle hh;        /* by stream */
	UT_hash_handle parser_hh; /* by llhttp_t */
};

/* The connection of a uv_stream_t, or of an llhttp_t; NULL when it is not known. */
struct connection *connection_by_stream(struct engine *engine, uint64_t stream);
struct connection *connection_by_parser(struct engine *engine, uint64_t parser);
/* Parsers and streams are both recycled: the latest pairing counts. NULL when there are too many. */
struct connection *connection_bind(struct engine *engine, uint64_t stream, uint64_t parser);
void connection_free(struct engine *engine, struct connection *connection);
/* Nothing more will be written for this request. */
void request_ended(struct engine *engine, uint64_t serial, uint64_t ts, uint32_t flags);
/* The stream carries another connection, the close of the old one was lost. The newest n_new of the
 * requests that wait are of the new one. */
void connection_reused(struct engine *engine, struct connection *connection, uint32_t n_new);
/* The response being written is over; ts 0: at the last write that was seen. */
void response_complete(struct engine *engine, struct connection *connection, uint64_t ts,
		       uint32_t flags);

/* The open request of this serial number, or NULL. */
struct live_request *request_find(struct engine *engine, uint64_t serial);

/* What is known of a request when it begins. */
struct request_start {
	uint64_t ts;        /* of its first bytes, 0 not seen */
	uint64_t came_ts;   /* when they came, 0 not known */
	const char *method; /* static */
	const char *url;
	size_t url_len; /* 0 not seen */
	uint32_t flags; /* enum request_flag */
	enum protocol protocol;
	bool tls;
};

/* enum request_flag of NT_URL_*. */
static inline uint32_t url_flags(uint64_t flags)
{
	return (flags & NT_URL_CUT ? REQUEST_URL_TRUNCATED : 0) |
	       (flags & NT_URL_QUERY_DROPPED ? REQUEST_QUERY_DROPPED : 0);
}

/* When the bytes came of a request that was read then, as its NT_URL_* tell; 0 not known, or just before. */
static inline uint64_t url_came_ts(uint64_t read_ts, uint32_t flags)
{
	uint64_t age_ns = NT_URL_AGE_US(flags) * NS_PER_US;

	return age_ns && age_ns < read_ts ? read_ts - age_ns : 0;
}

/* A new request whose headers are complete at the event. NULL when memory is short. */
struct live_request *request_begin(struct engine *engine, struct engine_thread *thread,
				   const struct event *event, const struct request_start *start);
/* The kernel has all of its bytes, or (REQUEST_ABORTED) will never have them; that is not believed
 * of a request whose end may have been lost before. */
void request_flushed_at(struct live_request *live, uint64_t ts, uint32_t flags);
/* Binds the request whose headers were just parsed to the id of its parser. */
void http_bind_parser(struct engine *engine, struct engine_thread *thread, uint64_t id);
int http_message_url(struct engine *engine, struct engine_thread *thread,
		     const struct event *event);
/* A request comes from the connection: it waits for its response, behind those that wait already.
 * The event gives its time and method. Returns 0, or -ENOMEM. */
int http_request_begin(struct engine *engine, struct engine_thread *thread,
		       struct connection *connection, const struct event *event);
int http_message_headers(struct engine *engine, struct engine_thread *thread,
			 const struct event *event);
/* True when the stream is a server connection. */
bool http_stream_write(struct engine *engine, struct engine_thread *thread,
		       const struct event *event);
void http_stream_write_queued(struct engine *engine, const struct event *event);
void http_stream_write_flushed(struct engine *engine, const struct event *event);
/* The request that upgraded this connection, 0 none. */
uint64_t http_upgraded(struct engine *engine, uint64_t stream);
/* Notes a write to a TLS stream. False: it is ciphertext. */
bool tls_note_write(struct tls_writes *writes, const struct event *event);
/* All is written, or no more will be. Returns when the last bytes were; *ret_cut: not all were. */
uint64_t tls_written(struct tls_writes *writes, uint32_t queued, const struct event *event,
		     bool *ret_cut);
void http_tls_written(struct engine *engine, const struct event *event);
/* Bytes were given to JavaScript. Returns 0, or -ENOMEM. */
int stream_read(struct engine *engine, struct engine_thread *thread, const struct event *event);
void http_stream_shutdown(struct engine *engine, const struct event *event);
void http_handle_close(struct engine *engine, const struct event *event);
/* Is it ready to be handed out? Nothing is added to it any more then. */
bool request_is_settled(const struct engine *engine, const struct live_request *live);
/* Hands out requests that ended long enough ago; all of them when `all`. */
void http_sweep(struct engine *engine, bool all);
void http_mark_lossy(struct engine *engine, struct engine_thread *thread);
/* A hole: what was on its way may have arrived in it. Those requests end with what was seen last,
 * unless more is seen within the linger time. */
void http_lost(struct engine *engine, struct engine_thread *thread);
void http_done(struct engine *engine);
void run_append(struct span **runs, uint32_t *n, uint32_t *capacity, const struct span *run);

#endif
