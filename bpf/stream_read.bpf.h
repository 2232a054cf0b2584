/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Program: bytes that a stream gives to JavaScript. Of those only the head of an HTTP response goes
 * further. Where several requests wait on a connection, one read may hold several responses: it is sent
 * in pieces, cut wherever one may begin; user space knows where the last one ended.
 */
#ifndef NT_BPF_STREAM_READ_BPF_H
#define NT_BPF_STREAM_READ_BPF_H

#include "bpf/stream.bpf.h"

#define STATUS_LINE 12 /* "HTTP/1.1 200" */
#define MAX_PIECES  8
#define PIECES_COPY 16384

struct read_state {
	struct scratch *scratch;
	__u64 base; /* address of the bytes */
	__u32 at;   /* of the piece being sent */
	__u32 next; /* where one may begin behind it */
	__u32 copied;
};

/* Is there "HTTP/1." at this place? */
static long piece_find(__u32 i, struct read_state *state)
{
	__u32 at = state->at + 1 + i;
	__u64 word;

	if (at >= PIECES_COPY - STATUS_LINE || at + STATUS_LINE > state->copied)
		return 1;
	word = *(__u64 *)&state->scratch->behind[at];
	if ((word & 0xffffffffffffffULL) != HTTP_1)
		return 0;
	state->next = at;
	return 1;
}

static __always_inline void pieces_copy(struct read_state *state, __u64 len)
{
	__u32 bounded = len > PIECES_COPY - 1 ? PIECES_COPY - 1 : len;

	asm volatile("%0 &= %1" : "+r"(bounded) : "i"(PIECES_COPY - 1));
	if (!read_bytes(state->scratch->behind, bounded, state->base))
		state->copied = bounded;
}

/* A piece from state->at to `end`; event is the one that is ready in the scratch buffer. */
static __always_inline void piece_send(struct pt_regs *ctx, struct read_state *state, __u64 end)
{
	struct large_event *large = &state->scratch->large;
	__u64 len = end - state->at;
	__u32 text_len = text_bound(len), head_len = 0;

	large->event.b = len;
	large->event.arg &= ~NT_READ_LAST_CHUNK;
	if (is_last_chunk(state->base + state->at, len))
		large->event.arg |= NT_READ_LAST_CHUNK;
	if (read_bytes(large->text, text_len, state->base + state->at)) {
		count(NT_COUNTER_READ_TEXT);
		text_len = 0;
	}
	pipeline_answered(large->event.a, large->text);
	if (!state->copied) /* else all of the buffer is taken */
		head_len = head_copy(state->scratch, state->base, len);
	head_event_send(ctx, state->scratch, text_len, head_len);
}

/* Bytes that begin with the head of a response. */
static __always_inline void head_send(struct pt_regs *ctx, struct nt_thread *thread,
				      struct read_state *state, __u64 nread)
{
	struct nt_event *event = &state->scratch->large.event;

	if (pipeline_waits(event->a) > 1)
		pieces_copy(state, nread);
	for (int i = 0; i < MAX_PIECES; i++) {
		state->next = 0;
		if (state->copied && i < MAX_PIECES - 1)
			bpf_loop(PIECES_COPY, piece_find, state, 0);
		piece_send(ctx, state, state->next ? state->next : nread);
		if (!state->next)
			break;
		state->at = state->next;
		event->arg |= NT_READ_PIECE;
		event->seq = thread->seq++;
	}
}

SEC("uprobe")
int nt_stream_read(struct pt_regs *ctx)
{
	__u64 listener = ctx->di, nread = ctx->si, buffer = ctx->dx, base, start = 0;
	struct nt_thread *thread = thread_js();
	struct read_state state = {};
	struct nt_event event;
	int tls = 0, is_frames;

	if (!thread)
		return 0;
	event_begin(ctx, &event, thread, NT_EVENT_STREAM_READ);
	event_ids(&event, thread);
	base = read_u64(listener + cfg.listener_stream);
	event.a = base ? stream_uv_of(base, &tls) : 0;
	event.b = nread;
	if (event.a) {
		event.c = tls ? read_u64(base - cfg.wrap_size + cfg.wrap_async_id)
			      : wrap_id_of(event.a);
		event.arg = tls ? NT_READ_TLS : 0;
	}
	if ((__s64)nread > 0) {
		if (event.a && is_late(thread, event.ts))
			event.arg |= socket_age_us(event.a, event.ts, 0) << 8;
		state.base = read_u64(buffer);
		if (nread >= STATUS_LINE)
			(void)read_bytes(&start, sizeof(start), state.base);
		if (is_last_chunk(state.base, nread))
			event.arg |= NT_READ_LAST_CHUNK;
	}
	is_frames = state.base && websocket_is(event.a, tls);
	if (!is_frames && (start & 0xffffffffffffffULL) == HTTP_1)
		state.scratch = scratch_take();
	if (!state.scratch) {
		event_send(ctx, &event, sizeof(event));
		if (is_frames && websocket_walk(event.a, state.base, nread, 0, 0))
			websocket_send(ctx, thread, event.a, 0);
		return 0;
	}
	state.scratch->large.event = event;
	head_send(ctx, thread, &state, nread);
	scratch_give(state.scratch);
	return 0;
}

#endif
