/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/paged.h"

#include <stdlib.h>
#include <string.h>

/* A jump by more than this is no counter but damaged data. */
#define MAX_PAGES (1u << 16)

void paged_init(struct paged *paged, size_t record_size)
{
	memset(paged, 0, sizeof(*paged));
	paged->record_size = record_size;
}

void paged_done(struct paged *paged)
{
	for (size_t i = 0; i < paged->n_pages; i++)
		free(paged->pages[i]);
	free(paged->pages);
	memset(paged, 0, sizeof(*paged));
}

/* Makes the page table reach `page`, which is not below first_page. */
static int paged_extend(struct paged *paged, uint64_t page)
{
	size_t wanted = page - paged->first_page + 1, capacity;
	void **grown;

	if (wanted <= paged->n_pages)
		return 0;
	if (wanted > MAX_PAGES)
		return -1;
	if (wanted > paged->capacity) {
		capacity = paged->capacity ? paged->capacity : 64;
		while (capacity < wanted)
			capacity *= 2;
		grown = reallocarray(paged->pages, capacity, sizeof(*grown));
		if (!grown)
			return -1;
		paged->pages = grown;
		paged->capacity = capacity;
	}
	memset(paged->pages + paged->n_pages, 0, (wanted - paged->n_pages) * sizeof(void *));
	paged->n_pages = wanted;
	return 0;
}

void *paged_get(struct paged *paged, uint64_t key)
{
	uint64_t page = key / PAGED_RECORDS;
	void **slot;

	if (!paged->n_pages && page >= paged->first_page)
		paged->first_page = page;
	if (page < paged->first_page || paged_extend(paged, page))
		return NULL;
	slot = &paged->pages[page - paged->first_page];
	if (!*slot)
		*slot = calloc(PAGED_RECORDS, paged->record_size);
	if (!*slot)
		return NULL;
	return (char *)*slot + key % PAGED_RECORDS * paged->record_size;
}

void *paged_peek(const struct paged *paged, uint64_t key)
{
	uint64_t page = key / PAGED_RECORDS;
	void *records;

	if (page < paged->first_page || page - paged->first_page >= paged->n_pages)
		return NULL;
	records = paged->pages[page - paged->first_page];
	return records ? (char *)records + key % PAGED_RECORDS * paged->record_size : NULL;
}

void paged_drop_below(struct paged *paged, uint64_t key)
{
	uint64_t page = key / PAGED_RECORDS;
	size_t n;

	if (page <= paged->first_page || !paged->n_pages)
		return;
	n = page - paged->first_page;
	if (n > paged->n_pages)
		n = paged->n_pages;
	for (size_t i = 0; i < n; i++)
		free(paged->pages[i]);
	memmove(paged->pages, paged->pages + n, (paged->n_pages - n) * sizeof(void *));
	paged->n_pages -= n;
	paged->first_page += n;
}

uint64_t paged_first(const struct paged *paged)
{
	return paged->first_page * PAGED_RECORDS;
}

uint64_t paged_end(const struct paged *paged)
{
	return (paged->first_page + paged->n_pages) * PAGED_RECORDS;
}

size_t paged_bytes(const struct paged *paged)
{
	size_t bytes = paged->capacity * sizeof(void *);

	for (size_t i = 0; i < paged->n_pages; i++)
		if (paged->pages[i])
			bytes += PAGED_RECORDS * paged->record_size;
	return bytes;
}
