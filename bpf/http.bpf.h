/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Programs: HTTP parsers, what is written to and read from streams. */
#ifndef NT_BPF_HTTP_BPF_H
#define NT_BPF_HTTP_BPF_H

#include "bpf/sockets.bpf.h"
#include "bpf/started.bpf.h"
#include "bpf/stream_read.bpf.h"

/* The uv stream that a parser's bytes come from, 0 unknown. */
static __always_inline __u64 parser_uv_of(__u64 llhttp, int *ret_tls)
{
	__u64 base = read_u64(llhttp - cfg.parser_stream);

	*ret_tls = 0;
	return base ? stream_uv_of(base, ret_tls) : 0;
}

/* Not by its parser: node gives that to another connection when the first is gone in the middle of a url. */
static __always_inline void query_end(__u64 stream, __u64 llhttp)
{
	__u64 key = stream ? stream : llhttp;

	bpf_map_delete_elem(&query_cut, &key);
}

/* Parsers of responses (type 2) are the client side: their bytes are seen at the streams. */
SEC("uprobe")
int nt_parser(struct pt_regs *ctx)
{
	__u64 llhttp = ctx->di;
	struct nt_thread *thread = thread_js();
	__u8 state[16] = {}; /* type, method, major, minor, … upgrade */
	struct nt_event event;
	__u64 stream;
	int tls;

	if (!thread || read_bytes(state, sizeof(state), llhttp + cfg.llhttp_type) || state[0] != 1)
		return 0;
	event_begin(ctx, &event, thread, NT_EVENT_MESSAGE_HEADERS);
	event_ids(&event, thread);
	event.a = llhttp;
	event.b = *(__u32 *)state | (__u64)state[(cfg.llhttp_upgrade - cfg.llhttp_type) & 15] << 32;
	event_send(ctx, &event, sizeof(event));
	stream = parser_uv_of(llhttp, &tls);
	body_begin(stream, llhttp);
	thread->headers = 1;
	if (!cfg.keep_query)
		query_end(stream, llhttp);
	return 0;
}

struct query_scan {
	struct scratch *scratch;
	__u32 len;
	__u32 cut;
};

static long query_find(__u32 i, struct query_scan *scan)
{
	if (i >= NT_TEXT_MAX || i >= scan->len)
		return 1;
	if (scan->scratch->large.text[i] != '?')
		return 0;
	scan->len = i;
	scan->cut = 1;
	return 1;
}

/* A url may come in pieces: what follows a piece that was cut at its '?' is query too. */
static __always_inline void query_drop(struct query_scan *scan, __u64 stream, __u64 llhttp)
{
	__u64 key = stream ? stream : llhttp;
	__u8 cut = 1;

	if (bpf_map_lookup_elem(&query_cut, &key)) {
		scan->len = 0;
		scan->cut = 1;
		return;
	}
	bpf_loop(NT_TEXT_MAX, query_find, scan, 0);
	if (scan->cut)
		bpf_map_update_elem(&query_cut, &key, &cut, BPF_ANY);
}

SEC("uprobe")
int nt_parser_url(struct pt_regs *ctx)
{
	__u64 llhttp = ctx->di, text = ctx->si, len = ctx->dx;
	__u64 cookie = bpf_get_attach_cookie(ctx);
	struct nt_thread *thread = thread_js();
	struct query_scan scan = {};
	struct scratch *s;
	__u64 stream;
	__u32 state;
	int tls;

	if (!thread)
		return 0;
	state = read_u32(llhttp + cfg.llhttp_type);
	if ((state & 0xff) != 1)
		return 0;
	if (cookie & NT_URL_END_IN_RDX)
		len -= text;
	stream = parser_uv_of(llhttp, &tls);
	s = scratch_take();
	if (!s) {
		event_plain(ctx, thread, NT_EVENT_MESSAGE_URL, NT_URL_CUT | (tls ? NT_URL_TLS : 0),
			    llhttp, stream);
		return 0;
	}
	event_begin(ctx, &s->large.event, thread, NT_EVENT_MESSAGE_URL);
	event_ids(&s->large.event, thread);
	s->large.event.a = llhttp;
	s->large.event.b = stream;
	s->large.event.c = state & 0xffff;
	s->large.event.arg = (len > NT_TEXT_MAX ? NT_URL_CUT : 0) | (tls ? NT_URL_TLS : 0);
	if (stream)
		s->large.event.arg |= request_age_us(thread, stream, s->large.event.ts) << 8;
	scan.scratch = s;
	scan.len = text_bound(len);
	if (read_bytes(s->large.text, text_bound(len), text)) {
		count(NT_COUNTER_READ_TEXT);
		scan.len = 0;
	}
	if (!cfg.keep_query)
		query_drop(&scan, stream, llhttp);
	if (scan.cut) /* all that may be missing is query */
		s->large.event.arg = (s->large.event.arg & ~NT_URL_CUT) | NT_URL_QUERY_DROPPED;
	large_send(ctx, &s->large, scan.len);
	scratch_give(s);
	return 0;
}

/* The StreamBase of a LibuvStreamWrap method: rdi itself in the thunk, else a base before it. */
static __always_inline __u64 stream_base_of(__u64 this, __u64 cookie)
{
	return cookie & 1 ? this + cfg.wrap_size + 0x20 : this;
}

SEC("uprobe")
int nt_stream_try_write(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), base = stream_base_of(ctx->di, cookie);
	__u64 buffers = ctx->si, n = ctx->dx, uv;
	struct nt_thread *thread = thread_js();

	if (!thread)
		return 0;
	uv = read_u64(base + cfg.stream_uv);
	stream_write_send(ctx, thread, uv, 0, read_u64(buffers), read_u64(n), 0, cookie);
	return 0;
}

SEC("uprobe")
int nt_tls_write(struct pt_regs *ctx)
{
	__u64 wrap = ctx->di, buffers = ctx->dx, n = ctx->cx;
	struct nt_thread *thread = thread_js();
	__u64 uv;
	int tls;

	if (!thread)
		return 0;
	uv = stream_uv_of(wrap + cfg.wrap_size, &tls);
	stream_write_send(ctx, thread, uv, wrap, buffers, n,
			  NT_WRITE_TLS | (cfg.tls_written ? NT_WRITE_TLS_TOLD : 0),
			  bpf_get_attach_cookie(ctx));
	return 0;
}

SEC("uprobe")
int nt_tls_written(struct pt_regs *ctx)
{
	__u64 wrap = ctx->di, status = ctx->si;
	struct nt_thread *thread = thread_js();
	int tls;

	if (thread)
		event_plain(ctx, thread, NT_EVENT_TLS_WRITTEN, 0,
			    stream_uv_of(wrap + cfg.wrap_size, &tls), status);
	return 0;
}

SEC("uprobe")
int nt_stream_write(struct pt_regs *ctx)
{
	__u64 base = stream_base_of(ctx->di, bpf_get_attach_cookie(ctx));
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_STREAM_WRITE_QUEUED, 0,
			    read_u64(base + cfg.stream_uv), 0);
	return 0;
}

SEC("uprobe")
int nt_stream_after_write(struct pt_regs *ctx)
{
	__u64 request = ctx->di, status = ctx->si;
	struct nt_thread *thread = thread_js();

	if (thread)
		event_plain(ctx, thread, NT_EVENT_STREAM_WRITE_FLUSHED, 0,
			    read_u64(request + cfg.uv_write_handle), status);
	return 0;
}

/* The next one may get its address. */
static __always_inline void connection_forget(__u64 uv)
{
	bpf_map_delete_elem(&websockets, &uv);
	bpf_map_delete_elem(&pipelines, &uv);
	query_end(uv, 0);
}

SEC("uprobe")
int nt_handle(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), di = ctx->di, si = ctx->si;
	struct nt_thread *thread = thread_js();
	struct nt_event event;

	if (!thread)
		return 0;
	event_begin(ctx, &event, thread, cookie & 0xffff);
	event_ids(&event, thread);
	event.a = cookie & NT_HANDLE_IN_RSI ? si : di;
	event.c = wrap_id_of(event.a);
	event_send(ctx, &event, sizeof(event));
	if (event.kind == NT_EVENT_HANDLE_CLOSE)
		connection_forget(event.a);
	body_forget(event.a);
	return 0;
}

#endif
