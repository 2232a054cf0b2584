/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The bounded queue between the ingest thread and the main thread.
 *
 * What crosses: finished requests (ownership moves), copies of operations that belong to no
 * request, the totals so far, and copies of requests in flight for who asks for them. The producer never waits: what finds the queue full is dropped and
 * counted. Both sides may call at any time; the lock is held for a few instructions only.
 */
#ifndef NT_USER_HANDOFF_H
#define NT_USER_HANDOFF_H

#include "aggregator/request.h"

struct handoff;

/* One thing in the queue; owns what it points to. */
struct handoff_item {
	struct handoff_item *next;
	struct request *request; /* or NULL */
	struct op *op;           /* or NULL; one block with all it owns */
	size_t bytes;
};

/* Returns a new queue of at most max_bytes bytes in *ret_handoff, -ENOMEM, or another negative
 * errno. The caller frees it with handoff_free() when both threads are done with it. */
int handoff_new(size_t max_bytes, struct handoff **ret_handoff);
void handoff_free(struct handoff *handoff);

/* Producer. Takes the request whatever happens. Returns 0, or -ENOSPC or -ENOMEM when it was
 * dropped. */
int handoff_put_request(struct handoff *handoff, struct request *request);
/* Producer. Copies the operation. Returns 0, or -ENOSPC or -ENOMEM when it was dropped. */
int handoff_put_unowned(struct handoff *handoff, const struct op *op);
/* Producer: the figures of this moment. */
void handoff_set_totals(struct handoff *handoff, const struct totals *totals);
/* Consumer: whether it wants to know what is in flight. */
void handoff_want_open(struct handoff *handoff, bool wanted);
/* Producer. */
bool handoff_wants_open(struct handoff *handoff);
/* Producer: the requests in flight are these now, which takes the place of those before. Takes both array and
 * requests over. */
void handoff_set_open(struct handoff *handoff, struct request **requests, size_t n);
/* Consumer. Returns false when there was nothing new since the last time; else the caller frees the array
 * and the requests. */
bool handoff_take_open(struct handoff *handoff, struct request ***ret_requests, size_t *ret_n);
/* Producer: nothing follows. Wakes the consumer. */
void handoff_close(struct handoff *handoff);

/* Readable when there is something to take or the queue was closed. */
int handoff_fd(const struct handoff *handoff);
/* Consumer. Returns all there is, oldest first, or NULL; *ret_closed tells that nothing follows.
 * The caller frees each with handoff_item_free(). */
struct handoff_item *handoff_take(struct handoff *handoff, bool *ret_closed);
/* Frees one item and what it still owns; set item->request to NULL to keep the request. */
void handoff_item_free(struct handoff_item *item);

/* The newest totals that were handed over. */
void handoff_totals(struct handoff *handoff, struct totals *ret_totals);
/* Requests dropped since the queue was full. */
uint64_t handoff_dropped(struct handoff *handoff);
/* The same of operations of no request. */
uint64_t handoff_dropped_ops(struct handoff *handoff);

#endif
