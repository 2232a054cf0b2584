/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Address ranges with names, where later ranges replace those they overlap.
 *
 * Added ranges are found after perf_index_commit(), which merges all of them at once.
 */
#ifndef NT_SYMBOLIZER_PERF_INDEX_H
#define NT_SYMBOLIZER_PERF_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct perf_range {
	uint64_t start;
	uint32_t size;
	uint32_t serial; /* order of arrival */
	uint32_t name;   /* offset in the names */
	uint32_t name_len;
};

struct perf_index {
	struct perf_range *ranges; /* the first `sorted` of them by address, without overlap */
	size_t sorted;
	size_t count;
	size_t capacity;
	char *names;
	size_t names_len;
	size_t names_capacity;
	uint32_t serial;
	uint64_t dropped;
};

/* Frees what it holds, not itself. */
void perf_index_done(struct perf_index *index);

/* Adds a range. Returns 0 or -ENOMEM. Ranges that make no sense, and old ones that have to go when
 * the index is full, are counted and no error. */
int perf_index_add(struct perf_index *index, uint64_t start, uint64_t size, const char *name,
		   size_t len);
/* Returns 0 or -ENOMEM. */
int perf_index_commit(struct perf_index *index);

/* The range that covers the address, or the first one after it; NULL when there is neither. */
const struct perf_range *perf_index_from(const struct perf_index *index, uint64_t address);

#endif
