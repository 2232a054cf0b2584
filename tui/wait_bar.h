/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The bar "where the time went" of a request: one kind a cell. Bars are kept, since a request never
 * changes and the same ones are drawn ten times a second.
 */
#ifndef NT_TUI_WAIT_BAR_H
#define NT_TUI_WAIT_BAR_H

#include "tui/wait_kind.h"

#define WAIT_BAR_MAX 48

struct wait_bar_cache;

/* Returns an empty cache in *ret_cache, or -ENOMEM. */
int wait_bar_cache_new(struct wait_bar_cache **ret_cache);
void wait_bar_cache_free(struct wait_bar_cache *cache);

/* A drawing begins: so many operations may be looked at until the next one, and at least one bar made. */
void wait_bar_cache_begin(struct wait_bar_cache *cache, size_t max_ops);

/*
 * Returns `width` kinds (enum wait_kind; width <= WAIT_BAR_MAX) in *ret_kinds, valid until the next
 * call; `arrival` names the request. -EAGAIN: not in this drawing any more. -ENOMEM.
 */
int wait_bar(struct wait_bar_cache *cache, const struct request *request, uint64_t arrival,
	     int width, const uint8_t **ret_kinds);

#endif
