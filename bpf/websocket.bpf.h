/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * WebSocket: the frames on a connection that a request upgraded. Heads of frames are walked over in the
 * target's buffers (RFC 6455, section 5.2); of what frames carry, nothing is read.
 */
#ifndef NT_BPF_WEBSOCKET_BPF_H
#define NT_BPF_WEBSOCKET_BPF_H

#include "bpf/head.bpf.h"

#define FRAME_HEAD_MAX  14        /* 2, a length of 8, a mask of 4 */
#define FRAME_STEPS_MAX (1 << 18) /* frames, pieces of frames and buffers of one write or read */
#define SWITCHING       0x313031  /* "101", the status */
#define WEBSOCKE        0x656b636f73626577ULL /* "websocke" */
#define LOWER_CASE      0x2020202020202020ULL

#define FRAME_CONTINUES 0
#define FRAME_TEXT      1
#define FRAME_BINARY    2
#define FRAME_CLOSE     8
#define FRAME_PONG      10

/* One direction. */
struct frames {
	__u64 left;    /* bytes of the frame at hand that are still to come */
	__u32 have;    /* bytes of the next frame's head that came already */
	__u32 message; /* opcode of the message whose fragments come, 0 none */
	__u32 lost;    /* where the next frame begins is not known */
	__u32 deflated;
	__u8 head[32]; /* FRAME_HEAD_MAX are used: the verifier bounds by masks */
};

struct websocket {
	struct frames sides[2]; /* what comes, what goes */
	__u32 tls;
	/* one walk */
	__u32 n;     /* buffers behind the one at hand … */
	__u64 array; /* … and where their uv_buf_t are */
	__u64 base;  /* of the one at hand: what is left */
	__u64 len;
	__u16 counts[NT_WEBSOCKET_COUNTS];
};

/* By uv_stream_t. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct websocket);
} websockets SEC(".maps");

const volatile __u64 websocket_fresh[sizeof(struct websocket) / 8] = {}; /* of a new one */

struct frame_walk {
	struct websocket *ws;
	struct frames *side;
	__u32 is_sent;
};

/* Bytes that a head has, of which so many are there; 0: that cannot be told yet. */
static __always_inline __u32 frame_head_size(const struct frames *side, __u32 have)
{
	__u32 len = side->head[1] & 127;

	if (have < 2)
		return 0;
	return 2 + (len == 126 ? 2 : len == 127 ? 8 : 0) + (side->head[1] & 128 ? 4 : 0);
}

static __always_inline __u64 frame_payload(const struct frames *side)
{
	__u64 len = side->head[1] & 127;

	if (len == 126)
		return side->head[2] << 8 | side->head[3];
	if (len < 126)
		return len;
	return __builtin_bswap64(*(const __u64 *)__builtin_assume_aligned(&side->head[2], 1));
}

/* What no endpoint sends: then these are no heads of frames. A client masks, a server does not. */
static __always_inline int frame_is_bad(const struct frames *side, __u32 is_sent, __u64 payload)
{
	__u32 opcode = side->head[0] & 15, is_last = side->head[0] & 128;

	if (side->head[0] & 0x30 || !!(side->head[1] & 128) == is_sent || payload >> 63)
		return 1;
	if (opcode >= FRAME_CLOSE)
		return opcode > FRAME_PONG || !is_last || payload > 125;
	return opcode > FRAME_BINARY || (opcode == FRAME_CONTINUES) != !!side->message;
}

/* A message counts when its last fragment begins. */
static __always_inline void frame_count(struct websocket *ws, struct frames *side)
{
	__u32 opcode = side->head[0] & 15;
	__u32 kind;

	if (opcode >= FRAME_CLOSE) {
		kind = opcode - FRAME_CLOSE + NT_WEBSOCKET_CLOSE;
	} else {
		if (opcode != FRAME_CONTINUES)
			side->message = opcode;
		if (side->head[0] & 64)
			side->deflated = 1;
		if (!(side->head[0] & 128))
			return;
		kind = side->message - FRAME_TEXT + NT_WEBSOCKET_TEXT;
		side->message = 0;
	}
	if (kind < NT_WEBSOCKET_COUNTS)
		ws->counts[kind]++;
}

static __always_inline void walk_on(struct websocket *ws, __u64 bytes)
{
	ws->base += bytes;
	ws->len -= bytes;
}

/* Reads of the head of a frame what is at hand. */
static __always_inline void frame_begin(struct frame_walk *walk)
{
	struct websocket *ws = walk->ws;
	struct frames *side = walk->side;
	__u32 have = side->have & 15, size, n = FRAME_HEAD_MAX - have;
	__u64 payload;

	if (n > ws->len)
		n = ws->len;
	asm volatile("%0 &= 15" : "+r"(n));
	if (read_bytes(side->head + have, n, ws->base)) {
		count(NT_COUNTER_READ_OBJECT);
		side->lost = 1;
		return;
	}
	size = frame_head_size(side, have + n);
	if (!size || have + n < size) {
		side->have = have + n;
		walk_on(ws, n);
		return;
	}
	walk_on(ws, size - have);
	side->have = 0;
	payload = frame_payload(side);
	if (frame_is_bad(side, walk->is_sent, payload)) {
		side->lost = 1;
		return;
	}
	side->left = payload;
	frame_count(ws, side);
}

static long frame_step(__u32 i, struct frame_walk *walk)
{
	struct websocket *ws = walk->ws;
	struct frames *side = walk->side;
	struct uv_buf buffer = {};

	(void)i;
	if (ws->len && side->left) {
		__u64 skip = side->left < ws->len ? side->left : ws->len;

		side->left -= skip;
		walk_on(ws, skip);
	} else if (ws->len) {
		frame_begin(walk);
	} else if (ws->n) {
		if (read_bytes(&buffer, sizeof(buffer), ws->array)) {
			count(NT_COUNTER_READ_OBJECT);
			side->lost = 1;
		}
		ws->array += sizeof(buffer);
		ws->n--;
		ws->base = buffer.base;
		ws->len = buffer.len;
	} else {
		return 1;
	}
	return side->lost ? 1 : 0;
}

/*
 * Walks over bytes that come (n = 0, array = 0) or go: `len` at `base`, then n buffers. Global, and with
 * all state in a map: the verifier looks at it once. Returns whether there is something to tell.
 */
__noinline int websocket_walk(__u64 uv, __u64 base, __u64 len, __u64 array, __u32 n)
{
	struct websocket *ws = bpf_map_lookup_elem(&websockets, &uv);
	struct frame_walk walk = {.ws = ws, .is_sent = !!array};
	__u64 *counts;

	if (!ws)
		return 0;
	walk.side = &ws->sides[!!array];
	if (walk.side->lost)
		return 0;
	__builtin_memset(ws->counts, 0, sizeof(ws->counts));
	ws->base = base;
	ws->len = len;
	ws->array = array;
	ws->n = n;
	bpf_loop(FRAME_STEPS_MAX, frame_step, &walk, 0);
	if (ws->len || ws->n)
		walk.side->lost = 1;
	counts = (__u64 *)ws->counts;
	return walk.side->lost || counts[0] || counts[1];
}

/* Tells what the walk found, or that there is such a connection. */
static __noinline void websocket_send(void *ctx, struct nt_thread *thread, __u64 uv, __u32 flags)
{
	struct websocket *ws = bpf_map_lookup_elem(&websockets, &uv);
	struct nt_event event;

	if (!thread)
		return;
	event_begin(ctx, &event, thread, NT_EVENT_WEBSOCKET);
	event.a = uv;
	event.arg = flags;
	if (!ws) {
		event.arg |= NT_WEBSOCKET_LOST;
	} else {
		const struct frames *side = &ws->sides[flags & NT_WEBSOCKET_SENT];

		event.arg |= (side->lost ? NT_WEBSOCKET_LOST : 0) |
			     (side->deflated ? NT_WEBSOCKET_DEFLATED : 0);
		event.b = *(__u64 *)ws->counts;
		event.c = *((__u64 *)ws->counts + 1);
	}
	event_send(ctx, &event, sizeof(event));
}

/* The head of a response that a connection becomes a WebSocket by. */
struct upgrade_scan {
	const char *text;
	__u32 len;
	__u32 end; /* of the head, 0 not seen */
	__u32 is_websocket;
};

static long upgrade_find(__u32 i, struct upgrade_scan *scan)
{
	const char *at = scan->text + (i & (NT_TEXT_MAX - 1));

	if (i + 4 > scan->len)
		return 1;
	if (*(const __u32 *)at == HEAD_END) {
		scan->end = i + 4;
		return 1;
	}
	if ((*(const __u64 *)at | LOWER_CASE) == WEBSOCKE)
		scan->is_websocket = 1;
	return 0;
}

/* A response head was written, whose beginning is in the scan. */
static __noinline void websocket_begin(void *ctx, struct nt_thread *thread, __u64 uv,
				       struct upgrade_scan *scan, __u32 tls)
{
	struct websocket *ws;

	if (!scan)
		return;
	bpf_loop(NT_TEXT_MAX, upgrade_find, scan, 0);
	if (!scan->is_websocket)
		return;
	if (bpf_map_update_elem(&websockets, &uv, (const void *)websocket_fresh, BPF_ANY))
		count(NT_COUNTER_WEBSOCKETS_FULL);
	ws = bpf_map_lookup_elem(&websockets, &uv);
	if (ws) {
		ws->tls = tls;
		ws->sides[1].lost = !scan->end;
	}
	websocket_send(ctx, thread, uv, NT_WEBSOCKET_SENT);
}

static __always_inline int is_switching(const char *text, __u32 len)
{
	return len > 12 && (*(const __u32 *)(text + 9) & 0xffffff) == SWITCHING;
}

/* Is this cleartext of a WebSocket? */
static __always_inline int websocket_is(__u64 uv, __u32 tls)
{
	const struct websocket *ws = bpf_map_lookup_elem(&websockets, &uv);

	return ws && ws->tls == tls;
}

#endif
