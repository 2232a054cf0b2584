/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Programs: HTTP/2 streams that a client opened. Of the headers only :method and :path leave the
 * target, the query cut off as that of HTTP/1 is.
 */
#ifndef NT_BPF_HTTP2_BPF_H
#define NT_BPF_HTTP2_BPF_H

#include "bpf/http.bpf.h"

#define PSEUDO_HEADERS   8 /* looked at: they stand before all others, and there are five */
#define PSEUDO_NAME_MAX  7
#define PSEUDO_METHOD    0x646f6874656d3aULL /* ":method" */
#define PSEUDO_PATH      0x687461703aULL     /* ":path" */
#define HCAT_REQUEST     0                   /* nghttp2_headers_category */
#define FRAME_STREAM_ID  8 /* nghttp2_frame_hd, public ABI: length, stream_id, type, flags */
#define FRAME_FLAGS      13
#define FRAME_END_STREAM 1
#define NO_PAYLOAD       1 /* STREAM_OPTION_EMPTY_PAYLOAD */
#define STREAM_SHUT      1 /* kStreamStateShut */
#define NV_VALUE         8 /* nghttp2_nv, public ABI: name, value */

/* What an event has room for. */
#define HTTP2_PATH_MAX (NT_TEXT_MAX - NT_HTTP2_METHOD)

struct http2_key {
	__u64 session;
	__u64 id;
};

struct http2_opening {
	__u64 stream;
	__u64 age_us; /* of the read in which its headers begin */
};

/* Streams whose headers are still coming. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct http2_key);
	__type(value, struct http2_opening);
} http2_opening SEC(".maps");

/* The uv stream below a session, which is an AsyncWrap and then the listener of that stream. */
static __always_inline __u64 http2_uv(__u64 session, __u32 *ret_flags)
{
	__u64 base = read_u64(session + cfg.wrap_size + cfg.listener_stream), uv = 0;
	int tls = 0;

	if (base)
		uv = stream_uv_of(base, &tls);
	*ret_flags = tls ? NT_HTTP2_TLS : 0;
	return uv;
}

SEC("uprobe")
int nt_http2_stream(struct pt_regs *ctx)
{
	struct http2_opening opening = {.stream = ctx->di};
	struct http2_key key = {.session = ctx->si, .id = (__u32)ctx->cx};
	__u32 category = ctx->r8, flags;
	struct nt_thread *thread;
	struct nt_event event;

	if (category != HCAT_REQUEST)
		return 0;
	thread = thread_js();
	if (!thread)
		return 0;
	event_begin(ctx, &event, thread, NT_EVENT_HTTP2_STREAM);
	event_ids(&event, thread);
	event.a = key.session;
	event.b = http2_uv(key.session, &flags);
	event.c = read_u64(key.session + cfg.wrap_async_id);
	event.arg = (__u32)key.id | flags;
	if (event.b)
		opening.age_us = request_age_us(thread, event.b, event.ts);
	bpf_map_update_elem(&http2_opening, &key, &opening, BPF_ANY);
	event_send(ctx, &event, sizeof(event));
	return 0;
}

struct header_scan {
	struct scratch *scratch;
	__u64 at;
	__u64 end;
	__u64 path; /* address of the text */
	__u64 path_len;
};

static long header_take(__u32 i, struct header_scan *scan)
{
	__u64 at = scan->at + (__u64)i * cfg.http2_header_size, name = 0, text, len, value;

	if (at >= scan->end)
		return 1;
	text = read_u64(at + cfg.http2_header_name);
	len = read_u64(text + cfg.http2_text_len);
	if (!len || len > PSEUDO_NAME_MAX)
		return 0;
	if (read_bytes(&name, len & PSEUDO_NAME_MAX, read_u64(text + cfg.http2_text_base)))
		return 1;
	if ((name & 0xff) != ':')
		return 1;
	value = read_u64(at + cfg.http2_header_value);
	len = read_u64(value + cfg.http2_text_len);
	text = read_u64(value + cfg.http2_text_base);
	if (name == PSEUDO_PATH) {
		scan->path = text;
		scan->path_len = len;
	} else if (name == PSEUDO_METHOD && len < NT_HTTP2_METHOD) {
		if (read_bytes(scan->scratch->large.text, len & (NT_HTTP2_METHOD - 1), text))
			count(NT_COUNTER_READ_TEXT);
	}
	return 0;
}

static long http2_query_find(__u32 i, struct query_scan *scan)
{
	if (i >= NT_TEXT_MAX || i >= scan->len)
		return 1;
	if (scan->scratch->large.text[NT_HTTP2_METHOD + i] != '?')
		return 0;
	scan->len = i;
	scan->cut = 1;
	return 1;
}

/* Copies the path behind the method. Returns its length. */
static __always_inline __u32 http2_path(struct header_scan *found, __u32 *flags)
{
	struct query_scan scan = {.scratch = found->scratch};
	__u32 len = found->path_len < HTTP2_PATH_MAX ? found->path_len : HTTP2_PATH_MAX;

	asm volatile("%0 &= %1" : "+r"(len) : "i"(NT_TEXT_MAX - 1));
	if (read_bytes(found->scratch->large.text + NT_HTTP2_METHOD, len, found->path)) {
		count(NT_COUNTER_READ_TEXT);
		len = 0;
	}
	scan.len = len;
	if (!cfg.keep_query)
		bpf_loop(NT_TEXT_MAX, http2_query_find, &scan, 0);
	if (scan.cut)
		*flags |= NT_URL_QUERY_DROPPED;
	else if (found->path_len > HTTP2_PATH_MAX)
		*flags |= NT_URL_CUT;
	return scan.len;
}

SEC("uprobe")
int nt_http2_headers(struct pt_regs *ctx)
{
	struct http2_key key = {.session = ctx->di, .id = read_u32(ctx->si + FRAME_STREAM_ID)};
	struct http2_opening *known = bpf_map_lookup_elem(&http2_opening, &key), opening;
	struct header_scan scan = {};
	struct nt_thread *thread;
	__u32 flags = 0, len;

	if (!known)
		return 0; /* trailers, or the answer to a request of our own */
	opening = *known;
	bpf_map_delete_elem(&http2_opening, &key);
	thread = thread_js();
	if (!thread)
		return 0;
	scan.scratch = scratch_take();
	if (!scan.scratch) {
		event_plain(ctx, thread, NT_EVENT_HTTP2_HEADERS, (__u32)key.id, key.session,
			    NT_URL_CUT);
		return 0;
	}
	event_begin(ctx, &scan.scratch->large.event, thread, NT_EVENT_HTTP2_HEADERS);
	event_ids(&scan.scratch->large.event, thread);
	__builtin_memset(scan.scratch->large.text, 0, NT_HTTP2_METHOD);
	if (cfg.http2_headers) {
		scan.at = read_u64(opening.stream + cfg.http2_headers);
		scan.end = read_u64(opening.stream + cfg.http2_headers + 8);
		bpf_loop(PSEUDO_HEADERS, header_take, &scan, 0);
	}
	len = http2_path(&scan, &flags);
	scan.scratch->large.event.a = key.session;
	scan.scratch->large.event.b = flags | opening.age_us << 8;
	scan.scratch->large.event.c = read_u64(opening.stream + cfg.wrap_async_id);
	scan.scratch->large.event.arg = (__u32)key.id;
	large_send(ctx, &scan.scratch->large, NT_HTTP2_METHOD + len);
	scratch_give(scan.scratch);
	return 0;
}

/* "200": the first header that is sent is always the status. */
static __always_inline __u32 http2_status(__u64 headers)
{
	__u64 first = read_u64(headers + cfg.http2_nva);
	char text[4] = {};

	if (read_bytes(text, 3, read_u64(first + NV_VALUE))) {
		count(NT_COUNTER_READ_TEXT);
		return 0;
	}
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

/* The response, or the trailers, which end it. */
SEC("uprobe")
int nt_http2_response(struct pt_regs *ctx)
{
	__u64 wrap = ctx->di, headers = ctx->si, options = ctx->dx;
	__u64 own = wrap + cfg.wrap_size, session;
	int trailers = bpf_get_attach_cookie(ctx) & NT_HTTP2_TRAILERS;
	struct nt_thread *thread = thread_js();
	struct nt_event event;
	__u32 flags;

	if (!thread)
		return 0;
	session = read_u64(read_u64(own + cfg.http2_session) + cfg.weak_self);
	if (trailers) {
		event_begin(ctx, &event, thread, NT_EVENT_HTTP2_DATA);
		event.c = 1;
	} else {
		event_begin(ctx, &event, thread, NT_EVENT_HTTP2_RESPONSE);
		event.b = http2_uv(session, &flags);
		event.c = http2_status(headers);
		if (options & NO_PAYLOAD || read_u32(own + cfg.http2_flags) & STREAM_SHUT)
			event.c |= NT_HTTP2_NO_BODY;
	}
	event_ids(&event, thread);
	event.a = session;
	event.arg = read_u32(own + cfg.http2_id) | (trailers ? 0 : flags);
	event_send(ctx, &event, sizeof(event));
	return 0;
}

/* A DATA frame is put on its way: rdi = nghttp2_session, rsi = frame, rcx = length, r9 = session. */
SEC("uprobe")
int nt_http2_data(struct pt_regs *ctx)
{
	__u64 frame = ctx->si, len = ctx->cx, session = ctx->r9;
	struct nt_thread *thread = thread_js();
	struct nt_event event;

	if (!thread)
		return 0;
	event_begin(ctx, &event, thread, NT_EVENT_HTTP2_DATA);
	event_ids(&event, thread);
	event.a = session;
	event.b = len;
	event.c = read_u8(frame + FRAME_FLAGS) & FRAME_END_STREAM;
	event.arg = read_u32(frame + FRAME_STREAM_ID);
	event_send(ctx, &event, sizeof(event));
	return 0;
}

/* rdi = nghttp2_session, esi = stream id, edx = error code, rcx = session */
SEC("uprobe")
int nt_http2_close(struct pt_regs *ctx)
{
	__u64 id = ctx->si, code = ctx->dx, session = ctx->cx;
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_HTTP2_CLOSE, (__u32)id, session, (__u32)code);
	return 0;
}

#endif
