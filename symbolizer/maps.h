/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The lines of a /proc/PID/maps file, sorted by address. */
#ifndef NT_SYMBOLIZER_MAPS_H
#define NT_SYMBOLIZER_MAPS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "symbolizer/process.h"

struct maps {
	struct mapping *items;
	size_t count;
	size_t capacity;
};

/* Reads all lines. Returns 0 and *ret_maps for maps_done(), -EBADMSG when a line makes no sense,
 * -E2BIG for more mappings than any kernel allows by default, -ENOMEM, or the read's error. */
int maps_read(FILE *file, struct maps *ret_maps);
void maps_done(struct maps *maps);

/* The mapping that covers an address, or NULL. */
const struct mapping *maps_find(const struct maps *maps, uint64_t address);

#endif
