/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/open_set.h"

#include "symbolizer/base.h"

struct item {
	uint64_t arrival;
	struct request *request;
};

struct open_set {
	struct item *items; /* ascending by arrival */
	size_t count;
	uint64_t next;
};

int open_set_new(struct open_set **ret_set)
{
	struct open_set *set = calloc(1, sizeof(*set));

	if (!set)
		return -ENOMEM;
	set->next = OPEN_ARRIVAL;
	*ret_set = set;
	return 0;
}

void open_set_free(struct open_set *set)
{
	size_t i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++)
		request_free(set->items[i].request);
	free(set->items);
	free(set);
}

/* Several processes number their requests alike, and differently once they have finished. */
bool open_set_same(const struct request *a, const struct request *b)
{
	return a->start_ns == b->start_ns && a->pid == b->pid && a->tid == b->tid;
}

static bool of_process(const struct request *request, uint32_t pid)
{
	return pid == 0 || request->pid == pid;
}

static uint64_t arrival_of(struct open_set *set, const struct request *request)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (open_set_same(set->items[i].request, request))
			return set->items[i].arrival;
	}
	return set->next++;
}

static int compare(const void *left, const void *right)
{
	const struct item *a = left;
	const struct item *b = right;

	return (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

/* Keeps those of other processes. Returns how many there are. */
static size_t keep_others(const struct open_set *set, uint32_t pid, struct item *items)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (of_process(set->items[i].request, pid))
			request_free(set->items[i].request);
		else
			items[n++] = set->items[i];
	}
	return n;
}

int open_set_replace(struct open_set *set, uint32_t pid, struct request **requests, size_t n)
{
	struct item *items = calloc(set->count + n + 1, sizeof(*items));
	size_t count;
	size_t i;

	for (i = 0; i < n && items; i++)
		items[set->count + i] = (struct item){arrival_of(set, requests[i]), requests[i]};
	for (i = 0; i < n && !items; i++)
		request_free(requests[i]);
	if (!items) {
		set->count = keep_others(set, pid, set->items);
		return -ENOMEM;
	}
	count = keep_others(set, pid, items);
	for (i = 0; i < n; i++)
		items[count + i] = items[set->count + i];
	qsort(items, count + n, sizeof(*items), compare);
	free(set->items);
	set->items = items;
	set->count = count + n;
	return 0;
}

void open_set_drop(struct open_set *set,
		   bool (*is_gone)(const void *user, const struct request *request),
		   const void *user)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (is_gone(user, set->items[i].request))
			request_free(set->items[i].request);
		else
			set->items[n++] = set->items[i];
	}
	set->count = n;
}

size_t open_set_count(const struct open_set *set)
{
	return set->count;
}

size_t open_set_answered(const struct open_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->count; i++)
		n += open_set_at(set, i)->flags & REQUEST_OPEN ? 0 : 1;
	return n;
}

uint64_t open_set_arrival(const struct open_set *set, size_t index)
{
	return set->items[index].arrival;
}

const struct request *open_set_at(const struct open_set *set, size_t index)
{
	return set->items[index].request;
}

const struct request *open_set_find(const struct open_set *set, uint64_t arrival)
{
	const struct item wanted = {.arrival = arrival};
	const struct item *found;

	if (arrival < OPEN_ARRIVAL || set->count == 0)
		return NULL;
	found = bsearch(&wanted, set->items, set->count, sizeof(wanted), compare);
	return found ? found->request : NULL;
}
