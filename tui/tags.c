/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/tags.h"

#include <string.h>

#include "symbolizer/base.h"

void tags_done(struct tags *tags)
{
	free(tags->arrivals);
	*tags = (struct tags){0};
}

/* Number of tags before this arrival. */
static size_t place_of(const struct tags *tags, uint64_t arrival)
{
	return PARTITION_POINT(i, tags->count, tags->arrivals[i] < arrival);
}

bool tags_has(const struct tags *tags, uint64_t arrival)
{
	size_t place = place_of(tags, arrival);

	return place < tags->count && tags->arrivals[place] == arrival;
}

int tags_add(struct tags *tags, uint64_t arrival)
{
	size_t place = place_of(tags, arrival);
	int err;

	if (tags_has(tags, arrival))
		return 0;
	if (tags->count == TAGS_MAX)
		return -ENOSPC;
	err = array_reserve(&tags->arrivals, &tags->capacity, tags->count, sizeof(*tags->arrivals));
	if (err)
		return err;
	memmove(tags->arrivals + place + 1, tags->arrivals + place,
		(tags->count - place) * sizeof(*tags->arrivals));
	tags->arrivals[place] = arrival;
	tags->count++;
	return 0;
}

void tags_forget(struct tags *tags, uint64_t arrival)
{
	size_t n = place_of(tags, arrival);

	if (!n)
		return;
	tags->count -= n;
	memmove(tags->arrivals, tags->arrivals + n, tags->count * sizeof(*tags->arrivals));
}

void tags_remove(struct tags *tags, uint64_t arrival)
{
	size_t place = place_of(tags, arrival);

	if (!tags_has(tags, arrival))
		return;
	tags->count--;
	memmove(tags->arrivals + place, tags->arrivals + place + 1,
		(tags->count - place) * sizeof(*tags->arrivals));
}
