/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Programs: what the event loop does with its time. When it waits, when V8 collects garbage.
 *
 * Each is one record at its end, with the time of its beginning: a record more would cost the target
 * more than the probe itself.
 */
#ifndef NT_BPF_TIME_BPF_H
#define NT_BPF_TIME_BPF_H

#include "bpf/thread.bpf.h"

/* v8::GCType */
#define GC_MINOR 1
#define GC_MAJOR 4

/* Without ids, and no end of a gap between two events: nothing is born here. */
static __always_inline void time_send(void *ctx, struct nt_thread *thread, enum nt_event_kind kind,
				      __u64 since, __u32 arg)
{
	struct nt_event event;

	if (thread->holding)
		held_send(ctx, thread);
	event_fill(&event, kind);
	event.seq = thread->seq++;
	event.a = since;
	event.arg = arg;
	event_send(ctx, &event, sizeof(event));
}

/*
 * The thread's own loop, not one that a synchronous call runs inside of a callback (spawnSync): that
 * stands below the outermost scope, which is an object on the stack.
 */
static __always_inline struct nt_thread *thread_looping(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_current();

	if (!thread || !thread->env || ctx->sp < thread->outer)
		return 0;
	return thread;
}

SEC("uprobe")
int nt_loop_idle(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_looping(ctx);

	if (thread)
		thread->idle_since = bpf_ktime_get_ns();
	return 0;
}

SEC("uprobe")
int nt_loop_woke(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_looping(ctx);
	__u64 since;

	if (!thread)
		return 0;
	since = thread->idle_since;
	thread->idle_since = 0;
	thread->busy_since = bpf_ktime_get_ns();
	thread->waited = since && thread->busy_since - since > NT_WAITED_NS;
	time_send(ctx, thread, NT_EVENT_LOOP_TURN, since, 0);
	return 0;
}

SEC("uprobe")
int nt_gc_prologue(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_current();

	if (thread && thread->env) {
		thread->gc_since = bpf_ktime_get_ns();
		thread->gc_since_epoch = thread->gc_epoch;
	}
	return 0;
}

SEC("uprobe")
int nt_gc_epilogue(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_current();
	__u64 since, cookie = bpf_get_attach_cookie(ctx);
	__u32 type = ctx->si;

	if (!thread || !thread->gc_since)
		return 0;
	if (cookie & NT_GC_KIND_UNKNOWN)
		type = thread->gc_epoch == thread->gc_since_epoch ? GC_MINOR : GC_MAJOR;
	since = thread->gc_since;
	thread->gc_since = 0;
	time_send(ctx, thread, NT_EVENT_GC, since, type);
	return 0;
}

#endif
