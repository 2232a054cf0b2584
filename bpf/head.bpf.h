/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Heads of HTTP/1 messages that are longer than the text of an event mostly is. */
#ifndef NT_BPF_HEAD_BPF_H
#define NT_BPF_HEAD_BPF_H

#include "bpf/thread.bpf.h"

#define HEAD_STEP  32         /* bytes that are looked at in one turn */
#define HEAD_END   0x0a0d0a0d /* the empty line behind a head */
#define HEAD_AFTER 16 /* bytes of the body that tell whether the last chunk follows at once */

struct head_scan {
	const char *text;
	__u32 len; /* of what was copied */
	__u32 end; /* of the head, 0 not found */
};

static long head_end_find(__u32 i, struct head_scan *scan)
{
	__u32 at = i * HEAD_STEP;

	if (at >= scan->len || at >= NT_HEAD_MAX)
		return 1;
#pragma unroll
	for (__u32 k = 0; k < HEAD_STEP; k++)
		if (!scan->end && *(const __u32 *)(scan->text + at + k) == HEAD_END)
			scan->end = at + k + 4;
	return scan->end ? 1 : 0;
}

/*
 * Copies a head that is longer than NT_TEXT_MAX, and what follows it at once, from a buffer into
 * s->whole.text. Returns its length; 0: the head is shorter, or longer than NT_HEAD_MAX. Global: the
 * verifier looks at it once.
 */
__noinline __u32 head_copy(struct scratch *s, __u64 base, __u64 len)
{
	struct head_scan scan = {};
	__u32 bounded = len >= NT_HEAD_MAX ? NT_HEAD_MAX - 1 : len;

	if (!s || len <= NT_TEXT_MAX)
		return 0;
	scan.text = s->whole.text;
	scan.len = NT_TEXT_MAX;
	if (read_bytes(s->whole.text, NT_TEXT_MAX, base)) {
		count(NT_COUNTER_READ_TEXT);
		return 0;
	}
	bpf_loop(NT_TEXT_MAX / HEAD_STEP, head_end_find, &scan, 0);
	if (scan.end && scan.end <= NT_TEXT_MAX)
		return 0;
	scan.end = 0;
	scan.len = bounded;
	asm volatile("%0 &= %1" : "+r"(bounded) : "i"(NT_HEAD_MAX - 1));
	if (read_bytes(s->whole.text, bounded, base)) {
		count(NT_COUNTER_READ_TEXT);
		return 0;
	}
	bpf_loop(NT_HEAD_MAX / HEAD_STEP, head_end_find, &scan, 0);
	if (!scan.end || scan.end > scan.len)
		return 0;
	return scan.end + HEAD_AFTER < scan.len ? scan.end + HEAD_AFTER : scan.len;
}

/* Sends the large event in the scratch buffer with the first text_len bytes of its text, or with the head
 * that head_copy() returned the length of. */
static __always_inline void head_event_send(void *ctx, struct scratch *s, __u32 text_len,
					    __u32 head_len)
{
	if (!head_len) {
		large_send(ctx, &s->large, text_len);
		return;
	}
	asm volatile("%0 &= %1" : "+r"(head_len) : "i"(NT_HEAD_MAX - 1));
	s->whole.event = s->large.event;
	s->whole.event.text_len = head_len;
	s->large.event.text_len = text_bound(text_len);
	event_send(ctx, &s->whole.event, sizeof(s->whole.event) + head_len);
}

#endif
