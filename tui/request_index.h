/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The requests of the store in the order of a column.
 *
 * The index keeps numbers, not requests: a request's place in the order of its arrival (its
 * "arrival", 0 for the first ever) and the value it is sorted by. It is brought up to date in one
 * pass: what was shed is dropped, what is new is sorted and merged in. Requests in flight change all
 * the time: they are taken out and merged in anew.
 */
#ifndef NT_TUI_REQUEST_INDEX_H
#define NT_TUI_REQUEST_INDEX_H

#include "aggregator/store.h"

/* X(NAME, title of the column, largest first in words, smallest first in words) */
#define SORT_COLUMNS(X)                                                                            \
	X(AGE, "AGO", "newest first", "oldest first")                                              \
	X(DURATION, "TIME", "slowest first", "fastest first")                                      \
	X(CPU, "CPU", "most cpu first", "least cpu first")                                         \
	X(LOOPQ, "LOOPQ", "longest ready for the loop first", "shortest ready for the loop first") \
	X(POOLQ, "POOLQ", "longest in the pool's queue first",                                     \
	  "shortest in the pool's queue first")                                                    \
	X(OPS, "OPS", "most operations first", "fewest operations first")                          \
	X(STATUS, "ST", "highest status first", "lowest status first")                             \
	X(METHOD, "METHOD", "by method, Z to A", "by method, A to Z")                              \
	X(PATH, "PATH", "by path, Z to A", "by path, A to Z")

enum sort_column {
#define SORT_COLUMN_ENUM(name, title, largest_first, smallest_first) SORT_##name,
	SORT_COLUMNS(SORT_COLUMN_ENUM)
#undef SORT_COLUMN_ENUM
	SORT_COLUMN_COUNT,
};

/* Head of the column. */
const char *sort_column_title(enum sort_column column);
/* The order in words. */
const char *sort_column_order(enum sort_column column, bool largest_first);

/* How one wants to see it at first: names from A to Z, figures from the largest. */
bool sort_column_largest_first(enum sort_column column);

struct filter;
struct open_set;
struct request_index;

/* Returns an empty index, newest first, in *ret_index, or -ENOMEM. The store must outlive it. */
int request_index_new(const struct store *store, struct request_index **ret_index);
void request_index_free(struct request_index *index);

/* Follows the store. Returns 0, or -ENOMEM and then the index is as it was. */
int request_index_refresh(struct request_index *index);
/* Sorts by another column or the other way round. */
void request_index_sort(struct request_index *index, enum sort_column column, bool largest_first);

/* Only requests that match from now on; NULL all. The filter must outlive the index or the next call. */
void request_index_filter(struct request_index *index, const struct filter *filter);

/* Requests in flight stand between the others from the next refresh on; NULL none. The set must outlive
 * the index. */
void request_index_open(struct request_index *index, const struct open_set *open);

/* How many are listed. */
size_t request_index_count(const struct request_index *index);
/* How many of them are in flight: those that are answered already are not. */
size_t request_index_open_count(const struct request_index *index);
/* Arrival of the request at this place. place < request_index_count(). */
uint64_t request_index_at(const struct request_index *index, size_t place);
/* Writes the place of the request that arrived then. Returns 0, or -ENOENT. */
int request_index_find(const struct request_index *index, uint64_t arrival, size_t *ret_place);

/* The finished request that arrived then, or NULL when it was shed or never was. */
const struct request *request_by_arrival(const struct store *store, uint64_t arrival);

/* The same, or one that is in flight. */
const struct request *request_index_request(const struct request_index *index, uint64_t arrival);

#endif
