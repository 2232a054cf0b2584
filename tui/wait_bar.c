/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/wait_bar.h"

#include <assert.h>

#include "symbolizer/base.h"
#include "tui/timeline.h"

#define SLOTS 512 /* more than the rows of any screen */

struct slot {
	uint64_t arrival;
	uint64_t end_ns; /* of a request in flight it changes */
	int width;       /* 0: empty */
	uint8_t kinds[WAIT_BAR_MAX];
};

struct wait_bar_cache {
	int64_t left; /* operations until the drawing has taken long enough */
	struct slot slots[SLOTS];
};

int wait_bar_cache_new(struct wait_bar_cache **ret_cache)
{
	struct wait_bar_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->left = INT64_MAX;
	*ret_cache = cache;
	return 0;
}

void wait_bar_cache_begin(struct wait_bar_cache *cache, size_t max_ops)
{
	cache->left = (int64_t)max_ops;
}

void wait_bar_cache_free(struct wait_bar_cache *cache)
{
	free(cache);
}

static int fill(struct slot *slot, const struct request *request, uint64_t arrival, int width)
{
	uint64_t duration_ns = request_duration_ns(request);
	struct timeline *timeline;
	uint64_t from = request->start_ns;
	uint64_t until;
	int i;

	if (timeline_new(request, &timeline))
		return -ENOMEM;
	for (i = 0; i < width; i++) {
		until = request->start_ns + (uint64_t)((__uint128_t)duration_ns *
						       (unsigned int)(i + 1) / (unsigned int)width);
		slot->kinds[i] = (uint8_t)timeline_kind(timeline, from, until);
		from = until;
	}
	slot->arrival = arrival;
	slot->end_ns = request->end_ns;
	slot->width = width;
	timeline_free(timeline);
	return 0;
}

int wait_bar(struct wait_bar_cache *cache, const struct request *request, uint64_t arrival,
	     int width, const uint8_t **ret_kinds)
{
	struct slot *slot = &cache->slots[arrival % SLOTS];
	int err;

	assert(width > 0 && width <= WAIT_BAR_MAX);
	if (slot->width != width || slot->arrival != arrival || slot->end_ns != request->end_ns) {
		if (cache->left <= 0)
			return -EAGAIN;
		cache->left -= request->n_ops + 1;
		slot->width = 0;
		err = fill(slot, request, arrival, width);
		if (err)
			return err;
	}
	*ret_kinds = slot->kinds;
	return 0;
}
