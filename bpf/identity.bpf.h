/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Object identity: which continuation is which.
 *
 * JavaScript objects move at every garbage collection, so a heap address means nothing outside this
 * file. A continuation gets a token when it is registered (then, await, queueMicrotask); the map
 * object address -> token is re-keyed at the moment of each collection when every object has its
 * new address and the old copy still holds the forwarding word (PROMISES.md section 4).
 *
 * Keys are tagged addresses with the kind in bits 1-2, which tagging leaves free.
 */
#ifndef NT_BPF_IDENTITY_BPF_H
#define NT_BPF_IDENTITY_BPF_H

#include "bpf/thread.bpf.h"

#define KEY_KIND(key)        (((key) >> 1) & 3)
#define KEY_ADDRESS(key)     ((key) & ~7ULL)
#define KEY_OF(object, kind) ((object) ^ ((__u64)(kind) << 1))

/* Types of contexts in alphabetical order, from FIRST_CONTEXT_TYPE on. */
#define CONTEXT_AWAIT    0
#define CONTEXT_BLOCK    1
#define CONTEXT_CATCH    2
#define CONTEXT_FUNCTION 5
#define CONTEXT_NATIVE   7

#define CONTEXT_KINDS 4 /* of these: followed where promises have tokens of their own */

#define CONTEXT_TRIES_MAX 65536

/* MemoryChunk flags */
#define PAGE_FROM 1
#define PAGE_TO   2

static __always_inline __u64 undefined_of(struct pt_regs *ctx, struct nt_thread *thread)
{
	if (!thread->undefined)
		thread->undefined = read_u64(ctx->r13 + cfg.root_undefined);
	return thread->undefined;
}

/* Objects that are followed through collections. */
static __always_inline int is_followed(__u16 type)
{
	__u16 context = type - cfg.types_context_first;

	if (context == CONTEXT_AWAIT || context == CONTEXT_BLOCK || context == CONTEXT_CATCH ||
	    context == CONTEXT_FUNCTION)
		return 1;
	return cfg.promises_by_birth && (type == cfg.types_promise || type == cfg.types_capability);
}

/* The Maps of contexts are met, not looked for: each realm has its own. Asked for at each frame until
 * as many are known as there are kinds. */
static __always_inline void context_learn(struct nt_thread *thread, __u64 context)
{
	__u32 kinds = cfg.promises_by_birth ? NT_CONTEXT_MAPS : CONTEXT_KINDS;
	__u64 map;

	if (thread->context_maps[kinds - 1] || thread->n_context_tries >= CONTEXT_TRIES_MAX)
		return;
	thread->n_context_tries++;
	map = read_field(context, 0);
	if (!is_heap(map))
		return;
#pragma unroll
	for (int i = 0; i < NT_CONTEXT_MAPS; i++)
		if (thread->context_maps[i] == map)
			return;
	if (!is_followed(read_u16(map - TAG_HEAP + cfg.map_instance_type)))
		return;
#pragma unroll
	for (int i = 0; i < NT_CONTEXT_MAPS; i++) {
		if (!thread->context_maps[i]) {
			thread->context_maps[i] = map;
			return;
		}
	}
}

/* The birth of an object that may have been through collections since. BIRTH_UNKNOWN: not known. */
static __always_inline __u64 birth_find(struct nt_thread *thread, __u64 object)
{
	__u64 birth = birth_of(thread, object), key = KEY_OF(object, KIND_BIRTH);
	struct token *token;

	if (birth != BIRTH_UNKNOWN || !thread || !thread->collections)
		return birth;
	token = bpf_map_lookup_elem(&tokens_young, &key);
	if (!token && thread->tokens_old)
		token = bpf_map_lookup_elem(&tokens_old, &key);
	if (!token || token->tid != (__u32)bpf_get_current_pid_tgid())
		return BIRTH_UNKNOWN;
	return token->value;
}

/* REGISTER: always a new token, whatever the context; the engine knows the context. */
static __always_inline void token_register(void *ctx, struct nt_thread *thread, __u64 object,
					   enum nt_token_kind kind)
{
	__u64 key = KEY_OF(object, kind);
	struct token token = {.value = ++thread->token, .tid = (__u32)bpf_get_current_pid_tgid()};

	if (thread->tokens_old && !bpf_map_delete_elem(&tokens_old, &key))
		thread->tokens_old--;
	if (bpf_map_update_elem(&tokens_young, &key, &token, BPF_ANY)) {
		count(NT_COUNTER_TOKENS_FULL);
		return;
	}
	event_token(ctx, thread, NT_EVENT_TOKEN_REGISTER, kind, token.value, BIRTH_UNKNOWN);
}

/* RUN: 0 when the continuation was registered before we came. */
static __always_inline void token_run(void *ctx, struct nt_thread *thread, __u64 object,
				      enum nt_token_kind kind)
{
	__u64 key = KEY_OF(object, kind), value = 0;
	struct token *token;

	if (cfg.promises_by_birth) {
		context_learn(thread, object);
		event_token(ctx, thread, NT_EVENT_TOKEN_RUN, kind, 0, birth_find(thread, object));
		return;
	}
	token = bpf_map_lookup_elem(&tokens_young, &key);
	if (token && token->tid == (__u32)bpf_get_current_pid_tgid()) {
		value = token->value;
		bpf_map_delete_elem(&tokens_young, &key);
	} else if (thread->tokens_old) {
		token = bpf_map_lookup_elem(&tokens_old, &key);
		if (token) {
			value = token->value;
			bpf_map_delete_elem(&tokens_old, &key);
			thread->tokens_old--;
		}
	}
	if (!value)
		count(NT_COUNTER_TOKENS_MISSED);
	event_token(ctx, thread, NT_EVENT_TOKEN_RUN, kind, value, BIRTH_UNKNOWN);
}

struct gc_walk {
	struct nt_thread *thread;
	__u32 tid;
};

static __always_inline __u32 page_state(__u64 address)
{
	__u64 page = address & ~((1ULL << (cfg.page_mask_bits & 63)) - 1);

	return (read_u64(page + cfg.page_flags) >> 3) & 3;
}

static __always_inline void token_move(__u64 from, __u64 to, const struct token *token, int to_old,
				       struct nt_thread *thread)
{
	struct token copy = *token;

	if (to_old) {
		if (bpf_map_update_elem(&tokens_old, &to, &copy, BPF_ANY))
			count(NT_COUNTER_TOKENS_FULL);
		else
			thread->tokens_old++;
	} else if (bpf_map_update_elem(&tokens_young, &to, &copy, BPF_ANY)) {
		count(NT_COUNTER_TOKENS_FULL);
	}
	count(NT_COUNTER_TOKENS_MOVED);
}

static long token_walk_young(void *map, __u64 *key, struct token *token, struct gc_walk *walk)
{
	__u64 from = *key, address = KEY_ADDRESS(from), word = 0;
	__u32 state;

	if (token->tid != walk->tid)
		return 0;
	if (read_bytes(&word, sizeof(word), address)) {
		count(NT_COUNTER_TOKENS_UNREADABLE);
		return 0;
	}
	if (!(word & TAG_HEAP)) { /* forwarded: the map word is the new address, untagged */
		token_move(from, KEY_OF(word + TAG_HEAP, KEY_KIND(from)), token,
			   page_state(word) != PAGE_TO, walk->thread);
		bpf_map_delete_elem(&tokens_young, &from);
		return 0;
	}
	state = page_state(address);
	if (state & PAGE_FROM) { /* not forwarded: dead */
		bpf_map_delete_elem(&tokens_young, &from);
		count(NT_COUNTER_TOKENS_PRUNED);
	} else if (!state) { /* was allocated old */
		token_move(from, from, token, 1, walk->thread);
		bpf_map_delete_elem(&tokens_young, &from);
	}
	return 0;
}

/* May an object of this type be the key of a continuation? */
static __always_inline int is_continuation(__u64 object, __u32 kind)
{
	__u64 map = read_field(object, 0);
	__u16 type;

	if (!is_heap(map))
		return 0;
	if (kind == NT_TOKEN_CALLABLE || !cfg.types_promise || !cfg.types_capability)
		return 1;
	type = read_u16(map - TAG_HEAP + cfg.map_instance_type);
	return type == cfg.types_promise || type == cfg.types_capability ||
	       (type >= cfg.types_context_first && type <= cfg.types_context_last);
}

/* Old objects: one that died long ago may have left junk that looks like a forwarding word. */
static long token_walk_old(void *map, __u64 *key, struct token *token, struct gc_walk *walk)
{
	__u64 from = *key, word = 0;

	if (token->tid != walk->tid)
		return 0;
	if (read_bytes(&word, sizeof(word), KEY_ADDRESS(from))) {
		bpf_map_delete_elem(&tokens_old, &from);
		walk->thread->tokens_old--;
		count(NT_COUNTER_TOKENS_UNREADABLE);
		return 0;
	}
	if (word & TAG_HEAP)
		return 0;
	if (is_continuation(word + TAG_HEAP, KEY_KIND(from)))
		token_move(from, KEY_OF(word + TAG_HEAP, KEY_KIND(from)), token, 1, walk->thread);
	else
		count(NT_COUNTER_TOKENS_PRUNED);
	bpf_map_delete_elem(&tokens_old, &from);
	walk->thread->tokens_old--;
	return 0;
}

static __always_inline void tokens_rekey(struct nt_thread *thread, int old_space)
{
	struct gc_walk walk = {.thread = thread, .tid = (__u32)bpf_get_current_pid_tgid()};

	births_forget(thread);
	bpf_for_each_map_elem(&tokens_young, token_walk_young, &walk, 0);
	if (!old_space) {
		count(NT_COUNTER_SCAVENGES);
		return;
	}
	bpf_for_each_map_elem(&tokens_old, token_walk_old, &walk, 0);
	thread->gc_epoch++;
	thread->stack_end = 0;
	__builtin_memset(thread->maps, 0, sizeof(thread->maps));
	count(NT_COUNTER_MARK_COMPACTS);
}

#endif
