/* SPDX-License-Identifier: (GPL-2.0 OR BSD-2-Clause) */
/* The state of the current thread, and events that carry its async ids. */
#ifndef NT_BPF_THREAD_BPF_H
#define NT_BPF_THREAD_BPF_H

#include "read.bpf.h"

static __always_inline struct nt_thread *thread_current(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&threads, &tid);
}

/* The current thread's state, made when it has none; env stays 0 until an event tells it. */
static __always_inline struct nt_thread *thread_any(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct nt_thread fresh = {};
	struct nt_thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (thread)
		return thread;
	if (bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST))
		count(NT_COUNTER_THREADS_FULL);
	return bpf_map_lookup_elem(&threads, &tid);
}

/* A thread that runs JavaScript; NULL while its Environment is not known. */
static __always_inline struct nt_thread *thread_js(void)
{
	struct nt_thread *thread = thread_current();

	if (thread && thread->env)
		return thread;
	count(NT_COUNTER_NO_THREAD);
	return 0;
}

/* The same at a site that has the Environment at hand: workers are met here. */
static __always_inline struct nt_thread *thread_of_env(__u64 env)
{
	struct nt_thread *thread = thread_any();

	if (!thread || thread->env || !env)
		return thread && thread->env ? thread : 0;
	thread->async_ids = read_u64(env + cfg.env_async_ids);
	thread->immediate_info = read_u64(env + cfg.env_immediate_info);
	thread->tick_info = read_u64(env + cfg.env_tick_info);
	thread->env = env;
	return thread;
}

static __always_inline void event_begin(struct nt_event *event, struct nt_thread *thread,
					enum nt_event_kind kind)
{
	__builtin_memset(event, 0, sizeof(*event));
	event->ts = bpf_ktime_get_ns();
	event->tid = (__u32)bpf_get_current_pid_tgid();
	event->kind = kind;
	event->seq = thread->seq++;
}

/* Fills in the async ids. Every event of a JavaScript thread has them: gaps in the counter are
 * what tells the ids born between two events. */
static __always_inline void event_ids(struct nt_event *event, struct nt_thread *thread)
{
	__u64 ids[3];

	if (read_bytes(ids, sizeof(ids), thread->async_ids)) {
		count(NT_COUNTER_READ_IDS);
		return;
	}
	event->exec = ids[0];
	event->trigger = ids[1];
	event->counter = ids[2];
	thread->counter = ids[2];
	event->immediates = read_u32(thread->immediate_info);
	event->tick = read_u8(thread->tick_info);
	event->has_ids = 1;
}

/* size covers the event and its text; a constant, or bounded by the caller. */
static __always_inline long event_send(void *ctx, struct nt_event *event, __u32 size)
{
	long err;

	if (cfg.transport == NT_TRANSPORT_RING)
		err = bpf_ringbuf_output(&ring, event, size, BPF_RB_NO_WAKEUP);
	else
		err = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, event, size);
	count(err ? NT_COUNTER_LOST : NT_COUNTER_EVENTS);
	return err;
}

/* An event without text. */
static __always_inline void event_plain(void *ctx, struct nt_thread *thread,
					enum nt_event_kind kind, __u32 arg, __u64 a, __u64 b)
{
	struct nt_event event;

	event_begin(&event, thread, kind);
	event_ids(&event, thread);
	event.arg = arg;
	event.a = a;
	event.b = b;
	event_send(ctx, &event, sizeof(event));
}

/* Sends a large event with the first text_len bytes of its text. */
static __always_inline void large_send(void *ctx, struct large_event *large, __u32 text_len)
{
	text_len = text_bound(text_len);
	large->event.text_len = text_len;
	event_send(ctx, &large->event, sizeof(large->event) + text_len);
}

#endif
