/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Programs: async resources, callback scopes, timers, loop phases. */
#ifndef NT_BPF_SCOPES_BPF_H
#define NT_BPF_SCOPES_BPF_H

#include "bpf/started.bpf.h"
#include "bpf/timer_lists.bpf.h"

#define TYPE_NAME_MAX 32

/* Where the stack that tells who asked for a resource is found. */
enum asked_at {
	ASKED_HERE = 0,  /* with what the callers close over */
	ASKED_LATER = 1, /* where libuv is asked to do it */
	ASKED_BOTH = 2   /* also here: node connects and writes in a tick of its own */
};

static __always_inline enum asked_at asked_at(__u32 name)
{
	switch (name) {
	case 0x57504354: /* "TCPW" */
	case 0x45504950: /* "PIPE" */
	case 0x57534c54: /* "TLSW" */
		return ASKED_BOTH;
	case 0x45525346: /* "FSRE" */
	case 0x43504354: /* "TCPC" */
	case 0x50545448: /* "HTTP" */
	case 0x54554853: /* "SHUT" */
	case 0x54495257: /* "WRIT" */
	case 0x41544547: /* "GETA" */
	case 0x474f5250: /* "PROG" */
	case 0x434f5250: /* "PROC" */
		return ASKED_LATER;
	}
	return ASKED_HERE;
}

SEC("uprobe")
int nt_init(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_of_env(ctx->di);
	__u64 type, stack = 0;
	struct scratch *s;
	__u32 len;
	enum asked_at asked;

	if (!thread)
		return 0;
	s = scratch_take();
	if (!s) {
		event_plain(ctx, thread, NT_EVENT_INIT, 0, 0, 0);
		return 0;
	}
	type = read_u64(ctx->dx) & ~1ULL;
	len = read_u32(type + cfg.string_length);
	len = len < TYPE_NAME_MAX ? len : TYPE_NAME_MAX - 1;
	__builtin_memset(s->large.text, 0, 4);
	if (read_bytes(s->large.text, len & (TYPE_NAME_MAX - 1), type + cfg.string_chars))
		count(NT_COUNTER_READ_TEXT);
	sight_begin(thread);
	asked = asked_at(*(__u32 *)s->large.text);
	if (asked == ASKED_HERE || (asked == ASKED_BOTH && cfg.stacks) ||
	    cfg.stacks == NT_STACKS_AT_INIT)
		stack = stack_capture_in(ctx, thread, s, bpf_get_attach_cookie(ctx));
	if (asked != ASKED_HERE)
		sight_begin(thread);
	event_begin(ctx, &s->large.event, thread, NT_EVENT_INIT);
	event_ids(&s->large.event, thread);
	event_stack(&s->large.event, thread, asked == ASKED_LATER ? 0 : stack);
	if (cfg.stacks == NT_STACKS_AT_INIT)
		resource_remember(thread, stack);
	started_send(ctx, s, len);
	return 0;
}

static __always_inline void scope_open(struct pt_regs *ctx, struct nt_thread *thread, __u64 scope,
				       __u64 ids_at, __u32 flags)
{
	struct nt_event event;
	__u64 ids[2] = {};

	if (thread->holding)
		held_send(ctx, thread);
	event_fill(&event, NT_EVENT_SCOPE_OPEN);
	event_ids(&event, thread);
	if (read_bytes(ids, sizeof(ids), ids_at))
		count(NT_COUNTER_READ_IDS);
	event.arg = flags;
	event.a = scope;
	event.b = ids[0];
	event.c = ids[1];
	/* Scopes live on the stack: what does not stand above this one has been left, though its
	 * close was not seen. */
	if (!thread->outer || scope >= thread->outer) {
		thread->outer = scope;
		thread->depth = 0;
	}
	/* a timer or immediate phase enters with id 0, and twice when there are native immediates */
	if (!thread->depth++ && ids[0])
		thread->phase = NT_PHASE_NONE;
	/* the one after the headers ties the parser to its request, even when it is empty */
	if (flags & NT_SCOPE_SKIP_TASK_QUEUES && !thread->headers)
		event_hold(&event, thread);
	else
		event_send_next(ctx, &event, thread);
	thread->headers = 0;
}

SEC("uprobe")
int nt_scope_open_env(struct pt_regs *ctx)
{
	/* all three loaded first: clang would else select the context field by a modified ctx */
	__u64 cx = ctx->cx, r8 = ctx->r8, r9 = ctx->r9;
	struct nt_thread *thread;

	asm volatile("" : "+r"(cx), "+r"(r8), "+r"(r9));
	thread = thread_of_env(ctx->si);
	if (!thread)
		return 0;
	if (cfg.scope_context_in_r8)
		scope_open(ctx, thread, ctx->di, r8, r9);
	else
		scope_open(ctx, thread, ctx->di, cx, r8);
	return 0;
}

SEC("uprobe")
int nt_scope_open_wrap(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_current();
	__u64 wrap = ctx->si, env;

	if (!thread || !thread->env) {
		env = read_u64(wrap + cfg.wrap_realm);
		if (cfg.realm_env)
			env = read_u64(env + cfg.realm_env);
		thread = thread_of_env(env);
	}
	if (thread)
		scope_open(ctx, thread, ctx->di, wrap + cfg.wrap_async_id, ctx->dx);
	return 0;
}

SEC("uprobe")
int nt_scope_close(struct pt_regs *ctx)
{
	struct nt_thread *thread;

	/* the destructor closes again */
	if (cfg.scope_closed && read_u8(ctx->di + cfg.scope_closed))
		return 0;
	thread = thread_js();
	if (!thread)
		return 0;
	if (!held_drop(thread, NT_EVENT_SCOPE_OPEN, ctx->di))
		scope_close(ctx, thread);
	if (ctx->di >= thread->outer) {
		thread->outer = 0;
		thread->depth = 0;
	} else if (thread->depth) {
		thread->depth--;
	}
	return 0;
}

/* Looks for the timer that the event is about, and notes what it is. */
static __always_inline void timer_tell(struct pt_regs *ctx, struct nt_thread *thread,
				       struct scratch *s)
{
	struct timer_scan scan = {.scratch = s, .wanted = s->large.event.counter};

	if (scan_stack(ctx, s))
		return;
	timer_search(ctx, &scan);
	if (!scan.found)
		return;
	event_stack(&s->large.event, thread,
		    stack_capture_in(ctx, thread, s, bpf_get_attach_cookie(ctx)));
	s->large.event.a = double_to_integer(s->large.event.counter);
	s->large.event.b = read_number(read_field(scan.found, cfg.timeout_delay));
	s->large.event.arg = timer_flags(scan.found);
}

/* A timer may have been inserted: only when ids were born since the last event. */
SEC("uprobe")
int nt_timer_now(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_of_env(ctx->di);
	struct scratch *s;
	__u64 before;

	if (!thread)
		return 0;
	before = thread->counter;
	s = scratch_take();
	if (!s) {
		event_plain(ctx, thread, NT_EVENT_TIMER_NOW, 0, 0, 0);
		return 0;
	}
	event_fill(&s->large.event, NT_EVENT_TIMER_NOW);
	event_ids(&s->large.event, thread);
	if (s->large.event.counter != before && cfg.timeout_async_id)
		timer_tell(ctx, thread, s);
	if (thread->holding)
		held_send(ctx, thread);
	s->large.event.ts = bpf_ktime_get_ns(); /* not before that of its stack */
	event_send_next(ctx, &s->large.event, thread);
	scratch_give(s);
	return 0;
}

SEC("uprobe")
int nt_tick_boundary(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	struct timer_scan scan = {};

	if (!thread)
		return 0;
	if (between_timers(thread)) {
		timer_told(ctx, thread, NT_EVENT_TICK_BOUNDARY, 0);
		return 0;
	}
	scan.id_offset =
		thread->phase == NT_PHASE_TIMERS ? cfg.timeout_async_id : cfg.immediate_async_id;
	if (!thread->phase || thread->depth != 1 || !scan.id_offset) {
		event_plain(ctx, thread, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
		return 0;
	}
	scan.scratch = scratch_take();
	if (!scan.scratch) {
		event_plain(ctx, thread, NT_EVENT_TICK_BOUNDARY, 0, 0, 0);
		return 0;
	}
	event_begin(ctx, &scan.scratch->large.event, thread, NT_EVENT_TICK_BOUNDARY);
	event_ids(&scan.scratch->large.event, thread);
	scan.limit = double_to_integer(scan.scratch->large.event.counter);
	if (!scan_stack(ctx, scan.scratch))
		bpf_loop(SCAN_WORDS, scan_waiting, &scan, 0);
	scan.scratch->large.event.arg = scan.n;
	large_send(ctx, &scan.scratch->large, scan.n * sizeof(struct timer_pair));
	scratch_give(scan.scratch);
	return 0;
}

SEC("uprobe")
int nt_microtasks_begin(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	struct nt_event event;

	if (!thread)
		return 0;
	if (thread->holding)
		held_send(ctx, thread);
	event_fill(&event, NT_EVENT_MICROTASKS_BEGIN);
	event_ids(&event, thread);
	if (thread->phase) /* between timers its end tells which one runs next */
		event_send_next(ctx, &event, thread);
	else
		event_hold(&event, thread);
	return 0;
}

SEC("uprobe")
int nt_microtasks_end(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();

	if (!thread || held_drop(thread, NT_EVENT_MICROTASKS_BEGIN, 0))
		return 0;
	if (between_timers(thread))
		timer_told(ctx, thread, NT_EVENT_MICROTASKS_END, NT_MICROTASKS_READ);
	else
		event_plain(ctx, thread, NT_EVENT_MICROTASKS_END, 0, 0, 0);
	return 0;
}

SEC("uprobe")
int nt_phase(struct pt_regs *ctx)
{
	struct nt_thread *thread = thread_js();
	__u32 phase = bpf_get_attach_cookie(ctx);
	__u64 id = 0;

	if (!thread)
		return 0;
	thread->phase = phase;
	if (cfg.timer_slot && phase == NT_PHASE_TIMERS)
		id = timer_next(thread);
	event_plain(ctx, thread, NT_EVENT_PHASE, phase, id, id ? thread->timer_trigger : 0);
	return 0;
}

#endif
