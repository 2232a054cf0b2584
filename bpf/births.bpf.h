/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Who allocated an object: the event in whose gap it was born.
 *
 * V8 allocates by moving a pointer through the linear area of the young generation. Read at each
 * event, it cuts that memory into ranges, one an event: what lies in a range was allocated between
 * the event before and this one. So the birth of any young object is a search by its address, and
 * costs nothing at its allocation. Before a collection the contexts of functions, which closures
 * keep alive, are looked for in the ranges and followed like continuations (identity.bpf.h).
 */
#ifndef NT_BPF_BIRTHS_BPF_H
#define NT_BPF_BIRTHS_BPF_H

#include "bpf/left_page.bpf.h"

#define BIRTH_SLOTS 8     /* threads followed at once; the first slot is the main thread's */
#define BIRTHS      32768 /* ranges of a thread; of two collections */
#define BIRTH_STEPS 15    /* of a search among so many */
#define BIRTH_MIN   32    /* bytes of the smallest context */

#define BIRTH_UNKNOWN (~0ULL)

/* Keys of objects whose birth is remembered are those of continuations with this kind. */
#define KIND_BIRTH 3

struct birth {
	__u64 start;
	__u32 len;
	__u32 seq; /* of the event that ends the gap */
};

/*
 * The ranges on one page of the heap, in ascending order. V8 leaves a page when an object does not fit any
 * more, and comes back for the rest when another one does: what was known until then is the older part.
 */
struct birth_page {
	__u32 first;
	__u32 last;
	__u32 older_first;
	__u32 older_n;
	__u32 tid;
	__u32 collection;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BIRTH_SLOTS *BIRTHS);
	__type(key, __u32);
	__type(value, struct birth);
} births SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct birth_page);
} birth_pages SEC(".maps");

/* By thread: births of events before that one are of no request that is open. User space tells. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} births_since SEC(".maps");

__u32 birth_owners[BIRTH_SLOTS]; /* tid */
__u32 birth_slots;               /* taken from other threads so far */

static __always_inline __u64 page_of(__u64 address)
{
	return address >> (cfg.page_mask_bits & 63) << (cfg.page_mask_bits & 63);
}

static __always_inline struct birth *birth_at(const struct nt_thread *thread, __u32 n)
{
	__u32 key = (thread->slot - 1) % BIRTH_SLOTS * BIRTHS + n % BIRTHS;

	return bpf_map_lookup_elem(&births, &key);
}

/* A slot of a thread that has ended, else one of those that have theirs for long. */
static __always_inline __u32 birth_slot_take(__u32 tid)
{
	__u32 slot, owner;

	if (tid == cfg.tgid)
		return 0;
#pragma unroll
	for (slot = 1; slot < BIRTH_SLOTS; slot++) {
		owner = birth_owners[slot];
		if ((!owner || !bpf_map_lookup_elem(&threads, &owner)) &&
		    __sync_bool_compare_and_swap(&birth_owners[slot], owner, tid))
			return slot;
	}
	return 1 + __sync_fetch_and_add(&birth_slots, 1) % (BIRTH_SLOTS - 1);
}

/* Finds the thread's allocation area and gives it a slot; false when it has none any more. */
static __always_inline int births_begin(struct nt_thread *thread)
{
	__u32 slot, tid = (__u32)bpf_get_current_pid_tgid();
	__u64 isolate;

	if (!thread || !thread->env)
		return 0;
	if (thread->slot)
		return birth_owners[(thread->slot - 1) % BIRTH_SLOTS] == tid;
	isolate = read_u64(thread->env + cfg.env_isolate);
	thread->lab = isolate + cfg.lab_top;
	if (cfg.lab_indirect)
		thread->lab = read_u64(thread->lab);
	slot = birth_slot_take(tid);
	asm volatile("%0 &= %1" : "+r"(slot) : "i"(BIRTH_SLOTS - 1)); /* for the verifier */
	birth_owners[slot] = tid;
	thread->slot = slot + 1;
	return 1;
}

/* The rest of a page that was left counted as allocated then: no longer what begins here. */
static __always_inline void birth_trim(const struct nt_thread *thread, __u32 n, __u64 start)
{
	struct birth *birth = birth_at(thread, n);

	if (birth && thread->births - n < BIRTHS && start - birth->start < birth->len)
		birth->len = start - birth->start;
}

/* Range n, which begins at `start`, is the last one on its page. */
static __always_inline void birth_index(const struct nt_thread *thread, __u32 n, __u64 start)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct birth_page fresh = {.first = n, .last = n, .tid = tid};
	__u64 page = page_of(start);
	struct birth_page *at = bpf_map_lookup_elem(&birth_pages, &page);

	fresh.collection = thread->collections;
	if (at && at->tid == tid && at->collection == thread->collections) {
		birth_trim(thread, at->last, start);
		if (at->last + 1 == n) {
			at->last = n;
			return;
		}
		fresh.older_first = at->first;
		fresh.older_n = at->last - at->first + 1;
	}
	bpf_map_update_elem(&birth_pages, &page, &fresh, BPF_ANY);
}

static __always_inline void birth_add(struct nt_thread *thread, __u64 start, __u64 end)
{
	__u32 n = thread->births;
	struct birth *birth;

	if (end <= start || end - start < BIRTH_MIN)
		return;
	birth = birth_at(thread, n);
	if (!birth)
		return;
	birth->start = start;
	birth->len = end - start;
	birth->seq = thread->seq;
	thread->births = n + 1;
	birth_index(thread, n, start);
}

/* What was allocated until now belongs to the gap that the thread's next event ends. */
__noinline int births_cut(struct nt_thread *thread)
{
	__u64 area[2] = {}, before; /* start of the area, top */

	if (!thread || !births_begin(thread))
		return 0;
	if (read_bytes(area, sizeof(area), thread->lab - 8)) {
		count(NT_COUNTER_READ_OBJECT);
		return 0;
	}
	before = thread->top;
	thread->top = area[1];
	if (before == area[1] || !area[1])
		return 0;
	if (before && page_of(before) == page_of(area[1]) && before < area[1]) {
		birth_add(thread, before, area[1]);
		return 0;
	}
	if (before)
		birth_add(thread, before,
			  page_left_at(before,
				       page_of(before) + (1ULL << (cfg.page_mask_bits & 63))));
	if (page_of(area[0]) == page_of(area[1]))
		birth_add(thread, area[0], area[1]);
	return 0;
}

struct birth_search {
	const struct nt_thread *thread;
	__u64 address;
	__u32 low;
	__u32 n;
};

static long birth_step(__u32 i, struct birth_search *search)
{
	__u32 half = search->n / 2;
	struct birth *birth;

	if (!half)
		return 1;
	birth = birth_at(search->thread, search->low + half);
	if (birth && birth->start <= search->address) {
		search->low += half;
		search->n -= half;
	} else {
		search->n = half;
	}
	return 0;
}

/*
 * The sequence number of the event that ended the gap in which the object was allocated; BIRTH_UNKNOWN
 * for one of which that is not known. A global function: the verifier looks at it once.
 */
__noinline __u64 birth_of(struct nt_thread *thread, __u64 object)
{
	__u64 address = object & ~7ULL, page = page_of(address);
	struct birth_page *at = bpf_map_lookup_elem(&birth_pages, &page);
	struct birth_search search = {.thread = thread, .address = address};
	struct birth *birth;

	if (!thread || !at || at->collection != thread->collections ||
	    at->tid != (__u32)bpf_get_current_pid_tgid())
		return BIRTH_UNKNOWN;
	search.low = at->first;
	search.n = at->last - at->first + 1;
	birth = birth_at(thread, at->first);
	if (birth && address < birth->start) {
		search.low = at->older_first;
		search.n = at->older_n;
	}
	if (thread->births - search.low > BIRTHS) { /* the ring went round */
		search.n -= thread->births - BIRTHS - search.low;
		search.low = thread->births - BIRTHS;
	}
	if (!search.n || search.n > BIRTHS)
		return BIRTH_UNKNOWN;
	bpf_loop(BIRTH_STEPS, birth_step, &search, 0);
	birth = birth_at(thread, search.low);
	if (!birth || address - birth->start >= birth->len)
		return BIRTH_UNKNOWN;
	return birth->seq;
}

/* After a collection: the ranges mean nothing any more. */
static __always_inline void births_forget(struct nt_thread *thread)
{
	thread->collections++;
	thread->first_birth = thread->births;
	thread->top = 0;
}

#endif
