/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The state of the current thread, and events that carry its async ids. */
#ifndef NT_BPF_THREAD_BPF_H
#define NT_BPF_THREAD_BPF_H

#include "bpf/births.bpf.h"

static __always_inline struct nt_thread *thread_current(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&threads, &tid);
}

const volatile struct nt_thread thread_fresh = {}; /* too large for the BPF stack */

__u32 lives = NT_FIRST_LIFE; /* given out so far */

/* The current thread's state, made when it has none; env stays 0 until an event tells it. */
static __always_inline struct nt_thread *thread_any(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct nt_thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (thread)
		return thread;
	if (bpf_map_update_elem(&threads, &tid, (const void *)&thread_fresh, BPF_NOEXIST))
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

/*
 * The same at a site that has the Environment at hand: workers are met here. A thread id that was
 * given to another worker has another Environment.
 */
static __always_inline struct nt_thread *thread_of_env(__u64 env)
{
	struct nt_thread *thread = thread_any();

	if (!thread || !env)
		return thread && thread->env ? thread : 0;
	if (thread->env == env)
		return thread;
	thread->async_ids = read_u64(env + cfg.env_async_ids);
	thread->immediate_info = read_u64(env + cfg.env_immediate_info);
	thread->tick_info = read_u64(env + cfg.env_tick_info);
	thread->undefined = thread->root = thread->work = thread->outer = 0;
	__builtin_memset(thread->maps, 0, sizeof(thread->maps));
	__builtin_memset(thread->context_maps, 0, sizeof(thread->context_maps));
	__builtin_memset(thread->bound_maps, 0, sizeof(thread->bound_maps));
	thread->bytecode_map = thread->n_context_tries = 0;
	thread->depth = thread->phase = thread->holding = thread->headers = 0;
	thread->slot = 0;
	thread->top = 0;
	thread->gc_epoch = bpf_ktime_get_ns(); /* no stack is one of another isolate's */
	thread->idle_since = thread->busy_since = thread->gc_since = thread->sync_since = 0;
	thread->life = __sync_fetch_and_add(&lives, 1) + 1;
	thread->env = env;
	return thread;
}

/* size covers the event and its text; a constant, or bounded by the caller. */
static __always_inline long event_send_flags(void *ctx, struct nt_event *event, __u32 size,
					     __u64 flags)
{
	long err;

	if (cfg.transport == NT_TRANSPORT_RING)
		err = bpf_ringbuf_output(&ring, event, size, flags);
	else
		err = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, event, size);
	if (err)
		count(NT_COUNTER_LOST);
	return err;
}

static __always_inline long event_send(void *ctx, struct nt_event *event, __u32 size)
{
	return event_send_flags(ctx, event, size, BPF_RB_NO_WAKEUP);
}

/* Sends the event that was held back: something follows in its scope. */
static __noinline void held_send(void *ctx, struct nt_thread *thread)
{
	struct nt_event event;

	if (!thread)
		return;
	thread->holding = 0;
	__builtin_memcpy(&event, thread->held, sizeof(event));
	event.seq = thread->seq++;
	event_send(ctx, &event, sizeof(event));
}

static __always_inline void event_fill(struct nt_event *event, enum nt_event_kind kind)
{
	__builtin_memset(event, 0, sizeof(*event));
	event->ts = bpf_ktime_get_ns();
	event->tid = (__u32)bpf_get_current_pid_tgid();
	event->kind = kind;
}

static __always_inline void event_begin(void *ctx, struct nt_event *event, struct nt_thread *thread,
					enum nt_event_kind kind)
{
	if (thread->holding)
		held_send(ctx, thread);
	if (cfg.closures)
		births_cut(thread);
	event_fill(event, kind);
	event->seq = thread->seq++;
}

/* The stack captured last, and what it told. */
static __always_inline void event_stack(struct nt_event *event, struct nt_thread *thread,
					__u64 stack)
{
	event->stack = stack;
	event->sight = (thread->n_sight & 15) | thread->sight_kinds << 4;
	__builtin_memcpy(event->births, thread->sight, sizeof(event->births));
	__builtin_memcpy(event->functions, thread->sight_functions, sizeof(event->functions));
}

/*
 * Whether an AsyncResource was entered since the event before. Who enters one stands in async_ids_stack
 * until the next one does: at the place behind the phase's scope and what that calls. Those are
 * called once each, but for a timer that is called again: that one, by its id, is no sign.
 * https://github.com/nodejs/node/blob/v26.10.0/lib/internal/async_hooks.js: pushAsyncContext
 */
#define NESTED_AT      (2 * 2 * 8)
#define NESTED_UNKNOWN (~0ULL)

__noinline __u32 entered_since(struct nt_thread *thread)
{
	__u64 nested = 0;
	int same;

	if (!thread || !thread->phase || !cfg.env_ids_stack)
		return NT_ENTERED_UNKNOWN;
	if (read_bytes(&nested, sizeof(nested),
		       read_u64(thread->env + cfg.env_ids_stack) + NESTED_AT)) {
		thread->nested = NESTED_UNKNOWN;
		return NT_ENTERED_UNKNOWN;
	}
	same = nested == thread->nested;
	thread->nested = double_to_integer(nested) == thread->timer ? NESTED_UNKNOWN : nested;
	if (thread->phase == NT_PHASE_TIMERS && !thread->timer)
		return NT_ENTERED_UNKNOWN;
	return same ? NT_ENTERED_NONE : NT_ENTERED_SOME;
}

/*
 * Fills in the async ids. Every event of a JavaScript thread has them: gaps in the counter are
 * what tells the ids born between two events. Inside a microtask run the tick queue says nothing.
 */
static __always_inline void event_ids_but_tick(struct nt_event *event, struct nt_thread *thread)
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
	event->tick = 1; /* as far as we know */
	event->has_ids = 1;
	event->entered = entered_since(thread);
}

static __always_inline void event_ids(struct nt_event *event, struct nt_thread *thread)
{
	__u8 tick = 1; /* ticks may wait, for all we know */

	event_ids_but_tick(event, thread);
	if (read_bytes(&tick, sizeof(tick), thread->tick_info))
		count(NT_COUNTER_READ_IDS);
	event->tick = tick;
}

/* An event without text. */
static __always_inline void event_plain(void *ctx, struct nt_thread *thread,
					enum nt_event_kind kind, __u32 arg, __u64 a, __u64 b)
{
	struct nt_event event;

	event_begin(ctx, &event, thread, kind);
	event_ids(&event, thread);
	event.arg = arg;
	event.a = a;
	event.b = b;
	event_send(ctx, &event, sizeof(event));
}

/* A continuation: its token, or 0 and the event that ended the gap in which its object was allocated
 * (BIRTH_UNKNOWN: not known). Mostly inside a microtask run. */
static __always_inline void event_token(void *ctx, struct nt_thread *thread,
					enum nt_event_kind kind, __u32 arg, __u64 token,
					__u64 birth)
{
	struct nt_event event;

	event_begin(ctx, &event, thread, kind);
	event_ids_but_tick(&event, thread);
	event.arg = arg;
	event.a = token;
	event.sight = birth != BIRTH_UNKNOWN;
	event.births[0] = event.sight ? birth : 0;
	event_send(ctx, &event, sizeof(event));
}

/*
 * Holds an opening event back. Most scopes of the HTTP parser and most microtask runs are empty:
 * then neither their beginning nor their end is sent.
 */
static __always_inline void event_hold(struct nt_event *event, struct nt_thread *thread)
{
	if (cfg.closures)
		births_cut(thread);
	__builtin_memcpy(thread->held, event, sizeof(*event));
	thread->holding = 1;
}

/* Sends an event that was filled without a sequence number. */
static __always_inline void event_send_next(void *ctx, struct nt_event *event,
					    struct nt_thread *thread)
{
	if (cfg.closures)
		births_cut(thread);
	event->seq = thread->seq++;
	event_send(ctx, event, sizeof(*event));
}

/* A pair shorter than this that held nothing is not worth two events. */
#define EMPTY_NS 20000

/* Ends what the held event began. True when nothing happened in it: then nothing is to be sent. */
static __always_inline int held_drop(struct nt_thread *thread, enum nt_event_kind kind, __u64 a)
{
	const struct nt_event *held = (const struct nt_event *)thread->held;
	__u64 counter;

	if (!thread->holding || held->kind != kind || held->a != a ||
	    bpf_ktime_get_ns() - held->ts > EMPTY_NS ||
	    read_bytes(&counter, sizeof(counter), thread->async_ids + 16) ||
	    counter != held->counter)
		return 0;
	thread->holding = 0;
	thread->nested = NESTED_UNKNOWN; /* it may have told of one who entered it */
	count(NT_COUNTER_EMPTY);
	return 1;
}

/* Sends a large event with the first text_len bytes of its text. */
static __always_inline void large_send(void *ctx, struct large_event *large, __u32 text_len)
{
	text_len = text_bound(text_len);
	large->event.text_len = text_len;
	event_send(ctx, &large->event, sizeof(large->event) + text_len);
}

#endif
