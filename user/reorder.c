/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/reorder.h"

#include <string.h>

#include "bpf/event.h"
#include "symbolizer/base.h"

struct entry {
	uint64_t ts;
	uint32_t tid;
	uint32_t seq;
	size_t size;
	void *record; /* owned */
};

struct reorder {
	struct entry *entries; /* in the order of arrival */
	size_t capacity;
	size_t n_entries;
	size_t bytes;
	size_t max_bytes;
};

int reorder_new(size_t max_bytes, struct reorder **ret_reorder)
{
	struct reorder *r;

	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->max_bytes = max_bytes;
	*ret_reorder = r;
	return 0;
}

void reorder_free(struct reorder *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n_entries; i++)
		free(r->entries[i].record);
	free(r->entries);
	free(r);
}

int reorder_add(struct reorder *r, const void *record, size_t size)
{
	struct nt_event event;
	struct entry *entry;
	void *copy;

	if (size < sizeof(event))
		return -EBADMSG;
	if (r->bytes + size + sizeof(*entry) > r->max_bytes)
		return -ENOSPC;
	if (array_reserve(&r->entries, &r->capacity, r->n_entries, sizeof(*r->entries)))
		return -ENOMEM;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, record, size);
	memcpy(&event, record, sizeof(event));
	entry = &r->entries[r->n_entries++];
	*entry = (struct entry){event.ts, event.tid, event.seq, size, copy};
	r->bytes += size + sizeof(*entry);
	return 0;
}

/* A thread's clock never runs backwards, so its sequence numbers only matter at equal times. */
static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return (int32_t)(a->seq - b->seq) < 0 ? -1 : a->seq != b->seq;
}

void reorder_release(struct reorder *r, uint64_t until_ns, reorder_emit_fn *emit, void *user)
{
	size_t i;

	if (r->n_entries == 0)
		return;
	qsort(r->entries, r->n_entries, sizeof(*r->entries), compare);
	for (i = 0; i < r->n_entries && r->entries[i].ts <= until_ns; i++) {
		emit(user, r->entries[i].record, r->entries[i].size);
		r->bytes -= r->entries[i].size + sizeof(*r->entries);
		free(r->entries[i].record);
	}
	r->n_entries -= i;
	memmove(r->entries, r->entries + i, r->n_entries * sizeof(*r->entries));
}

void reorder_release_half(struct reorder *r, reorder_emit_fn *emit, void *user)
{
	if (r->n_entries == 0)
		return;
	qsort(r->entries, r->n_entries, sizeof(*r->entries), compare);
	reorder_release(r, r->entries[r->n_entries / 2].ts, emit, user);
}

size_t reorder_count(const struct reorder *r)
{
	return r->n_entries;
}
