/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Program: how long a thread that was running had to wait for a CPU. Runs when the thread leaves its CPU, for
 * threads that are asked for only (user/sampler.c), and not for each switch of the machine, as the
 * tracepoint would.
 *
 * It may interrupt any other program of ours in the same thread: it touches nothing of theirs.
 */
#ifndef NT_BPF_SWITCHES_BPF_H
#define NT_BPF_SWITCHES_BPF_H

#include "bpf/kernel.bpf.h"
#include "bpf/thread.bpf.h"

#define PREEMPTED_MIN_NS 20000

struct last_switch {
	__u64 ts; /* 0: it left by itself */
	__u64 run_delay;
	__u64 nivcsw;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH); /* threads end unseen */
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct last_switch);
} last_switches SEC(".maps");

static __always_inline void preempted_send(void *ctx, const struct last_switch *last, __u64 waited)
{
	struct nt_event event;

	event_fill(&event, NT_EVENT_PREEMPTED);
	event.a = last->ts;
	event.b = last->ts + waited;
	event_send(ctx, &event, sizeof(event));
}

SEC("perf_event")
int nt_switch(void *ctx)
{
	__u64 task = bpf_get_current_task();
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct last_switch *last = bpf_map_lookup_elem(&last_switches, &tid);
	struct last_switch now = {
		.ts = bpf_ktime_get_ns(),
		.run_delay = kernel_u64(task + cfg.kernel.task_run_delay),
		.nivcsw = kernel_u64(task + cfg.kernel.task_nivcsw),
	};
	__u64 waited;

	if (!last) {
		now.ts = 0; /* nothing to compare with */
		bpf_map_update_elem(&last_switches, &tid, &now, BPF_ANY);
		return 0;
	}
	waited = now.run_delay - last->run_delay;
	/* more than there was: the thread that had this id before */
	if (last->ts && waited >= PREEMPTED_MIN_NS && waited <= now.ts - last->ts)
		preempted_send(ctx, last, waited);
	if (now.nivcsw == last->nivcsw)
		now.ts = 0;
	*last = now;
	return 0;
}

#endif
