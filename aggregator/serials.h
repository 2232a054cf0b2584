/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#ifndef NT_AGGREGATOR_SERIALS_H
#define NT_AGGREGATOR_SERIALS_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/base.h"

/* Requests by serial. Zeroed: none; `data` is the owner's to free. */
struct serials {
	uint64_t *data;
	size_t n;
	size_t capacity;
};

/* Without memory for it the serial is left out. */
static inline void serials_add(struct serials *serials, uint64_t serial)
{
	if (!array_reserve(&serials->data, &serials->capacity, serials->n, sizeof(serial)))
		serials->data[serials->n++] = serial;
}

#endif
