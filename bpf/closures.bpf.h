/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Whose closures are on the stack: the contexts of the calling functions, and when each was born.
 *
 * A callback that waits in a pool, a batch or an event hub is called from another request's event.
 * What it closes over was allocated while its own request ran: CLOSURES.md.
 */
#ifndef NT_BPF_CLOSURES_BPF_H
#define NT_BPF_CLOSURES_BPF_H

#include "bpf/receivers.bpf.h"

#define CHAIN_MAX 4
/* Bytes searched before one collection, the youngest first: what waits for longer loses its name. All of
 * new space would be 16 MB, and 0.4 ns a byte are more than the rest of the tracer costs. */
#define SCAN_BUDGET (2U << 20)
#define SCAN_CHUNK  4096
#define SCAN_STEP   16 /* words */

/* Adds a birth to what the stack tells. */
static __always_inline void sight_add(struct nt_thread *thread, __u32 birth, enum nt_birth kind)
{
	__u32 n = thread->n_sight;

	if (n >= NT_MAX_BIRTHS)
		return;
	thread->sight[n] = birth;
	thread->sight_functions[n] =
		kind == NT_BIRTH_CONTEXT || kind == NT_BIRTH_INLINED ? thread->sight_function : 0;
	thread->sight_kinds |= (kind | thread->sight_frame) << 4 * n;
	thread->sight_frame = 0;
	thread->n_sight = n + 1;
}

/*
 * Did the frame at hand tell it already? Of a spill slot: did any frame? What is passed on from call to
 * call lies in all of their frames, and would take the room of the closures further out.
 */
__noinline int sight_has(struct nt_thread *thread, __u32 birth, __u32 kind)
{
	__u32 first, told;

	if (!thread)
		return 0;
	first = kind == NT_BIRTH_INLINED ? 0 : thread->sight_first;
#pragma unroll
	for (__u32 i = 0; i < NT_MAX_BIRTHS; i++) {
		told = thread->sight_kinds >> 4 * i & 3;
		if (i < first || i >= thread->n_sight || thread->sight[i] != birth ||
		    (kind == NT_BIRTH_INLINED && told == NT_BIRTH_VALUE))
			continue;
		if (told == NT_BIRTH_INLINED || told == NT_BIRTH_AROUND)
			thread->sight_functions[i] |= NT_SPILL_AGAIN;
		return 1;
	}
	return 0;
}

/* Allocated since the last event: by whoever runs now, so it tells nothing. */
static __always_inline int is_newborn(const struct nt_thread *thread, __u64 object)
{
	return object > thread->top && page_of(object) == page_of(thread->top);
}

/*
 * Is it the scope of a whole module? What a module keeps is of all requests, also where one of them
 * was the first to need it and loaded it: node loads its own file streams so.
 */
static __always_inline int is_module_scope(__u64 context)
{
	__u64 around = read_field(context, cfg.context_previous), map;

	if (!is_heap(around))
		return 0;
	map = read_field(around, 0);
	return is_heap(map) && read_u16(map - TAG_HEAP + cfg.map_instance_type) ==
				       cfg.types_context_first + CONTEXT_NATIVE;
}

/*
 * A context and the scopes around it, as far as their births are known. They gather in the thread's
 * state, whose values the verifier does not follow. Returns how many were known.
 */
__noinline int sight_chain(struct nt_thread *thread, __u64 context, __u32 kind)
{
	__u64 birth;
	int n = 0;

	if (!thread)
		return 0;
	for (__u32 i = 0; i < CHAIN_MAX && is_heap(context); i++) {
		birth = birth_find(thread, context);
		if (birth == BIRTH_UNKNOWN && !is_newborn(thread, context))
			break; /* what is around it is older still */
		if (birth != BIRTH_UNKNOWN && is_module_scope(context))
			return 1;
		if (birth != BIRTH_UNKNOWN && !n++ && sight_has(thread, birth, kind))
			break;
		if (birth != BIRTH_UNKNOWN)
			sight_add(thread, birth, n == 1 ? kind : NT_BIRTH_AROUND);
		if (!i)
			context_learn(thread, context);
		context = read_field(context, cfg.context_previous);
	}
	return n;
}

/* One frame: what its function closes over. */
__noinline int sight_frame(struct nt_thread *thread, __u64 context, __u64 function)
{
	__u64 birth;

	if (!thread || context == thread->sight_context)
		return 0;
	thread->sight_context = context; /* neighbours share it */
	thread->sight_function = function >> 3;
	if (sight_chain(thread, context, NT_BIRTH_CONTEXT) || !is_heap(function))
		return 0;
	birth = birth_of(thread, function); /* a closure over nothing */
	if (birth != BIRTH_UNKNOWN)
		sight_add(thread, birth, NT_BIRTH_VALUE);
	return 0;
}

/* A word in the spill slots of optimised code: the context of an inlined closure, or the closure. */
__noinline int sight_spill(struct nt_thread *thread, __u64 word)
{
	__u64 map;
	__u16 type;

	if (!thread || birth_of(thread, word) ==
			       BIRTH_UNKNOWN) /* young ones only: it is asked for many words */
		return 0;
	map = read_field(word, 0);
	if (!is_heap(map))
		return 0;
	type = read_u16(map - TAG_HEAP + cfg.map_instance_type);
	if (type >= cfg.types_function_first && type <= cfg.types_function_last)
		sight_chain(thread, read_field(word, cfg.js_function_context), NT_BIRTH_INLINED);
	else if (type >= cfg.types_context_first && type <= cfg.types_context_last)
		sight_chain(thread, word, NT_BIRTH_INLINED);
	return 0;
}

/* A function from before a collection: only contexts are followed (births_keep), so that its own tells. What closes
 * over a whole module is of nobody. */
__noinline __u64 function_birth(struct nt_thread *thread, __u64 function)
{
	__u64 map = read_field(function, 0), context;
	__u16 type;

	if (!thread || !is_heap(map))
		return BIRTH_UNKNOWN;
	type = read_u16(map - TAG_HEAP + cfg.map_instance_type);
	if (type < cfg.types_function_first || type > cfg.types_function_last)
		return BIRTH_UNKNOWN;
	context = read_field(function, cfg.js_function_context);
	if (!is_heap(context) || is_module_scope(context))
		return BIRTH_UNKNOWN;
	return birth_find(thread, context);
}

/* Any value: whoever made it may be whom this is done for. */
__noinline int sight_value(struct nt_thread *thread, __u64 word)
{
	__u64 birth;

	if (!thread || thread->n_sight >= NT_MAX_BIRTHS - 2) /* room for closures */
		return 0;
	birth = birth_find(thread, word);
	if (birth == BIRTH_UNKNOWN && thread->sight_values && thread->collections)
		birth = function_birth(thread, word);
	if (birth != BIRTH_UNKNOWN && !sight_has(thread, birth, NT_BIRTH_VALUE))
		sight_add(thread, birth, NT_BIRTH_VALUE);
	return 0;
}

static __always_inline void sight_begin(struct nt_thread *thread)
{
	thread->n_sight = 0;
	thread->sight_kinds = 0;
	thread->sight_context = 0;
	thread->sight_frame = NT_SIGHT_FRAME;
	thread->sight_first = 0;
}

static __always_inline int is_context_map(const struct nt_thread *thread, __u64 word)
{
#pragma unroll
	for (int i = 0; i < NT_CONTEXT_MAPS; i++)
		if (word == thread->context_maps[i])
			return 1;
	return 0;
}

static long scan_words(__u32 i, struct births_scan *all)
{
	const struct birth_scan *scan = &all->scratch->scan;
	__u32 at = i * SCAN_STEP;
	__u64 word;

	if (at >= scan->words || at > SCAN_CHUNK / 8 - SCAN_STEP)
		return 1;
	for (__u32 k = 0; k < SCAN_STEP; k++, at++) {
		word = *(const __u64 *)(all->scratch->stack + (at & (SCAN_CHUNK / 8 - 1)) * 8);
		if (at >= scan->words || !word)
			continue;
		if (is_context_map(all->thread, word))
			birth_keep(all->thread, scan->start + at * 8, scan->seq);
		else if (word == all->thread->bound_maps[0] || word == all->thread->bound_maps[1])
			bound_keep(all->thread, scan->start + at * 8 + TAG_HEAP);
	}
	return 0;
}

static long scan_chunk(__u32 i, struct births_scan *all)
{
	struct birth_scan *scan = &all->scratch->scan;
	__u32 size = scan->left < SCAN_CHUNK ? scan->left : SCAN_CHUNK;

	if (!size || scan->bytes > SCAN_BUDGET)
		return 1;
	size &= 2 * SCAN_CHUNK - 1;
	if (size > SCAN_CHUNK || read_bytes(all->scratch->stack, size, scan->start))
		return 1;
	scan->words = size / 8;
	bpf_loop(SCAN_CHUNK / 8 / SCAN_STEP, scan_words, all, 0);
	scan->start += size;
	scan->left -= size;
	scan->bytes += size;
	return 0;
}

/* The youngest first: when the budget ends, the oldest are lost. */
static long scan_range(__u32 i, struct births_scan *all)
{
	struct birth_scan *scan = &all->scratch->scan;
	struct nt_thread *thread = all->thread;
	struct birth *birth;

	if (i >= thread->births - thread->first_birth)
		return 1;
	birth = birth_at(thread, thread->births - 1 - i);
	if (!birth || scan->bytes > SCAN_BUDGET) {
		count(NT_COUNTER_BIRTHS_LOST);
		return 1;
	}
	if ((__s32)(birth->seq - scan->since) < 0)
		return 1; /* and so are all that are older */
	scan->start = birth->start;
	scan->left = birth->len;
	scan->seq = birth->seq;
	bpf_loop((1U << 18) / SCAN_CHUNK, scan_chunk, all, 0);
	return 0;
}

/* Before a collection: from now on the contexts are followed one by one. */
static __always_inline void births_keep(struct nt_thread *thread)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct births_scan all = {.thread = thread};
	__u32 *since;

	births_cut(thread);
	if (!thread->slot || !thread->context_maps[0])
		return;
	all.scratch = scratch_take();
	if (!all.scratch)
		return;
	bound_learn(&all);
	since = bpf_map_lookup_elem(&births_since, &tid);
	all.scratch->scan.since = since ? *since : thread->seq - (1U << 30);
	all.scratch->scan.bytes = 0;
	thread->n_kept = 0;
	bpf_loop(BIRTHS, scan_range, &all, 0);
	scratch_give(all.scratch);
}

#endif
