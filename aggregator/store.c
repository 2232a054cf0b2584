/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/store.h"

#include <assert.h>

#include "symbolizer/base.h"

#define FIRST_CAPACITY 64

struct store {
	struct request **ring;
	size_t capacity; /* a power of two */
	size_t first;    /* place of the oldest */
	size_t count;
	size_t bytes;
	size_t max_bytes;
	uint64_t added;
	uint64_t shed;
};

static struct request *at(const struct store *store, size_t index)
{
	return store->ring[(store->first + index) & (store->capacity - 1)];
}

static size_t request_bytes(const struct request *request)
{
	return request->bytes + sizeof(struct request *);
}

static void shed_oldest(struct store *store)
{
	struct request *oldest = at(store, 0);

	store->bytes -= request_bytes(oldest);
	request_free(oldest);
	store->first = (store->first + 1) & (store->capacity - 1);
	store->count--;
	store->shed++;
}

static int grow(struct store *store)
{
	size_t capacity = store->capacity ? store->capacity * 2 : FIRST_CAPACITY;
	struct request **ring = calloc(capacity, sizeof(struct request *));
	size_t i;

	if (!ring)
		return -ENOMEM;
	for (i = 0; i < store->count; i++)
		ring[i] = at(store, i);
	free(store->ring);
	store->ring = ring;
	store->capacity = capacity;
	store->first = 0;
	return 0;
}

int store_new(size_t max_bytes, struct store **ret_store)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return -ENOMEM;
	store->max_bytes = max_bytes;
	*ret_store = store;
	return 0;
}

void store_free(struct store *store)
{
	size_t i;

	if (!store)
		return;
	for (i = 0; i < store->count; i++)
		request_free(at(store, i));
	free(store->ring);
	free(store);
}

int store_add(struct store *store, struct request *request)
{
	if (store->count == store->capacity && grow(store)) {
		request_free(request);
		return -ENOMEM;
	}
	store->ring[(store->first + store->count) & (store->capacity - 1)] = request;
	store->count++;
	store->added++;
	store->bytes += request_bytes(request);
	while (store->bytes > store->max_bytes)
		shed_oldest(store);
	return 0;
}

size_t store_count(const struct store *store)
{
	return store->count;
}

const struct request *store_at(const struct store *store, size_t index)
{
	assert(index < store->count);
	return at(store, index);
}

uint64_t store_added(const struct store *store)
{
	return store->added;
}

uint64_t store_shed(const struct store *store)
{
	return store->shed;
}

size_t store_bytes(const struct store *store)
{
	return store->bytes;
}
