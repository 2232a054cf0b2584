/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Whose are the objects whose methods run: `this` of the frames on the stack, and when each was born.
 *
 * A method that waits as a bound function closes over nothing but its module: only `this` tells for whom it
 * runs. Objects have as many Maps as there are shapes, so they cannot be looked for before a collection as contexts
 * are; but what they are bound by has one of two Maps.
 */
#ifndef NT_BPF_RECEIVERS_BPF_H
#define NT_BPF_RECEIVERS_BPF_H

#include "bpf/identity.bpf.h"

#define SCAN_FOUND 8192 /* objects that are followed through one collection */

/* JSBoundFunction: map, properties, elements, the function, `this`, the arguments; in all that is traced.
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/js-function.tq */
#define BOUND_THIS 32
/* Map: https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/objects/map.tq */
#define MAP_NATIVE   32
#define NATIVE_SLOTS 256 /* words of a native context that are looked at */

struct births_scan {
	struct nt_thread *thread;
	struct scratch *scratch;
};

__noinline int birth_keep(struct nt_thread *thread, __u64 address, __u32 seq)
{
	__u64 key = KEY_OF(address + TAG_HEAP, KIND_BIRTH);
	struct token token;

	if (!thread)
		return 0;
	token = token_new(thread, seq);
	if (thread->n_kept >= SCAN_FOUND ||
	    bpf_map_update_elem(&tokens_young, &key, &token, BPF_ANY)) {
		count(NT_COUNTER_BIRTHS_LOST);
		return 0;
	}
	thread->n_kept++;
	return 0;
}

/* What a bound function is bound to: as `this` of the function that runs it tells who made that. */
__noinline int bound_keep(struct nt_thread *thread, __u64 function)
{
	__u64 receiver = read_field(function, BOUND_THIS), birth;

	if (!thread || !is_heap(receiver))
		return 0;
	birth = birth_find(thread, receiver);
	return birth == BIRTH_UNKNOWN ? 0 : birth_keep(thread, receiver - TAG_HEAP, birth);
}

static long bound_find(__u32 i, struct births_scan *all)
{
	__u64 word = *(const __u64 *)(all->scratch->stack + (i & (NATIVE_SLOTS - 1)) * 8);
	struct nt_thread *thread = all->thread;

	if (!is_heap(word) || read_field(word, 0) != all->scratch->scan.start ||
	    read_u16(word - TAG_HEAP + cfg.map_instance_type) != cfg.types_function_first)
		return 0;
	if (!thread->bound_maps[0]) {
		thread->bound_maps[0] = word;
		return 0;
	}
	thread->bound_maps[1] = word;
	return 1;
}

/* The Maps of bound functions stand in the native context, which the Map of a context has instead of a
 * constructor: the two Maps there of that type. */
static __always_inline void bound_learn(struct births_scan *all)
{
	struct nt_thread *thread = all->thread;
	__u64 native = read_field(thread->context_maps[0], MAP_NATIVE), map;

	map = is_heap(native) ? read_field(native, 0) : 0;
	if (thread->bound_maps[0] || !is_heap(map) ||
	    read_u16(map - TAG_HEAP + cfg.map_instance_type) !=
		    cfg.types_context_first + CONTEXT_NATIVE ||
	    read_bytes(all->scratch->stack, NATIVE_SLOTS * 8, native - TAG_HEAP))
		return;
	all->scratch->scan.start = read_field(thread->context_maps[0], 0); /* the Map of Maps */
	bpf_loop(NATIVE_SLOTS, bound_find, all, 0);
}

/* Is the word a BytecodeArray, as in the frames of code that was not optimised? */
static __always_inline int is_bytecode(struct nt_thread *thread, __u64 word)
{
	__u64 map;

	if (!is_heap(word))
		return 0;
	map = read_field(word, 0);
	if (map == thread->bytecode_map)
		return 1;
	if (!is_heap(map) || read_u16(map - TAG_HEAP + cfg.map_instance_type) != cfg.types_bytecode)
		return 0;
	thread->bytecode_map = map;
	return 1;
}

/*
 * `this` of a frame, when its birth is known. V8 has it behind the return address, below the arguments, in all
 * that is traced. Of a builtin's code (`bytecode`: the word that an interpreted frame has there, 0 other code) only the
 * interpreter's frames count: https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/execution/frame-constants.h
 */
__noinline int receiver_note(struct nt_thread *thread, struct stack_ends *ends, __u64 object,
			     __u64 function, __u64 bytecode)
{
	__u64 birth;
	__u32 n;

	if (!thread || !ends || !is_heap(object) || object == ends->receiver)
		return 0;
	n = ends->n_receivers;
	ends->receiver = object;
	if (n >= NT_MAX_RECEIVERS)
		return 0;
	birth = birth_find(thread, object);
	if (birth == BIRTH_UNKNOWN || (bytecode && !is_bytecode(thread, bytecode)))
		return 0;
	ends->receivers[n] = birth;
	ends->received[n] = NT_RECEIVER(thread->n_sight, (object ^ function << 4) >> 3);
	ends->n_receivers = n + 1;
	return 0;
}

/* Beside the value that it is, or behind the closures, where there is room. */
__noinline int sight_receiver(struct nt_thread *thread, __u32 birth, __u32 word)
{
	__u32 n;

	if (!thread)
		return 0;
	for (n = 0; n < NT_MAX_BIRTHS; n++)
		if (n >= thread->n_sight || (thread->sight[n] == birth &&
					     (thread->sight_kinds >> 4 * n & 11) == NT_BIRTH_VALUE))
			break;
	if (n >= NT_MAX_BIRTHS)
		return 0;
	thread->sight_functions[n] = word;
	thread->sight_kinds |= NT_SIGHT_RECEIVER << 4 * n;
	if (n < thread->n_sight)
		return 0;
	thread->sight[n] = birth;
	thread->n_sight = n + 1;
	return 0;
}

static __always_inline void receivers_tell(struct nt_thread *thread, const struct stack_ends *ends)
{
	for (__u32 i = 0; i < NT_MAX_RECEIVERS && i < ends->n_receivers; i++)
		sight_receiver(thread, ends->receivers[i], ends->received[i]);
}

#endif
