/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The requests that were marked by hand, by their arrival (request_index.h). */
#ifndef NT_TUI_TAGS_H
#define NT_TUI_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAGS_MAX 4096

struct tags {
	uint64_t *arrivals; /* ascending */
	size_t count;
	size_t capacity;
};

/* Frees what it holds, not itself. */
void tags_done(struct tags *tags);

/* Whether the request of this arrival is tagged. */
bool tags_has(const struct tags *tags, uint64_t arrival);
/* Returns 0, -ENOSPC when there are TAGS_MAX already, or -ENOMEM. */
int tags_add(struct tags *tags, uint64_t arrival);
void tags_remove(struct tags *tags, uint64_t arrival);
/* Removes all before this arrival: what is not kept any more. */
void tags_forget(struct tags *tags, uint64_t arrival);

#endif
