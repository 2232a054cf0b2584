/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * An array over a dense, ascending key (async ids, tokens), paged, whose old end can be dropped.
 * Async ids are a counter, so a page table beats any hash: an access is two loads.
 */
#ifndef NT_AGGREGATOR_PAGED_H
#define NT_AGGREGATOR_PAGED_H

#include <stddef.h>
#include <stdint.h>

#define PAGED_RECORDS 512

struct paged {
	size_t record_size;
	void **pages; /* pages[0] holds the keys from first_page * PAGED_RECORDS; NULL = untouched */
	size_t n_pages;
	size_t capacity;
	uint64_t first_page;
};

/* Records of this many bytes; nothing is allocated yet. */
void paged_init(struct paged *paged, size_t record_size);
/* Frees all records, not the struct itself. */
void paged_done(struct paged *paged);

/* The record of a key, zeroed when new; NULL when the key was dropped, is absurdly far ahead, or memory is
 * short. */
void *paged_get(struct paged *paged, uint64_t key);
/* The record of a key, or NULL when nothing was stored near it. */
void *paged_peek(const struct paged *paged, uint64_t key);
/* Drops whole pages of keys below `key`. */
void paged_drop_below(struct paged *paged, uint64_t key);
/* The first key that is not dropped, and one more than the last that has a page. */
uint64_t paged_first(const struct paged *paged);
uint64_t paged_end(const struct paged *paged);
/* Bytes of all pages. */
size_t paged_bytes(const struct paged *paged);

#endif
