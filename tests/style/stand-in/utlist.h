/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What clang-tidy sees instead of utlist; see uthash.h beside it. */
#ifndef UTLIST_H
#define UTLIST_H

#include <stddef.h>

void stand_in_append(void *ret_head, void *element);
void stand_in_remove(void *ret_head, const void *element);

#define DL_APPEND(head, element)  stand_in_append(&(head), (element))
#define DL_PREPEND(head, element) stand_in_append(&(head), (element))
#define DL_DELETE(head, element)  stand_in_remove(&(head), (element))
#define DL_FOREACH(head, element) for ((element) = (head); (element); (element) = (element)->next)
#define DL_FOREACH_SAFE(head, element, tmp) \
	for ((element) = (head); (element) && ((tmp) = (element)->next, 1); (element) = (tmp))

#endif
