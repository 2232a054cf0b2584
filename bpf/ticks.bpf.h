/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The ticks that wait when a callback scope closes, read from node's queue.
 *
 * A tick gets its id in JavaScript, unseen, and what runs as one may show nothing either. Node runs
 * them all at the end of the outermost scope: there they wait, each with its id and with the id
 * that made it, which is not always who executes as far as events tell (AsyncResource).
 */
#ifndef NT_BPF_TICKS_BPF_H
#define NT_BPF_TICKS_BPF_H

#include "bpf/timers.bpf.h"

struct tick_scan {
	struct scratch *scratch;
	__u64 elements; /* FixedArray of the queue's first buffer */
	__u64 scope;    /* async id of the scope that closes */
	__u32 bottom;   /* index of the first that waits */
	__u32 n;        /* told */
	__u32 foreign;  /* some were made by others than the scope */
};

/* The i-th of those that wait. */
static long scan_tick(__u32 i, struct tick_scan *scan)
{
	struct timer_pair *pairs = (struct timer_pair *)scan->scratch->large.text;
	__u32 at = (scan->bottom + i) & (NT_TICK_QUEUE - 1);
	__u32 n = any_u32(scan->scratch, scan->n);
	__u64 tick, ids[2], id, trigger;

	if (n >= NT_MAX_TICKS)
		return 1;
	tick = read_field(scan->elements, cfg.array_first + at * 8);
	if (!is_heap(tick) || read_bytes(ids, sizeof(ids), tick - TAG_HEAP + cfg.tick_async_id))
		return 1;
	id = read_number(ids[0]);
	trigger = read_number(ids[1]);
	if (id == ~0ULL || !trigger || trigger >= id)
		return 0; /* made in a microtask */
	pairs[n].id = id;
	pairs[n].trigger = trigger;
	scan->foreign |= trigger != scan->scope;
	scan->n = n + 1;
	return 0;
}

/* What a function of node's own closes over that its C++ calls. */
static __always_inline __u64 callback_context(const struct nt_thread *thread, __u32 callback)
{
	__u64 at = thread->env;

	if (cfg.tick_realm)
		at = read_u64(at + cfg.tick_realm);
	at = read_u64(read_u64(at + callback));
	return is_heap(at) ? read_field(at, cfg.js_function_context) : 0;
}

/* The buffer that the next tick is taken from, 0 when the queue is not as expected. */
static __always_inline __u64 tick_buffer(const struct nt_thread *thread)
{
	__u64 context = callback_context(thread, cfg.tick_callback);
	__u64 queue = is_heap(context) ? read_field(context, cfg.tick_slot) : 0;

	return is_heap(queue) ? read_field(queue, cfg.tick_tail) : 0;
}

/* Reads the ticks that wait into the scratch buffer's text. Returns how many stand there. */
__noinline __u32 ticks_read(struct nt_thread *thread, struct scratch *scratch, __u64 scope)
{
	struct tick_scan scan = {.scratch = scratch, .scope = double_to_integer(scope)};
	__u64 buffer, list, words[3];
	__u32 waiting;

	if (!thread || !scratch)
		return 0;
	count(NT_COUNTER_TICK_READS);
	buffer = tick_buffer(thread);
	if (!is_heap(buffer) ||
	    read_bytes(words, sizeof(words), buffer - TAG_HEAP + cfg.tick_bottom))
		return 0;
	list = words[2];
	scan.elements = is_heap(list) ? read_field(list, cfg.array_elements) : 0;
	if (!is_heap(scan.elements) ||
	    read_field(scan.elements, cfg.array_first - 8) != (__u64)NT_TICK_QUEUE << 32)
		return 0;
	scan.bottom = words[0] >> 32;
	waiting = ((words[1] >> 32) - scan.bottom) & (NT_TICK_QUEUE - 1);
	if (waiting > NT_MAX_TICKS) {
		count(NT_COUNTER_TICKS_CUT);
		waiting = NT_MAX_TICKS;
	}
	bpf_loop(waiting, scan_tick, &scan, 0);
	return scan.foreign ? scan.n : 0;
}

/* The scope closes; with the ticks that its end runs. */
static __always_inline void scope_close(struct pt_regs *ctx, struct nt_thread *thread)
{
	struct scratch *s = 0;
	__u32 n = 0;
	__u8 tick = 0;

	if (cfg.tick_slot && thread->depth <= 1 &&
	    !read_bytes(&tick, sizeof(tick), thread->tick_info) && tick)
		s = scratch_take();
	if (s)
		n = ticks_read(thread, s, read_u64(ctx->di + 8));
	if (!n) {
		if (s)
			scratch_give(s);
		event_plain(ctx, thread, NT_EVENT_SCOPE_CLOSE, 0, ctx->di, 0);
		return;
	}
	event_begin(ctx, &s->large.event, thread, NT_EVENT_SCOPE_CLOSE);
	event_ids(&s->large.event, thread);
	s->large.event.a = ctx->di;
	s->large.event.arg = n;
	large_send(ctx, &s->large, n * sizeof(struct timer_pair));
	scratch_give(s);
}

#endif
