/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Words that stand for the memory of a process; what lies outside of them cannot be read. WORDS, how many, is the includer's. */
#ifndef NT_TESTS_LAYOUT_HEAP_H
#define NT_TESTS_LAYOUT_HEAP_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "symbolizer/process.h"

static uint64_t heap[WORDS] __attribute__((aligned(4096)));
static uint64_t n_reads; /* a hostile one must not make it read for ever */

static int read_heap(void *user, uint64_t address, void *buf, size_t len)
{
	uint64_t start = (uintptr_t)heap;

	(void)user;
	n_reads++;
	if (address < start || address > start + sizeof(heap) ||
	    len > start + sizeof(heap) - address)
		return -EFAULT;
	memcpy(buf, (const char *)heap + (address - start), len);
	return 0;
}

static const struct memory memory = {.read = read_heap};

static inline uint64_t at(int word)
{
	return (uintptr_t)&heap[word];
}

static inline uint64_t tagged(int word)
{
	return at(word) + 1;
}

static inline uint64_t smi(uint32_t value)
{
	return (uint64_t)value << 32;
}

#endif
