/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Events of operations that JavaScript starts: with its stack, and often a text. */
#ifndef NT_BPF_STARTED_BPF_H
#define NT_BPF_STARTED_BPF_H

#include "bpf/stack.bpf.h"

#define STARTED_TEXT 256

/*
 * Begins such an event, in the `large` of the scratch buffer returned, which large_send() sends and
 * scratch_give() gives back. NULL when none is free: then the event went out with `a` alone.
 */
static __always_inline struct scratch *started_begin(struct pt_regs *ctx, struct nt_thread *thread,
						     enum nt_event_kind kind, __u64 a)
{
	struct scratch *s = scratch_take();
	__u64 stack;

	if (!s) {
		event_plain(ctx, thread, kind, 0, a, 0);
		return 0;
	}
	stack = stack_capture_in(ctx, thread, s, bpf_get_attach_cookie(ctx));
	event_begin(ctx, &s->large.event, thread, kind);
	event_ids(&s->large.event, thread);
	event_stack(&s->large.event, thread, stack);
	s->large.event.a = a;
	return s;
}

/* Reads a NUL-terminated string into its text. Returns its length. */
static __always_inline __u32 started_text(struct scratch *s, __u64 address)
{
	long len = bpf_probe_read_user_str(s->large.text, STARTED_TEXT, (const void *)address);

	if (len < 0)
		count(NT_COUNTER_READ_TEXT);
	return len > 1 ? len - 1 : 0;
}

static __always_inline void started_send(struct pt_regs *ctx, struct scratch *s, __u32 text_len)
{
	large_send(ctx, &s->large, text_len);
	scratch_give(s);
}

#endif
