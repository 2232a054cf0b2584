/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/request_index.h"

#include <assert.h>
#include <string.h>

#include "aggregator/filter.h"
#include "symbolizer/base.h"
#include "tui/open_set.h"

#define NO_END (UINT64_C(1) << 63) /* later than every end */

struct entry {
	uint64_t value;
	uint64_t arrival;
};

struct request_index {
	const struct store *store;
	const struct filter *filter; /* NULL all; the caller's */
	const struct open_set *open; /* NULL none */
	struct entry *entries;       /* ascending by (value, text, arrival) */
	size_t count;
	size_t capacity;
	size_t n_copies; /* of them of the open set */
	size_t n_open;   /* of those in flight; the others are answered, and not handed out yet */
	uint64_t first;  /* arrivals before this one are gone */
	uint64_t next;   /* the first arrival that is not in the index */
	enum sort_column column;
	bool largest_first;
};

static const struct {
	const char *title;
	const char *largest_first;
	const char *smallest_first;
} columns[] = {
#define SORT_COLUMN_ROW(name, title, largest_first, smallest_first) \
	[SORT_##name] = {(title), (largest_first), (smallest_first)},
	SORT_COLUMNS(SORT_COLUMN_ROW)
#undef SORT_COLUMN_ROW
};
_Static_assert(ARRAY_SIZE(columns) == SORT_COLUMN_COUNT, "one row for each column");

const char *sort_column_title(enum sort_column column)
{
	assert((unsigned int)column < SORT_COLUMN_COUNT);
	return columns[column].title;
}

const char *sort_column_order(enum sort_column column, bool largest_first)
{
	assert((unsigned int)column < SORT_COLUMN_COUNT);
	return largest_first ? columns[column].largest_first : columns[column].smallest_first;
}

static uint64_t first_kept(const struct store *store)
{
	return store_added(store) - store_count(store);
}

const struct request *request_by_arrival(const struct store *store, uint64_t arrival)
{
	uint64_t first = first_kept(store);

	if (arrival < first || arrival >= store_added(store))
		return NULL;
	return store_at(store, (size_t)(arrival - first));
}

const struct request *request_index_request(const struct request_index *index, uint64_t arrival)
{
	if (arrival < OPEN_ARRIVAL)
		return request_by_arrival(index->store, arrival);
	return index->open ? open_set_find(index->open, arrival) : NULL;
}

/* The first bytes of a text as a number that sorts as it does. */
static uint64_t text_value(const char *text)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < sizeof(value) && text[i]; i++)
		value |= (uint64_t)(unsigned char)text[i] << 8 * (sizeof(value) - 1 - i);
	return value;
}

static uint64_t sort_value(enum sort_column column, const struct request *request)
{
	switch (column) {
	case SORT_DURATION:
		return request_duration_ns(request);
	case SORT_CPU:
		return request->cpu_ns;
	case SORT_LOOPQ:
		return request->label_ns[LABEL_LOOP];
	case SORT_POOLQ:
		return request->label_ns[LABEL_POOL_QUEUE];
	case SORT_OPS:
		return request->n_ops_total;
	case SORT_STATUS:
		return request->status;
	case SORT_METHOD:
		return text_value(request->method);
	case SORT_PATH:
		return text_value(request->url);
	case SORT_AGE:
	case SORT_COLUMN_COUNT:
		break;
	}
	/* Copies of those in flight are older than what has finished since: they have no end yet. */
	return request->flags & REQUEST_OPEN ? NO_END | request->start_ns : request->end_ns;
}

bool sort_column_largest_first(enum sort_column column)
{
	return column != SORT_METHOD && column != SORT_PATH;
}

/* Paths that begin alike: the rest of the text decides. Entries of requests that are gone stay before
 * those that are not until they are dropped. */
static int compare_paths(const struct request_index *index, const struct entry *a,
			 const struct entry *b)
{
	const struct request *left = request_index_request(index, a->arrival);
	const struct request *right = request_index_request(index, b->arrival);

	if (!left || !right)
		return (left ? 1 : 0) - (right ? 1 : 0);
	return strcmp(left->url, right->url);
}

static int compare_entries(const struct request_index *index, const struct entry *a,
			   const struct entry *b)
{
	int order = 0;

	if (a->value != b->value)
		return a->value > b->value ? 1 : -1;
	if (index->column == SORT_PATH)
		order = compare_paths(index, a, b);
	return order ? order : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

static int compare(const void *left, const void *right, void *index)
{
	return compare_entries(index, left, right);
}

int request_index_new(const struct store *store, struct request_index **ret_index)
{
	struct request_index *index = calloc(1, sizeof(*index));

	if (!index)
		return -ENOMEM;
	index->store = store;
	index->column = SORT_AGE;
	index->largest_first = true;
	*ret_index = index;
	return 0;
}

void request_index_free(struct request_index *index)
{
	if (!index)
		return;
	free(index->entries);
	free(index);
}

/* Takes out what was shed before `first`, and what was in flight. */
static void drop_gone(struct request_index *index, uint64_t first)
{
	size_t kept = 0;
	size_t i;

	if (first == index->first && !index->n_copies)
		return;
	for (i = 0; i < index->count; i++) {
		uint64_t arrival = index->entries[i].arrival;

		if (arrival >= first && arrival < OPEN_ARRIVAL)
			index->entries[kept++] = index->entries[i];
	}
	index->count = kept;
	index->n_copies = index->n_open = 0;
	index->first = first;
	if (index->next < first)
		index->next = first;
}

/* Merges the sorted entries from `middle` on with those before. */
static int merge(struct request_index *index, size_t middle)
{
	size_t tail_len = index->count - middle;
	struct entry *tail;
	size_t place = index->count;

	if (middle == 0 || tail_len == 0 ||
	    compare_entries(index, &index->entries[middle - 1], &index->entries[middle]) < 0)
		return 0;
	tail = malloc(tail_len * sizeof(*tail));
	if (!tail)
		return -ENOMEM;
	memcpy(tail, index->entries + middle, tail_len * sizeof(*tail));
	while (tail_len) {
		if (middle &&
		    compare_entries(index, &index->entries[middle - 1], &tail[tail_len - 1]) > 0)
			index->entries[--place] = index->entries[--middle];
		else
			index->entries[--place] = tail[--tail_len];
	}
	free(tail);
	return 0;
}

static int append(struct request_index *index, const struct request *request, uint64_t arrival)
{
	int err;

	if (!filter_match(index->filter, request))
		return 0;
	err = array_reserve(&index->entries, &index->capacity, index->count,
			    sizeof(*index->entries));
	if (!err)
		index->entries[index->count++] =
			(struct entry){sort_value(index->column, request), arrival};
	return err;
}

/* Takes in what came since, up to where memory ends. */
static int append_new(struct request_index *index)
{
	uint64_t added = store_added(index->store);
	int err;

	for (; index->next < added; index->next++) {
		err = append(index, request_by_arrival(index->store, index->next), index->next);
		if (err)
			return err;
	}
	return 0;
}

static int append_open(struct request_index *index)
{
	size_t finished = index->count;
	const struct request *request;
	size_t i, before;
	int err = 0;

	index->n_open = 0;
	for (i = 0; index->open && !err && i < open_set_count(index->open); i++) {
		before = index->count;
		request = open_set_at(index->open, i);
		err = append(index, request, open_set_arrival(index->open, i));
		if (request->flags & REQUEST_OPEN)
			index->n_open += index->count - before;
	}
	index->n_copies = index->count - finished;
	return err;
}

static void sort_from(struct request_index *index, size_t first)
{
	if (index->count > first + 1)
		qsort_r(index->entries + first, index->count - first, sizeof(*index->entries),
			compare, index);
}

int request_index_refresh(struct request_index *index)
{
	uint64_t next;
	size_t old;
	int err;

	drop_gone(index, first_kept(index->store));
	next = index->next;
	old = index->count;
	err = append_new(index);
	if (!err)
		err = append_open(index);
	if (!err && index->count > old) {
		sort_from(index, old);
		err = merge(index, old);
	}
	if (err) {
		index->next = next;
		index->count = old;
		index->n_copies = index->n_open = 0;
	}
	return err;
}

void request_index_open(struct request_index *index, const struct open_set *open)
{
	index->open = open;
}

void request_index_filter(struct request_index *index, const struct filter *filter)
{
	index->filter = filter;
	index->count = 0;
	index->n_copies = index->n_open = 0;
	index->next = first_kept(index->store);
	index->first = index->next;
}

void request_index_sort(struct request_index *index, enum sort_column column, bool largest_first)
{
	size_t i;

	index->largest_first = largest_first;
	if (column == index->column)
		return;
	index->column = column;
	drop_gone(index, first_kept(index->store));
	for (i = 0; i < index->count; i++) {
		struct entry *entry = &index->entries[i];

		entry->value = sort_value(column, request_by_arrival(index->store, entry->arrival));
	}
	(void)append_open(index); /* the next refresh tries again */
	sort_from(index, 0);
}

size_t request_index_count(const struct request_index *index)
{
	return index->count;
}

size_t request_index_open_count(const struct request_index *index)
{
	return index->n_open;
}

static size_t turned(const struct request_index *index, size_t place)
{
	return index->largest_first ? index->count - 1 - place : place;
}

uint64_t request_index_at(const struct request_index *index, size_t place)
{
	assert(place < index->count);
	return index->entries[turned(index, place)].arrival;
}

int request_index_find(const struct request_index *index, uint64_t arrival, size_t *ret_place)
{
	const struct request *request = request_index_request(index, arrival);
	struct entry wanted;
	size_t low;

	if (!request || index->count == 0)
		return -ENOENT;
	wanted = (struct entry){sort_value(index->column, request), arrival};
	low = PARTITION_POINT(i, index->count,
			      compare_entries(index, &index->entries[i], &wanted) < 0);
	if (low == index->count || index->entries[low].arrival != arrival)
		return -ENOENT;
	*ret_place = turned(index, low);
	return 0;
}
