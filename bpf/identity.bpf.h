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

static __always_inline __u64 undefined_of(struct pt_regs *ctx, struct nt_thread *thread)
{
	if (!thread->undefined)
		thread->undefined = read_u64(ctx->r13 + cfg.root_undefined);
	return thread->undefined;
}

/* Isolates collect garbage on their own, and one may stand where another was. */
static __always_inline int is_own(const struct nt_thread *thread, const struct token *token)
{
	return token && token->life == thread->life;
}

static __always_inline struct token token_new(const struct nt_thread *thread, __u64 value)
{
	return (struct token){
		.value = value, .tid = (__u32)bpf_get_current_pid_tgid(), .life = thread->life};
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
	return is_own(thread, token) ? token->value : BIRTH_UNKNOWN;
}

/* REGISTER: always a new token, whatever the context; the engine knows the context. */
static __always_inline void token_register(void *ctx, struct nt_thread *thread, __u64 object,
					   enum nt_token_kind kind)
{
	__u64 key = KEY_OF(object, kind);
	struct token token = token_new(thread, ++thread->token);

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
	if (is_own(thread, token)) {
		value = token->value;
		bpf_map_delete_elem(&tokens_young, &key);
	} else if (thread->tokens_old) {
		token = bpf_map_lookup_elem(&tokens_old, &key);
		if (is_own(thread, token)) {
			value = token->value;
			bpf_map_delete_elem(&tokens_old, &key);
			thread->tokens_old--;
		}
	}
	if (!value)
		count(NT_COUNTER_TOKENS_MISSED);
	event_token(ctx, thread, NT_EVENT_TOKEN_RUN, kind, value, BIRTH_UNKNOWN);
}

#endif
