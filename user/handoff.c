/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/handoff.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

#include "symbolizer/base.h"

struct handoff {
	pthread_mutex_t lock; /* everything below */
	struct handoff_item *head;
	struct handoff_item *tail;
	size_t bytes;
	size_t max_bytes;
	uint64_t dropped;     /* requests … */
	uint64_t dropped_ops; /* … and operations of none */
	struct totals totals;
	struct request **open; /* not taken yet */
	size_t n_open;
	bool new_open;
	bool want_open;
	bool closed;
	int wake; /* eventfd, written when the queue becomes non-empty or is closed */
};

int handoff_new(size_t max_bytes, struct handoff **ret_handoff)
{
	struct handoff *h;
	int err;

	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->max_bytes = max_bytes;
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->wake < 0) {
		err = -errno;
		free(h);
		return err;
	}
	pthread_mutex_init(&h->lock, NULL);
	*ret_handoff = h;
	return 0;
}

static void free_requests(struct request **requests, size_t n)
{
	while (n)
		request_free(requests[--n]);
	free(requests);
}

void handoff_free(struct handoff *h)
{
	struct handoff_item *next;

	if (!h)
		return;
	for (; h->head; h->head = next) {
		next = h->head->next;
		handoff_item_free(h->head);
	}
	free_requests(h->open, h->n_open);
	pthread_mutex_destroy(&h->lock);
	(void)close(h->wake);
	free(h);
}

static void wake_consumer(const struct handoff *h)
{
	const uint64_t one = 1;

	/* Cannot fail: the counter is far from its limit. */
	if (write(h->wake, &one, sizeof(one)) < 0)
		return;
}

/* Under the lock. */
static void count_dropped(struct handoff *h, const struct request *request)
{
	if (request)
		h->dropped++;
	else
		h->dropped_ops++;
}

/* Memory was short. */
static int refuse(struct handoff *h, const struct request *request)
{
	pthread_mutex_lock(&h->lock);
	count_dropped(h, request);
	pthread_mutex_unlock(&h->lock);
	return -ENOMEM;
}

static int enqueue(struct handoff *h, struct handoff_item *item)
{
	bool was_empty;
	int err = 0;

	pthread_mutex_lock(&h->lock);
	was_empty = !h->head;
	if (h->closed || (h->bytes + item->bytes > h->max_bytes && !was_empty)) {
		count_dropped(h, item->request);
		err = -ENOSPC;
	} else {
		if (was_empty)
			h->head = item;
		else
			h->tail->next = item;
		h->tail = item;
		h->bytes += item->bytes;
	}
	pthread_mutex_unlock(&h->lock);
	if (!err && was_empty)
		wake_consumer(h);
	return err;
}

static int put(struct handoff *h, struct request *request, struct op *op, size_t bytes)
{
	struct handoff_item *item;
	int err;

	item = calloc(1, sizeof(*item));
	if (!item) {
		err = refuse(h, request);
		request_free(request);
		free(op);
		return err;
	}
	item->request = request;
	item->op = op;
	item->bytes = bytes + sizeof(*item);
	err = enqueue(h, item);
	if (err)
		handoff_item_free(item);
	return err;
}

int handoff_put_request(struct handoff *h, struct request *request)
{
	return put(h, request, NULL, request->bytes);
}

/* Copies `len` bytes to the end of a block that is large enough. NULL stays NULL. */
static void *append(char **end, const void *data, size_t len)
{
	void *copy = *end;

	if (!data)
		return NULL;
	*end += len;
	return memcpy(copy, data, len);
}

/* One block: the operation and what it points to, the detail last, which needs no alignment. The
 * other strings and the stacks outlive it. */
static struct op *copy_op(const struct op *op, size_t *ret_bytes)
{
	size_t runs = op->n_runs * sizeof(*op->runs);
	size_t fronts = op->n_fronts * sizeof(*op->fronts);
	size_t wire = op->wire ? sizeof(*op->wire) : 0;
	size_t detail = strlen(op->detail) + 1;
	struct op *copy;
	char *end;

	copy = malloc(sizeof(*copy) + runs + fronts + wire + detail);
	if (!copy)
		return NULL;
	*copy = *op;
	end = (char *)(copy + 1);
	copy->runs = append(&end, op->runs, runs);
	copy->fronts = append(&end, op->fronts, fronts);
	copy->wire = append(&end, op->wire, wire);
	copy->detail = append(&end, op->detail, detail);
	*ret_bytes = (size_t)(end - (char *)copy);
	return copy;
}

int handoff_put_unowned(struct handoff *h, const struct op *op)
{
	struct op *copy;
	size_t bytes;

	copy = copy_op(op, &bytes);
	if (!copy)
		return refuse(h, NULL);
	return put(h, NULL, copy, bytes);
}

void handoff_set_totals(struct handoff *h, const struct totals *totals)
{
	pthread_mutex_lock(&h->lock);
	h->totals = *totals;
	pthread_mutex_unlock(&h->lock);
}

void handoff_want_open(struct handoff *h, bool wanted)
{
	pthread_mutex_lock(&h->lock);
	h->want_open = wanted;
	pthread_mutex_unlock(&h->lock);
}

bool handoff_wants_open(struct handoff *h)
{
	bool wanted;

	pthread_mutex_lock(&h->lock);
	wanted = h->want_open;
	pthread_mutex_unlock(&h->lock);
	return wanted;
}

void handoff_set_open(struct handoff *h, struct request **requests, size_t n)
{
	struct request **old;
	size_t n_old;

	pthread_mutex_lock(&h->lock);
	old = h->open;
	n_old = h->n_open;
	h->open = requests;
	h->n_open = n;
	h->new_open = true;
	pthread_mutex_unlock(&h->lock);
	free_requests(old, n_old);
}

bool handoff_take_open(struct handoff *h, struct request ***ret_requests, size_t *ret_n)
{
	bool taken;

	pthread_mutex_lock(&h->lock);
	taken = h->new_open;
	if (taken) {
		*ret_requests = h->open;
		*ret_n = h->n_open;
		h->open = NULL;
		h->n_open = 0;
		h->new_open = false;
	}
	pthread_mutex_unlock(&h->lock);
	return taken;
}

void handoff_close(struct handoff *h)
{
	pthread_mutex_lock(&h->lock);
	h->closed = true;
	pthread_mutex_unlock(&h->lock);
	wake_consumer(h);
}

int handoff_fd(const struct handoff *h)
{
	return h->wake;
}

struct handoff_item *handoff_take(struct handoff *h, bool *ret_closed)
{
	struct handoff_item *items;
	uint64_t count;

	/* Before the lock: an item added in between wakes us once more, for nothing. */
	if (read(h->wake, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&h->lock);
	items = h->head;
	h->head = NULL;
	h->tail = NULL;
	h->bytes = 0;
	*ret_closed = h->closed;
	pthread_mutex_unlock(&h->lock);
	return items;
}

void handoff_item_free(struct handoff_item *item)
{
	if (!item)
		return;
	request_free(item->request);
	free(item->op);
	free(item);
}

void handoff_totals(struct handoff *h, struct totals *ret_totals)
{
	pthread_mutex_lock(&h->lock);
	*ret_totals = h->totals;
	pthread_mutex_unlock(&h->lock);
}

uint64_t handoff_dropped_ops(struct handoff *h)
{
	uint64_t dropped;

	pthread_mutex_lock(&h->lock);
	dropped = h->dropped_ops;
	pthread_mutex_unlock(&h->lock);
	return dropped;
}

uint64_t handoff_dropped(struct handoff *h)
{
	uint64_t dropped;

	pthread_mutex_lock(&h->lock);
	dropped = h->dropped;
	pthread_mutex_unlock(&h->lock);
	return dropped;
}
