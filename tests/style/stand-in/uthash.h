/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What clang-tidy sees instead of uthash: a call where the real macro expands to dozens of
 * statements, which would all be counted and analysed as ours. Never compiled into anything.
 */
#ifndef UTHASH_H
#define UTHASH_H

#include <stddef.h>

typedef struct UT_hash_handle {
	void *next;
} UT_hash_handle;

void *stand_in_find(const void *head, const void *key, size_t len);
void stand_in_add(void *ret_head, const void *key, size_t len, void *added);
void stand_in_delete(void *ret_head, const void *deleted);
void *stand_in_next(const void *element);
unsigned int stand_in_count(const void *head);

#define HASH_FIND(hh, head, key, len, out)  ((out) = stand_in_find((head), (key), (len)))
#define HASH_ADD(hh, head, field, len, add) stand_in_add(&(head), &(add)->field, (len), (add))
#define HASH_DELETE(hh, head, element)      stand_in_delete(&(head), (element))
#define HASH_DEL(head, element)             stand_in_delete(&(head), (element))
#define HASH_CLEAR(hh, head)                ((head) = NULL)
#define HASH_COUNT(head)                    stand_in_count(head)
#define HASH_CNT(hh, head)                  stand_in_count(head)
#define HASH_ITER(hh, head, element, tmp)                                   \
	for ((element) = (head), (tmp) = stand_in_next(element); (element); \
	     (element) = (tmp), (tmp) = stand_in_next(element))

#endif
