/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The requests that are in flight, or were answered a moment ago, as copies of the moment. They have
 * arrivals of their own, which stay the same from copy to copy, and begin where those of finished
 * requests end.
 */
#ifndef NT_TUI_OPEN_SET_H
#define NT_TUI_OPEN_SET_H

#include "aggregator/request.h"

#define OPEN_ARRIVAL (UINT64_C(1) << 63) /* the first of them */

struct open_set;

/* Returns an empty set in *ret_set, or -ENOMEM. */
int open_set_new(struct open_set **ret_set);
void open_set_free(struct open_set *set);

/* The requests of this process are these from now on; pid 0: of all. Takes the requests over, not the
 * array. Returns 0, or -ENOMEM and then none of that process is there. */
int open_set_replace(struct open_set *set, uint32_t pid, struct request **requests, size_t n);

/* Takes out those of which `is_gone` is true. */
void open_set_drop(struct open_set *set,
		   bool (*is_gone)(const void *user, const struct request *request),
		   const void *user);

/* How many there are. */
size_t open_set_count(const struct open_set *set);
/* How many of them are answered, and only wait to be handed out. */
size_t open_set_answered(const struct open_set *set);
uint64_t open_set_arrival(const struct open_set *set, size_t index);
const struct request *open_set_at(const struct open_set *set, size_t index);
/* The request that has this arrival, or NULL when it is not in flight any more. */
const struct request *open_set_find(const struct open_set *set, uint64_t arrival);

/* Are they the same, one of them later? */
bool open_set_same(const struct request *a, const struct request *b);

#endif
