/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* node's streams: what is written where, and the libuv stream below a StreamBase. */
#ifndef NT_BPF_STREAM_BPF_H
#define NT_BPF_STREAM_BPF_H

#include "bpf/body.bpf.h"
#include "bpf/capture.bpf.h"
#include "bpf/head.bpf.h"
#include "bpf/sockets.bpf.h"
#include "bpf/websocket.bpf.h"

#define HEADS          (NT_WRITE_REQUEST_HEAD | NT_WRITE_RESPONSE_HEAD)
#define WRITES_OF_OURS (NT_WRITE_RESPONSE_HEAD | NT_WRITE_TLS_RECORD | NT_WRITE_LAST_CHUNK)
#define HEAD_MIN       8
#define STATUS_AT      9                   /* behind "HTTP/1.1 " */
#define HTTP_1         0x2e312f50545448ULL /* "HTTP/1." */
#define MAX_BUFFERS    131072 /* of a write; of what is beyond, only the last is looked at */

/* The uv_stream_t below a StreamBase; that of a TLS stream is its socket's. 0 unknown. */
static __always_inline __u64 stream_uv_of(__u64 base, int *ret_tls)
{
	__u64 uv = read_u64(base + cfg.stream_uv);

	*ret_tls = 0;
	if (uv == base + cfg.stream_uv_embedded)
		return uv;
	base = read_u64(base + cfg.tls_underlying);
	if (!base)
		return 0;
	uv = read_u64(base + cfg.stream_uv);
	if (uv != base + cfg.stream_uv_embedded)
		return 0;
	*ret_tls = 1;
	return uv;
}

/* The async id (double bits) of the AsyncWrap that a handle or request points back to. */
static __always_inline __u64 wrap_id_of(__u64 uv)
{
	__u64 wrap = read_u64(uv + cfg.uv_data);

	return wrap ? read_u64(wrap + cfg.wrap_async_id) : 0;
}

/* Requests written to a connection that wait for their responses. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u32);
} pipelines SEC(".maps");

static __always_inline __u32 pipeline_waits(__u64 uv)
{
	__u32 *waits = bpf_map_lookup_elem(&pipelines, &uv);

	return waits ? *waits : 0;
}

static __always_inline void pipeline_asked(__u64 uv)
{
	__u32 *waits = bpf_map_lookup_elem(&pipelines, &uv), one = 1;

	if (waits)
		(*waits)++;
	else
		bpf_map_update_elem(&pipelines, &uv, &one, BPF_ANY);
}

/* An interim response is not the answer. */
static __always_inline void pipeline_answered(__u64 uv, const char *head)
{
	__u32 *waits = bpf_map_lookup_elem(&pipelines, &uv);

	if (waits && *waits && (head[9] != '1' || head[11] == '1'))
		(*waits)--;
}

struct write_sum {
	__u64 array; /* address of the uv_buf_t array */
	__u64 total;
	__u64 last_base; /* of the last buffer that is not empty */
	__u64 last_len;
};

static long write_add(__u32 i, struct write_sum *sum)
{
	struct uv_buf buffer = {};

	if (read_bytes(&buffer, sizeof(buffer), sum->array + i * sizeof(buffer))) {
		count(NT_COUNTER_READ_OBJECT);
		return 1;
	}
	sum->total += buffer.len;
	if (buffer.len) {
		sum->last_base = buffer.base;
		sum->last_len = buffer.len;
	}
	return 0;
}

/* The buffers of a write. Returns NT_WRITE_CUT when there are too many. */
static __always_inline __u32 write_sum_up(struct write_sum *sum, __u64 n)
{
	if (n <= MAX_BUFFERS) {
		bpf_loop(n, write_add, sum, 0);
		return 0;
	}
	bpf_loop(MAX_BUFFERS, write_add, sum, 0);
	write_add(n - 1, sum);
	count(NT_COUNTER_WRITES_CUT);
	return NT_WRITE_CUT;
}

/* Is it "0\r\n" … "\r\n\r\n" as a whole, or does it end in "\r\n0\r\n\r\n"? Global: the verifier looks at it
 * once. */
__noinline int is_last_chunk(__u64 base, __u64 len)
{
	char tail[8] = {};
	char head[4] = {};

	if (len < 5 || read_bytes(tail, 7, base + len - (len < 7 ? len : 7)))
		return 0;
	if (len >= 7 && tail[0] == '\r' && tail[1] == '\n' && tail[2] == '0' && tail[3] == '\r' &&
	    tail[4] == '\n' && tail[5] == '\r' && tail[6] == '\n')
		return 1;
	if (len == 5)
		return tail[0] == '0' && tail[1] == '\r' && tail[2] == '\n' && tail[3] == '\r' &&
		       tail[4] == '\n';
	/* trailers: node writes the terminator with them as a buffer of its own */
	if (read_bytes(head, 3, base))
		return 0;
	return head[0] == '0' && head[1] == '\r' && head[2] == '\n' && len >= 7 &&
	       tail[3] == '\r' && tail[4] == '\n' && tail[5] == '\r' && tail[6] == '\n';
}

static __always_inline __u32 head_flags(__u64 first)
{
	switch ((__u32)first) {
	case 0x20544547: /* "GET " */
	case 0x54534f50: /* "POST" */
	case 0x20545550: /* "PUT " */
	case 0x44414548: /* "HEAD" */
	case 0x454c4544: /* "DELE" */
	case 0x43544150: /* "PATC" */
	case 0x4954504f: /* "OPTI" */
	case 0x4e4e4f43: /* "CONN" */
		return NT_WRITE_REQUEST_HEAD;
	}
	if ((first & 0xffffffffffffffULL) == HTTP_1)
		return NT_WRITE_RESPONSE_HEAD;
	/* change_cipher_spec, alert, handshake or application_data of version 3.x */
	return (first & 0xff) - 0x14 < 4 && (first >> 8 & 0xff) == 3 ? NT_WRITE_TLS_RECORD : 0;
}

/* Copies the start of the first buffer when it begins an HTTP head. Returns the flags. */
static __always_inline __u32 write_head(struct scratch *s, __u64 array, __u32 *ret_len)
{
	struct uv_buf first = {};
	__u64 start = 0;
	__u32 flags, len;

	*ret_len = 0;
	if (read_bytes(&first, sizeof(first), array) || first.len < HEAD_MIN ||
	    read_bytes(&start, sizeof(start), first.base))
		return 0;
	flags = head_flags(start);
	if (!(flags & HEADS))
		return flags;
	len = text_bound(first.len);
	if (read_bytes(s->large.text, len, first.base)) {
		count(NT_COUNTER_READ_TEXT);
		return flags;
	}
	*ret_len = len;
	return flags;
}

/* As head_copy(), of the first of the buffers. */
static __always_inline __u32 head_of(struct scratch *s, __u64 array)
{
	struct uv_buf first = {};

	if (read_bytes(&first, sizeof(first), array))
		return 0;
	return head_copy(s, first.base, first.len);
}

/* So long in one turn of the loop is worth a stack: what blocked it, or what comes right after that. */
#define BUSY_NS 5000000

static __always_inline int is_long_busy(struct nt_thread *thread)
{
	__u64 now = bpf_ktime_get_ns();

	if (!thread->busy_since || now - thread->busy_since < BUSY_NS)
		return 0;
	thread->busy_since = now;
	thread->waited = 0; /* what is read from here on is late */
	return 1;
}

/* What was written last to a WebSocket, or made one. */
static __always_inline void frames_sent(void *ctx, struct nt_thread *thread, struct scratch *s,
					__u64 uv, __u64 array, __u64 n)
{
	struct nt_event *event = &s->large.event;
	struct upgrade_scan scan = {.text = s->large.text, .len = event->text_len};
	__u32 tls = !!(event->arg & NT_WRITE_TLS);
	struct uv_buf first = {};

	if (event->arg & NT_WRITE_RESPONSE_HEAD && is_switching(scan.text, scan.len)) {
		websocket_begin(ctx, thread, uv, &scan, tls);
		if (!n || !scan.end || read_bytes(&first, sizeof(first), array) ||
		    first.len < scan.end)
			return;
		first.base += scan.end;
		first.len -= scan.end;
		array += sizeof(first);
		n--;
	} else if (!websocket_is(uv, tls)) {
		return;
	}
	if (websocket_walk(uv, first.base, first.len, array, n))
		websocket_send(ctx, thread, uv, NT_WEBSOCKET_SENT);
}

/*
 * Is it worth a look at the closures? The head of a request is, and what is said in other protocols: who gives a
 * connection back calls whoever waited for it, and the ids tell nothing of that one.
 */
static __always_inline int is_asked_by_closure(__u64 uv, __u32 flags)
{
	if (flags & NT_WRITE_REQUEST_HEAD)
		return cfg.stacks || cfg.closures;
	return cfg.closures && !(flags & WRITES_OF_OURS) &&
	       !websocket_is(uv, !!(flags & NT_WRITE_TLS));
}

/* Sends a STREAM_WRITE of n buffers at `array` to the uv stream; wrap is its AsyncWrap, 0 = that of uv. */
static __always_inline void stream_write_send(struct pt_regs *ctx, struct nt_thread *thread,
					      __u64 uv, __u64 wrap, __u64 array, __u64 n,
					      __u32 flags, __u64 cookie)
{
	struct scratch *s = scratch_take();
	struct write_sum sum = {.array = array};
	struct nt_event *event;
	__u64 wrap_id, stack = 0;
	__u32 len;

	if (!s) {
		event_plain(ctx, thread, NT_EVENT_STREAM_WRITE, flags, uv, 0);
		if (websocket_is(uv, !!(flags & NT_WRITE_TLS)) &&
		    websocket_walk(uv, 0, 0, array, n))
			websocket_send(ctx, thread, uv, NT_WEBSOCKET_SENT);
		return;
	}
	flags |= write_sum_up(&sum, n);
	flags |= write_head(s, array, &len);
	if (flags & NT_WRITE_RESPONSE_HEAD && len > STATUS_AT && s->large.text[STATUS_AT] == '4' &&
	    body_is_coming(uv))
		flags |= NT_WRITE_IN_BODY;
	/* a terminator is a buffer of its own at the end, or follows a head that has no body */
	if (is_last_chunk(sum.last_base, sum.last_len))
		flags |= NT_WRITE_LAST_CHUNK;
	flags = any_u32(s, flags);
	len = any_u32(s, len);
	wrap_id = wrap ? read_u64(wrap + cfg.wrap_async_id) : wrap_id_of(uv);
	if (flags & NT_WRITE_REQUEST_HEAD || !(flags & WRITES_OF_OURS))
		socket_watch(uv); /* an answer will come */
	sight_begin(thread);
	if (is_asked_by_closure(uv, flags) || (cfg.stacks && is_long_busy(thread)))
		stack = stack_capture_in(ctx, thread, s, cookie);
	event = &s->large.event;
	event_begin(ctx, event, thread, NT_EVENT_STREAM_WRITE);
	event_ids(event, thread);
	event->arg = flags | read_u32(uv + cfg.uv_stream_fd) << 8;
	event->a = uv;
	event->b = sum.total;
	event->c = wrap_id;
	if (flags & NT_WRITE_REQUEST_HEAD)
		pipeline_asked(uv);
	event_stack(event, thread, stack);
	head_event_send(ctx, s, len, flags & HEADS ? head_of(s, array) : 0);
	frames_sent(ctx, thread, s, uv, array, n);
	scratch_give(s);
}

#endif
