/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/pointer_index.h"

#include <search.h>
#include <stdlib.h>

struct numbered {
	const void *pointer;
	uint32_t number;
};

static int compare(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)((const struct numbered *)left)->pointer;
	uintptr_t b = (uintptr_t)((const struct numbered *)right)->pointer;

	return (a > b) - (a < b);
}

uint32_t pointer_index_get(struct pointer_index *index, const void *pointer)
{
	struct numbered probe = {.pointer = pointer};
	struct numbered **found = tfind(&probe, &index->tree, compare);
	struct numbered *entry;

	if (found)
		return (*found)->number;
	entry = malloc(sizeof(*entry));
	if (!entry)
		return 0;
	entry->pointer = pointer;
	entry->number = index->count + 1;
	if (!tsearch(entry, &index->tree, compare)) {
		free(entry);
		return 0;
	}
	index->count++;
	return entry->number;
}

void pointer_index_done(struct pointer_index *index)
{
	tdestroy(index->tree, free);
	index->tree = NULL;
}
