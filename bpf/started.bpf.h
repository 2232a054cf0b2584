/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Events of operations that JavaScript starts: with its stack, and often a text. */
#ifndef NT_BPF_STARTED_BPF_H
#define NT_BPF_STARTED_BPF_H

#include "bpf/capture.bpf.h"

#define STARTED_TEXT 256

/* Where a thread made its last async resource. */
struct resource {
	__u64 counter; /* double bits, at its birth */
	__u64 stack;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct resource);
} resources SEC(".maps");

static __always_inline void resource_remember(const struct nt_thread *thread, __u64 stack)
{
	struct resource resource = {.counter = thread->counter, .stack = stack};
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_update_elem(&resources, &tid, &resource, BPF_ANY);
}

/* In a library without frame pointers: the stack of the resource that it is asked to work for. */
static __always_inline __u64 resource_stack(struct nt_thread *thread)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct resource *resource = bpf_map_lookup_elem(&resources, &tid);

	sight_begin(thread);
	return resource && resource->counter == thread->counter ? resource->stack : 0;
}

/*
 * Begins such an event, in the `large` of the scratch buffer returned, which large_send() sends and
 * scratch_give() gives back. NULL when none is free: then the event went out with `a` alone.
 */
static __always_inline struct scratch *started_begin(struct pt_regs *ctx, struct nt_thread *thread,
						     enum nt_event_kind kind, __u64 a)
{
	__u64 stack, cookie = bpf_get_attach_cookie(ctx);
	struct scratch *s = scratch_take();

	if (!s) {
		event_plain(ctx, thread, kind, 0, a, 0);
		return 0;
	}
	if (NT_COOKIE_FRAME(cookie) == NT_FRAME_NONE)
		stack = resource_stack(thread);
	else
		stack = stack_capture_in(ctx, thread, s, cookie);
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
