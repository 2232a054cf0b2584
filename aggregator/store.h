/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The history of finished requests, bounded in bytes: the oldest are freed first, and counted.
 * Owner: the main thread. Views address requests by index (0 = oldest kept).
 */
#ifndef NT_AGGREGATOR_STORE_H
#define NT_AGGREGATOR_STORE_H

#include "aggregator/request.h"

struct store;

/* Returns a new store of at most max_bytes bytes in *ret_store, or -ENOMEM. */
int store_new(size_t max_bytes, struct store **ret_store);
void store_free(struct store *store);

/* Takes ownership of the request; may free the oldest ones. On -ENOMEM the request is freed. */
int store_add(struct store *store, struct request *request);

/* How many are kept now. */
size_t store_count(const struct store *store);
/* 0 = oldest kept. index < store_count(). */
const struct request *store_at(const struct store *store, size_t index);

uint64_t store_added(const struct store *store); /* ever */
uint64_t store_shed(const struct store *store);  /* freed for lack of room */
size_t store_bytes(const struct store *store);

#endif
