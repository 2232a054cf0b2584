/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/perf_index.h"

#include <string.h>

#include "symbolizer/base.h"

enum {
	MAX_RANGES = 1 << 18, /* a small application has 3,000 */
	MAX_NAMES = 24 << 20, /* bytes */
	MAX_NAME = 1024,
};

void perf_index_done(struct perf_index *index)
{
	free(index->ranges);
	free(index->names);
	*index = (struct perf_index){0};
}

static int compare_addresses(const void *a, const void *b)
{
	const struct perf_range *x = a;
	const struct perf_range *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* Drops from an array in address order whatever a later arrival overlaps. Returns what is left. */
static size_t drop_replaced(struct perf_range *ranges, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct perf_range range = ranges[i];
		bool replaced = false;

		while (kept && range.start - ranges[kept - 1].start < ranges[kept - 1].size) {
			replaced = ranges[kept - 1].serial > range.serial;
			if (replaced)
				break;
			kept--;
		}
		if (!replaced)
			ranges[kept++] = range;
	}
	return kept;
}

/* Merges the sorted ranges with the others, from the end on, reading the others from a copy. */
static int merge(struct perf_index *index)
{
	size_t left = index->sorted;
	size_t right = index->count - index->sorted;
	_cleanup_(freep) struct perf_range *added = calloc(right, sizeof(*added));

	if (!added)
		return -ENOMEM;
	memcpy(added, index->ranges + left, right * sizeof(*added));
	qsort(added, right, sizeof(*added), compare_addresses);
	while (right) {
		if (left && compare_addresses(&index->ranges[left - 1], &added[right - 1]) > 0) {
			index->ranges[left + right - 1] = index->ranges[left - 1];
			left--;
		} else {
			index->ranges[left + right - 1] = added[right - 1];
			right--;
		}
	}
	return 0;
}

int perf_index_commit(struct perf_index *index)
{
	int err;

	if (index->sorted == index->count)
		return 0;
	err = merge(index);
	if (err)
		return err;
	index->count = drop_replaced(index->ranges, index->count);
	index->sorted = index->count;
	return 0;
}

/* Keeps what is among the last half as many arrivals as there are ranges: at most half of them. */
static void drop_older_half(struct perf_index *index)
{
	uint32_t oldest = index->serial - (uint32_t)(index->count / 2);
	size_t kept = 0;

	for (size_t i = 0; i < index->count; i++)
		if (index->ranges[i].serial >= oldest)
			index->ranges[kept++] = index->ranges[i];
	index->dropped += index->count - kept;
	index->count = kept;
	index->sorted = kept;
}

static size_t live_names(const struct perf_index *index)
{
	size_t len = 0;

	for (size_t i = 0; i < index->count; i++)
		len += index->ranges[i].name_len;
	return len;
}

/* Names are appended only; those of replaced ranges go when the room is needed. */
static int compact_names(struct perf_index *index)
{
	char *names = malloc(index->names_capacity);
	size_t len = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < index->count; i++) {
		struct perf_range *range = &index->ranges[i];

		memcpy(names + len, index->names + range->name, range->name_len);
		range->name = (uint32_t)len;
		len += range->name_len;
	}
	free(index->names);
	index->names = names;
	index->names_len = len;
	return 0;
}

/* Leaves at least half of the room free. What was compiled later is likelier to run, so it stays. */
static int shed(struct perf_index *index)
{
	int err;

	err = perf_index_commit(index);
	if (err)
		return err;
	while (index->count > MAX_RANGES / 2 || live_names(index) > MAX_NAMES / 2)
		drop_older_half(index);
	return compact_names(index);
}

static int reserve_names(struct perf_index *index, size_t len)
{
	size_t wanted = index->names_capacity ? index->names_capacity : 64 << 10;
	char *grown;

	while (wanted - index->names_len < len)
		wanted *= 2;
	if (wanted == index->names_capacity)
		return 0;
	grown = realloc(index->names, wanted);
	if (!grown)
		return -ENOMEM;
	index->names = grown;
	index->names_capacity = wanted;
	return 0;
}

int perf_index_add(struct perf_index *index, uint64_t start, uint64_t size, const char *name,
		   size_t len)
{
	int err;

	if (!size || size > UINT32_MAX || start > UINT64_MAX - size ||
	    index->serial == UINT32_MAX) {
		index->dropped++;
		return 0;
	}
	if (len > MAX_NAME)
		len = MAX_NAME;
	if (index->count == MAX_RANGES || index->names_len + len > MAX_NAMES) {
		err = shed(index);
		if (err)
			return err;
	}
	err = reserve_names(index, len);
	if (err)
		return err;
	err = array_reserve(&index->ranges, &index->capacity, index->count, sizeof(*index->ranges));
	if (err)
		return err;
	memcpy(index->names + index->names_len, name, len);
	index->ranges[index->count++] = (struct perf_range){
		.start = start,
		.size = (uint32_t)size,
		.serial = index->serial++,
		.name = (uint32_t)index->names_len,
		.name_len = (uint32_t)len,
	};
	index->names_len += len;
	return 0;
}

static bool ends_until(const struct perf_range *range, uint64_t address)
{
	return range->start <= address && address - range->start >= range->size;
}

const struct perf_range *perf_index_from(const struct perf_index *index, uint64_t address)
{
	size_t low = PARTITION_POINT(i, index->sorted, ends_until(&index->ranges[i], address));

	return low < index->sorted ? &index->ranges[low] : NULL;
}
