/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A collection moves objects: their entries get the new addresses as keys, and those of the dead go.
 *
 * The dead must go before V8 gives their memory away. What comes to lie there may be an object that nobody saw
 * registered, and would be taken for the dead one; or, in a page that became the young generation's, one whose
 * forwarding word would be taken for the dead one's.
 */
#ifndef NT_BPF_REKEY_BPF_H
#define NT_BPF_REKEY_BPF_H

#include "bpf/identity.bpf.h"

/* MemoryChunk flags */
#define PAGE_FROM 1
#define PAGE_TO   2

/* The flags above; 0 for a page of the old generation. */
static __always_inline __u32 page_state(__u64 address)
{
	return (read_u64(page_of(address) + cfg.page_flags) >> 3) & 3;
}

/* Has V8 marked the object at this address? */
static __always_inline int is_marked(__u64 address)
{
	__u64 page = page_of(address), word = (address - page) >> 3;

	if (cfg.page_metadata)
		page = read_u64(page + cfg.page_metadata);
	return read_u8(page + cfg.page_marks + (word >> 3)) >> (word & 7) & 1;
}

/*
 * When all that lives is marked and nothing has moved. The map of an object lives as long as anybody uses it: that this
 * shows as well says that the marks are read where they are.
 */
static __always_inline int is_dead(__u64 address)
{
	__u64 map = 0;

	if (read_bytes(&map, sizeof(map), address))
		return 1;
	return cfg.page_marks && !is_marked(address) && is_marked(map - TAG_HEAP);
}

/* Isolates end without a last collection that finds everything dead; others see to what is left. */
static __always_inline int is_orphan(const struct token *token)
{
	const struct nt_thread *thread = bpf_map_lookup_elem(&threads, &token->tid);

	return !thread || thread->life != token->life;
}

static __always_inline int is_over(const struct nt_thread *thread, __u64 key,
				   const struct token *token)
{
	return is_own(thread, token) ? is_dead(KEY_ADDRESS(key)) : is_orphan(token);
}

static long token_bury_young(void *map, __u64 *key, struct token *token, struct nt_thread **at)
{
	__u64 dead = *key;

	if (!is_over(*at, dead, token))
		return 0;
	bpf_map_delete_elem(&tokens_young, &dead);
	count(NT_COUNTER_TOKENS_PRUNED);
	return 0;
}

/*
 * Those on a page whose objects move join the young, so that the many old ones are walked once. False: there is no
 * room for them.
 */
static __always_inline int token_put_aside(__u64 key, const struct token *token,
					   struct nt_thread *thread)
{
	struct token copy = *token;

	if (!cfg.page_candidate)
		return 0;
	if (!(read_u64(page_of(key) + cfg.page_flags) & cfg.page_candidate))
		return 1;
	if (bpf_map_update_elem(&tokens_young, &key, &copy, BPF_NOEXIST))
		return 0;
	bpf_map_delete_elem(&tokens_old, &key);
	thread->tokens_old--;
	return 1;
}

static long token_bury_old(void *map, __u64 *key, struct token *token, struct nt_thread **at)
{
	struct nt_thread *thread = *at;
	__u64 dead = *key;

	if (is_over(thread, dead, token)) {
		bpf_map_delete_elem(&tokens_old, &dead);
		count(NT_COUNTER_TOKENS_PRUNED);
		if (is_own(thread, token))
			thread->tokens_old--;
	} else if (is_own(thread, token) && !token_put_aside(dead, token, thread)) {
		thread->old_stay = 0;
	}
	return 0;
}

/* At a mark-compact, before anything is moved or swept: what V8 has not marked is dead. */
static __always_inline void tokens_bury(struct nt_thread *thread)
{
	thread->old_stay = 1;
	bpf_for_each_map_elem(&tokens_young, token_bury_young, &thread, 0);
	bpf_for_each_map_elem(&tokens_old, token_bury_old, &thread, 0);
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

static long token_walk_young(void *map, __u64 *key, struct token *token, struct nt_thread **at)
{
	__u64 from = *key, address = KEY_ADDRESS(from), word = 0;
	struct nt_thread *thread = *at;
	__u32 state;

	if (!is_own(thread, token))
		return 0;
	if (read_bytes(&word, sizeof(word), address)) {
		count(NT_COUNTER_TOKENS_UNREADABLE);
		return 0;
	}
	if (!(word & TAG_HEAP)) { /* forwarded: the map word is the new address, untagged */
		token_move(from, KEY_OF(word + TAG_HEAP, KEY_KIND(from)), token,
			   page_state(word) != PAGE_TO, thread);
		bpf_map_delete_elem(&tokens_young, &from);
		return 0;
	}
	state = page_state(address);
	if (state & PAGE_FROM) { /* not forwarded: dead */
		bpf_map_delete_elem(&tokens_young, &from);
		count(NT_COUNTER_TOKENS_PRUNED);
	} else if (!state) { /* was allocated old, or its page became old */
		token_move(from, from, token, 1, thread);
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

/*
 * Old objects. Where the dead are not known (tokens_bury) one may have left junk that looks like a forwarding word, or a
 * page that is the young generation's now.
 */
static long token_walk_old(void *map, __u64 *key, struct token *token, struct nt_thread **at)
{
	__u64 from = *key, word = 0;
	struct nt_thread *thread = *at;

	if (!is_own(thread, token))
		return 0;
	if (read_bytes(&word, sizeof(word), KEY_ADDRESS(from)))
		count(NT_COUNTER_TOKENS_UNREADABLE);
	else if (page_state(from))
		count(NT_COUNTER_TOKENS_PRUNED);
	else if (word & TAG_HEAP)
		return 0;
	else if (is_continuation(word + TAG_HEAP, KEY_KIND(from)))
		token_move(from, KEY_OF(word + TAG_HEAP, KEY_KIND(from)), token, 1, thread);
	else
		count(NT_COUNTER_TOKENS_PRUNED);
	bpf_map_delete_elem(&tokens_old, &from);
	thread->tokens_old--;
	return 0;
}

static __always_inline void tokens_rekey(struct nt_thread *thread, int old_space)
{
	births_forget(thread);
	bpf_for_each_map_elem(&tokens_young, token_walk_young, &thread, 0);
	if (!old_space) {
		count(NT_COUNTER_SCAVENGES);
		return;
	}
	if (!thread->old_stay)
		bpf_for_each_map_elem(&tokens_old, token_walk_old, &thread, 0);
	thread->old_stay = 0;
	thread->gc_epoch++;
	thread->stack_end = 0;
	__builtin_memset(thread->maps, 0, sizeof(thread->maps));
	count(NT_COUNTER_MARK_COMPACTS);
}

#endif
