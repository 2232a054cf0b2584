/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/labels_crowd.h"

#include <string.h>

#include "symbolizer/base.h"

#define THIN        4 /* spans of a crowd that was thinned, with that of the others */
#define HASH_FACTOR 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio: the numbers come in steps */
#define HASH_SHIFT  56                    /* what is left is below CROWD_BUCKETS */

static uint64_t length_of(const struct label_span *span)
{
	return span->end_ns - span->start_ns;
}

static bool same_crowd(const struct label_span *a, const struct label_span *b)
{
	return a->label == b->label && a->op == b->op;
}

static void crowd_open(struct span_list *list, const struct label_span *span)
{
	list->is_open = true;
	list->first = list->n;
	list->start_ns = span->start_ns;
	list->several = 0;
	list->n_slots = 0;
	memset(list->buckets, 0, sizeof(list->buckets));
}

/* Appends a span of that length; its index from the crowd's first, + 1, or 0. */
static uint32_t append(struct span_list *list, const struct label_span *span)
{
	if (array_reserve(&list->spans, &list->capacity, list->n, sizeof(*span)))
		return 0;
	list->spans[list->n] = *span;
	list->spans[list->n].start_ns = 0;
	list->spans[list->n].end_ns = 0;
	return (uint32_t)(++list->n - list->first);
}

static int add_to_several(struct span_list *list, const struct label_span *span)
{
	const struct label_span several = {
		.label = span->label, .op = span->op, .busy = LABEL_BUSY_SEVERAL};

	if (!list->several)
		list->several = append(list, &several);
	if (!list->several)
		return -ENOMEM;
	list->spans[list->first + list->several - 1].end_ns += length_of(span);
	return 0;
}

static struct label_span *span_of_slot(const struct span_list *list, uint32_t slot)
{
	return &list->spans[list->first + list->slots[slot].index - 1];
}

/* The bucket of the culprit; an empty one when it has none yet. */
static uint8_t *bucket_of(struct span_list *list, const struct label_span *span)
{
	size_t at = ((span->culprit * 2 + span->busy) * HASH_FACTOR) >> HASH_SHIFT;

	for (; list->buckets[at]; at = (at + 1) % CROWD_BUCKETS) {
		const struct label_span *other = span_of_slot(list, list->buckets[at] - 1U);

		if (other->culprit == span->culprit && other->busy == span->busy)
			break;
	}
	return &list->buckets[at];
}

/* Gives it the next slot. Returns 0 or -ENOMEM. */
static int slot_new(struct span_list *list, const struct label_span *span, uint8_t *bucket)
{
	uint32_t index = append(list, span);

	if (!index)
		return -ENOMEM;
	list->slots[list->n_slots].index = index;
	list->slots[list->n_slots].longest_ns = 0;
	*bucket = (uint8_t)++list->n_slots;
	return 0;
}

int crowd_add(struct span_list *list, const struct label_span *span)
{
	struct label_span *mine;
	uint8_t *bucket;
	uint32_t slot;

	if (list->is_open && !same_crowd(&list->spans[list->first], span))
		crowd_close(list);
	if (!list->is_open)
		crowd_open(list, span);
	bucket = bucket_of(list, span);
	if (!*bucket && list->n_slots == CROWD_SLOTS)
		return add_to_several(list, span);
	if (!*bucket && slot_new(list, span, bucket))
		return -ENOMEM;
	slot = *bucket - 1U;
	mine = span_of_slot(list, slot);
	mine->end_ns += length_of(span);
	if ((span->stack || span->job) && length_of(span) > list->slots[slot].longest_ns) {
		list->slots[slot].longest_ns = length_of(span);
		mine->stack = span->stack;
		mine->samples = span->samples;
		mine->job = span->job;
	}
	return 0;
}

/* One after the other, from that moment on. */
static void set_times(struct label_span *spans, size_t n, uint64_t start_ns)
{
	for (size_t i = 0; i < n; i++) {
		spans[i].end_ns = start_ns + length_of(&spans[i]);
		spans[i].start_ns = start_ns;
		start_ns = spans[i].end_ns;
	}
}

void crowd_close(struct span_list *list)
{
	if (!list->is_open)
		return;
	list->is_open = false;
	set_times(list->spans + list->first, list->n - list->first, list->start_ns);
}

/* Moves the longest of them to the front. */
static void longest_first(struct label_span *spans, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (length_of(&spans[i]) > length_of(&spans[0])) {
			struct label_span tmp = spans[0];

			spans[0] = spans[i];
			spans[i] = tmp;
		}
	}
}

/* How many spans the crowd has become. */
static size_t thin(struct label_span *spans, size_t n)
{
	uint64_t start_ns = spans[0].start_ns;
	struct label_span *rest = &spans[THIN - 1];

	if (n <= THIN)
		return n;
	for (size_t i = 0; i < THIN - 1; i++)
		longest_first(spans + i, n - i);
	for (size_t i = THIN; i < n; i++)
		rest->end_ns += length_of(&spans[i]);
	rest->culprit = 0;
	rest->stack = NULL;
	rest->job = NULL;
	rest->samples = 0;
	rest->busy = LABEL_BUSY_SEVERAL;
	set_times(spans, THIN, start_ns);
	return THIN;
}

static size_t crowd_length(const struct label_span *spans, size_t n)
{
	size_t i = 1;

	while (i < n && label_has_crowds(spans[0].label) && same_crowd(&spans[0], &spans[i]))
		i++;
	return i;
}

void crowds_thin(struct span_list *list, size_t max)
{
	size_t kept = 0, n;

	if (list->n <= max)
		return;
	for (size_t i = 0; i < list->n; i += n) {
		n = crowd_length(list->spans + i, list->n - i);
		memmove(list->spans + kept, list->spans + i, n * sizeof(*list->spans));
		kept += thin(list->spans + kept, n);
	}
	list->n = kept;
}
