/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is searched for: a POSIX extended regular expression that ignores case. */
#ifndef NT_TUI_SEARCH_H
#define NT_TUI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

struct search;

/* Returns 0 and *ret_search, -EINVAL with one sentence about the mistake in `error`, or -ENOMEM. */
int search_new(const char *pattern, char *error, size_t error_len, struct search **ret_search);
void search_free(struct search *search);

/* As it was typed. */
const char *search_pattern(const struct search *search);
/* A NULL search matches nothing. */
bool search_match(const struct search *search, const char *text);

#endif
