/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How far a page of new space was used when V8 left it.
 *
 * V8 goes on to another page when an object does not fit. It makes one free block of the rest, and comes
 * back for that when no page is free any more and a smaller object does fit: then it is another's. So the
 * block is looked for: the word after its map is its size, as a Smi, and it reaches to the end of the page
 * (SemiSpaceNewSpace::AddFreshPage; all releases that are traced do the same):
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/heap/new-spaces.cc
 */
#ifndef NT_BPF_LEFT_PAGE_BPF_H
#define NT_BPF_LEFT_PAGE_BPF_H

#include "bpf/read.bpf.h"

/* V8 never comes back for less: kAllocationBufferParkingThreshold
 * https://github.com/nodejs/node/blob/v20.20.2/deps/v8/src/heap/new-spaces.h */
#define REST_MIN   4096
#define REST_CHUNK 4096
#define PAGE_MAX   (1U << 18) /* bytes that are looked at */

struct rest_search {
	struct scratch *scratch; /* scan.left: from scan.start to the end of the page */
	__u64 rest;              /* bytes of the block */
	__u64 unread;            /* where memory begins that cannot be read: it was never written */
};

static long rest_word(__u32 i, struct rest_search *search)
{
	__u64 word = *(const __u64 *)(search->scratch->stack + (i & (REST_CHUNK / 8 - 1)) * 8);
	__u64 size =
		search->scratch->scan.left - i * 8 + 8; /* of a block that begins a word before */

	if (word != size << 32)
		return 0;
	search->rest = size;
	return 1;
}

static long rest_chunk(__u32 i, struct rest_search *search)
{
	struct birth_scan *scan = &search->scratch->scan;
	/* No further than one page of memory: behind what was written, the next one may be missing. */
	__u32 size = REST_CHUNK - (scan->start & (REST_CHUNK - 1));

	if (size > scan->left)
		size = scan->left;
	size &= 2 * REST_CHUNK - 1;
	if (size < 8 || size > REST_CHUNK)
		return 1;
	if (read_bytes(search->scratch->stack, size, scan->start)) {
		search->unread = scan->start;
		return 1;
	}
	bpf_loop(size / 8, rest_word, search, 0);
	scan->start += size;
	scan->left -= size;
	return search->rest != 0;
}

/* A page on which allocation had come to `start` was left, and ends at `end`: where did it come to? No
 * further than what was written, where the block is not found. */
__noinline __u64 page_left_at(__u64 start, __u64 end)
{
	struct rest_search search = {};

	if (end - start < REST_MIN || end - start > PAGE_MAX)
		return end;
	search.scratch = scratch_take();
	if (!search.scratch)
		return start;
	search.scratch->scan.start = start;
	search.scratch->scan.left = end - start;
	bpf_loop(PAGE_MAX / REST_CHUNK + 1, rest_chunk, &search, 0);
	scratch_give(search.scratch);
	if (!search.rest && search.unread)
		return search.unread;
	return search.rest >= REST_MIN && search.rest <= end - start ? end - search.rest : end;
}

#endif
