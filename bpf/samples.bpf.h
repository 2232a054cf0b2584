/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Program: where a thread is, now and then, while it is on the CPU. It names the line of a callback that
 * computes for long, and starts nothing that would be seen.
 *
 * The event is a clock of the kernel's (user/sampler.c), told not to tick in the kernel: so none of our
 * other programs is at work in the thread that it interrupts.
 */
#ifndef NT_BPF_SAMPLES_BPF_H
#define NT_BPF_SAMPLES_BPF_H

#include "bpf/capture.bpf.h"
#include "bpf/exits.bpf.h"
#include "bpf/time.bpf.h"

/* In JavaScript, as far as is known; in a collection nothing is where frames say it is. */
static __always_inline struct nt_thread *thread_sampled(void)
{
	struct nt_thread *thread = thread_current();

	if (!thread || !thread->env || thread->idle_since || thread->gc_since)
		return 0;
	return thread;
}

static __always_inline int sample_walk(struct pt_regs *regs, struct nt_thread *thread,
				       struct scratch *s)
{
	s->ends.ip = regs->ip;
	s->ends.sp = regs->sp;
	s->ends.bp = regs->bp;
	s->ends.state = NT_FRAME_SAMPLED;
	if (exit_find(thread, s))
		count(NT_COUNTER_SAMPLES_CALLED);
	return stack_walk_in(thread, s) && s->ends.has_js;
}

SEC("perf_event")
int nt_cpu_sample(struct pt_regs *ctx) /* struct bpf_perf_event_data begins with them */
{
	struct nt_thread *thread = thread_sampled();
	struct scratch *s = thread ? scratch_take() : 0;
	struct nt_event *event;

	if (!s) {
		count(NT_COUNTER_SAMPLES_OUTSIDE);
		return 0;
	}
	if (!sample_walk(ctx, thread, s)) {
		count(NT_COUNTER_SAMPLES_OUTSIDE);
		scratch_give(s);
		return 0;
	}
	if (thread->holding)
		held_send(ctx, thread);
	event = &s->large.event;
	event_fill(event, NT_EVENT_CPU_SAMPLE);
	event->stack = stack_tell(ctx, thread, s);
	event->seq = thread->seq++;
	event->a = cfg.sample_ns;
	count(NT_COUNTER_SAMPLES);
	event_send(ctx, event, sizeof(*event));
	scratch_give(s);
	return 0;
}

#endif
