/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Numbers pointers from 1 in the order in which they are first seen. For interned objects. */
#ifndef NT_AGGREGATOR_POINTER_INDEX_H
#define NT_AGGREGATOR_POINTER_INDEX_H

#include <stdint.h>

/* Start with {0}, free with pointer_index_done(). */
struct pointer_index {
	void *tree;
	uint32_t count;
};

/* Returns the number of the pointer, a new one if count grew, or 0 when memory is short. */
uint32_t pointer_index_get(struct pointer_index *index, const void *pointer);
void pointer_index_done(struct pointer_index *index);

#endif
