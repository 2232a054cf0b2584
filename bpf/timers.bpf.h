/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Timeout and Immediate objects, read from the JavaScript frames of the caller.
 *
 * Timers get their ids in JavaScript, unseen. Two moments show them: when one is inserted (the
 * object whose id equals the counter is on the stack), and between two callbacks of one list (the
 * next object is on the stack of listOnTimeout or processImmediate). ENGINE.md section 4.
 */
#ifndef NT_BPF_TIMERS_BPF_H
#define NT_BPF_TIMERS_BPF_H

#include "bpf/thread.bpf.h"

#define MAX_CANDIDATES 5
#define BOOTSTRAP_ID   1 /* executes while node starts: no timer has it */

struct timer_pair {
	__u64 id;
	__u64 trigger;
};

struct timer_scan {
	struct scratch *scratch;
	__u64 previous;  /* the word before: neighbours repeat */
	__u64 wanted;    /* TIMER_NOW: bits of the id */
	__u64 found;     /* TIMER_NOW: the Timeout */
	__u64 limit;     /* TICK_BOUNDARY: ids above it were born later */
	__u32 slot;      /* TIMER_NOW: where it was */
	__u32 id_offset; /* of the id field in the objects looked for */
	__u32 n;
};

/* One word of the stack: is it the Timeout that was just given the id `wanted`? */
static long scan_inserted(__u32 i, struct timer_scan *scan)
{
	__u64 word, ids[2], bits = 0;

	if (i >= SCAN_WORDS)
		return 1;
	word = scan->scratch->words[i];
	if (!is_heap(word) || word == scan->previous)
		return 0;
	scan->previous = word;
	if (read_bytes(ids, sizeof(ids), word - TAG_HEAP + cfg.timeout_async_id) ||
	    !is_heap(ids[0]) ||
	    read_bytes(&bits, sizeof(bits), ids[0] - TAG_HEAP + cfg.heap_number_value))
		return 0;
	if (bits != scan->wanted)
		return 0;
	/* a smaller object in front of it may seem to have its id; then it has no trigger id */
	if (read_number(ids[1]) >= double_to_integer(bits))
		return 0;
	scan->slot = i;
	scan->found = word;
	return 1;
}

/* One word of the stack: is it a Timeout or Immediate with a plausible id and trigger? */
static long scan_waiting(__u32 i, struct timer_scan *scan)
{
	struct timer_pair *pairs = (struct timer_pair *)scan->scratch->large.text;
	__u64 word, ids[2], id, trigger;
	__u32 n = scan->n;

	if (i >= SCAN_WORDS || n >= MAX_CANDIDATES)
		return 1;
	word = scan->scratch->words[i];
	if (!is_heap(word) || word == scan->previous)
		return 0;
	scan->previous = word;
	if (read_bytes(ids, sizeof(ids), word - TAG_HEAP + scan->id_offset) || !is_heap(ids[0]))
		return 0;
	id = read_number(ids[0]);
	if (id <= BOOTSTRAP_ID || id > scan->limit)
		return 0;
	trigger = read_number(ids[1]);
	if (trigger >= id)
		return 0;
	pairs[n].id = id;
	pairs[n].trigger = trigger;
	scan->n = n + 1;
	return 0;
}

/* Repeating? Made by node itself (setUnrefTimeout: kRefed is false; Oddball.to_number tells)? */
static __always_inline __u32 timer_flags(__u64 timeout)
{
	__u32 flags = 0;
	__u64 refed;

	if (!(read_field(timeout, cfg.timeout_repeat) & 0xffffffff))
		flags |= NT_TIMER_REPEATS;
	refed = cfg.timeout_refed ? read_field(timeout, cfg.timeout_refed) : 0;
	if (is_heap(refed) && !read_field(refed, cfg.oddball_number))
		flags |= NT_TIMER_INTERNAL;
	return flags;
}

#define SITE_FRAMES 10 /* up to five are of C++ and builtins */
#define SITE_MISSES 64

/*
 * Identifies the JavaScript call site by the return addresses of the nearest frames, and by the
 * bytecode position of interpreted ones.
 */
static __always_inline __u64 site_signature(struct pt_regs *ctx, const struct scratch *s)
{
	const char *copy = (const char *)s->words;
	__u64 fp = ctx->bp, base = ctx->sp, hash = 0, at, offset, next;

#pragma unroll
	for (int i = 0; i < SITE_FRAMES; i++) {
		at = fp - base;
		if (at > sizeof(s->words) - 16)
			break;
		hash = (hash ^ *(const __u64 *)(copy + at + 8)) * 0x9E3779B97F4A7C15ULL;
		/* node's own frame, the first, has no room for that */
		offset = at < 40 ? 1 : *(const __u64 *)(copy + at - 40);
		if (!(offset & 0xffffffff)) /* interpreted */
			hash = (hash ^ offset ^ *(const __u64 *)(copy + at - 32)) *
			       0x9E3779B97F4A7C15ULL;
		next = *(const __u64 *)(copy + at);
		if (next <= fp)
			break;
		fp = next;
	}
	return hash;
}

/*
 * Looks for the Timeout that was just given an id. Most calls of GetNow only re-arm a timer: a call
 * site that never inserted one is soon left alone, but for a look now and then.
 */
static __always_inline void timer_search(struct pt_regs *ctx, struct timer_scan *scan)
{
	__u64 signature = site_signature(ctx, scan->scratch);
	struct timer_site *site = bpf_map_lookup_elem(&timer_sites, &signature);
	struct timer_site fresh = {};

	if (site && site->misses >= SITE_MISSES && ++site->misses % 1024)
		return;
	if (site && site->slot)
		scan_inserted(site->slot, scan);
	if (!scan->found) {
		count(NT_COUNTER_TIMER_SCANS);
		bpf_loop(SCAN_WORDS, scan_inserted, scan, 0);
	}
	if (!site) {
		fresh.slot = scan->slot;
		fresh.misses = !scan->found;
		bpf_map_update_elem(&timer_sites, &signature, &fresh, BPF_ANY);
	} else if (scan->found) {
		site->slot = scan->slot;
		site->misses = 0;
	} else {
		site->misses++;
	}
}

static __always_inline int scan_stack(struct pt_regs *ctx, struct scratch *s)
{
	__u64 sp = ctx->sp;

	return read_bytes(s->words, sizeof(s->words), sp) != 0;
}

#endif
