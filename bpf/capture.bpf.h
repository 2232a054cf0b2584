/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The stack that an event is sent with: walked, and sent itself when it is new. */
#ifndef NT_BPF_CAPTURE_BPF_H
#define NT_BPF_CAPTURE_BPF_H

#include "bpf/stack.bpf.h"

/* Who reads the events is woken: functions and code stay where they are only until the next
 * collection. */
static __always_inline void stack_send(void *ctx, struct scratch *s, __u64 id, __u64 epoch)
{
	struct stack_record *record = &s->record;
	__u32 n = s->ends.n;
	__u8 seen = 1;

	if (n > NT_STACK_MAX_LOGICAL)
		return;
	stack_share_in(s);
	event_fill(&record->event, NT_EVENT_STACK); /* no sequence number: no event of the thread */
	record->event.a = id;
	record->event.b = epoch;
	record->event.text_len = n * sizeof(struct nt_frame);
	count(NT_COUNTER_STACKS_NEW);
	if (event_send_flags(ctx, &record->event,
			     sizeof(record->event) + n * sizeof(struct nt_frame),
			     BPF_RB_FORCE_WAKEUP))
		return; /* not marked as seen: the next one is sent again */
	bpf_map_update_elem(&stack_seen, &id, &seen, BPF_ANY);
}

/* Sends the stack that was walked, if it is new. Returns its id. */
static __always_inline __u64 stack_tell(void *ctx, struct nt_thread *thread, struct scratch *s)
{
	__u64 id = s->ends.id;

	count(NT_COUNTER_STACKS);
	if (!bpf_map_lookup_elem(&stack_seen, &id))
		stack_send(ctx, s, id, thread->gc_epoch);
	return id;
}

/* Captures the current stack with a scratch buffer that the caller holds. Returns its id, 0 none. */
static __always_inline __u64 stack_capture_in(struct pt_regs *ctx, struct nt_thread *thread,
					      struct scratch *s, __u64 cookie)
{
	sight_begin(thread);
	if (!cfg.stacks && !cfg.closures)
		return 0;
	s->ends.ip = ctx->ip;
	s->ends.sp = ctx->sp;
	s->ends.bp = ctx->bp;
	s->ends.state = NT_COOKIE_FRAME(cookie);
	if (!stack_walk_in(thread, s) || !cfg.stacks)
		return 0;
	return stack_tell(ctx, thread, s);
}

#endif
