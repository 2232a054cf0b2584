/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which timer is called next, read from node's queue of lists.
 *
 * Timers of one duration are in one list, the lists in a queue. When a phase begins, and after the ticks and
 * microtasks of each timer, node takes the first timer of the first list: nothing else says which,
 * when its callback does nothing that shows.
 * https://github.com/nodejs/node/blob/v26.10.0/lib/internal/timers.js: processTimers, listOnTimeout
 */
#ifndef NT_BPF_TIMER_LISTS_BPF_H
#define NT_BPF_TIMER_LISTS_BPF_H

#include "bpf/ticks.bpf.h"

/* The list that is due first, 0 when the queue is not as expected. */
static __always_inline __u64 timer_list(const struct nt_thread *thread)
{
	__u64 at = callback_context(thread, cfg.timer_callback);

	if (is_heap(at))
		at = read_field(at, cfg.context_previous); /* of the module */
	if (is_heap(at))
		at = read_field(at, cfg.timer_slot);
	if (is_heap(at))
		at = read_field(at, cfg.queue_heap);
	if (is_heap(at))
		at = read_field(at, cfg.array_elements);
	if (!is_heap(at) || read_field(at, cfg.array_first - 8) >> 32 < 2)
		return 0;
	return read_field(at, cfg.array_first + 8);
}

/* The id of the timer that is called next; thread->timer and timer_trigger are its. 0: not known. */
__noinline __u64 timer_next(struct nt_thread *thread)
{
	__u64 list, timer, ids[2], id, trigger;

	if (!thread)
		return 0;
	thread->timer = thread->timer_trigger = 0;
	count(NT_COUNTER_TIMER_READS);
	list = timer_list(thread);
	timer = is_heap(list) ? read_field(list, cfg.list_first) : 0;
	if (!is_heap(timer) || timer == list || read_field(timer, cfg.timeout_next) != list ||
	    read_bytes(ids, sizeof(ids), timer - TAG_HEAP + cfg.timeout_async_id))
		return 0;
	id = read_number(ids[0]);
	trigger = read_number(ids[1]);
	if (id <= BOOTSTRAP_ID || id == ~0ULL || trigger >= id)
		return 0;
	thread->timer_trigger = trigger;
	thread->timer = id;
	return id;
}

/* Will something else run before the next timer: ticks, or who handles a rejection? */
__noinline __u32 ticks_wait(struct nt_thread *thread)
{
	__u64 buffer, words[2];
	__u8 info[2];

	if (!thread || read_bytes(info, sizeof(info), thread->tick_info) || info[1])
		return 1;
	if (!info[0])
		return 0;
	buffer = tick_buffer(thread); /* while they run the flag says nothing */
	return !is_heap(buffer) ||
	       read_bytes(words, sizeof(words), buffer - TAG_HEAP + cfg.tick_bottom) ||
	       words[0] != words[1];
}

/* Is this where the next timer can be read? */
static __always_inline int between_timers(const struct nt_thread *thread)
{
	return cfg.timer_slot && thread->phase == NT_PHASE_TIMERS && thread->depth == 1;
}

/* An event with the timer that is called next, if nothing else runs before it. */
static __always_inline void timer_told(void *ctx, struct nt_thread *thread, enum nt_event_kind kind,
				       __u32 arg)
{
	thread->timer = thread->timer_trigger = 0;
	if (!ticks_wait(thread))
		timer_next(thread);
	event_plain(ctx, thread, kind, arg, thread->timer, thread->timer_trigger);
}

#endif
