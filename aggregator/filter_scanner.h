/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Reads the words of a filter expression and words its mistakes. For filter.c and comparison.c. */
#ifndef NT_AGGREGATOR_FILTER_SCANNER_H
#define NT_AGGREGATOR_FILTER_SCANNER_H

#include <stdbool.h>
#include <stddef.h>

#define SCANNER_MAX_VALUE 1024

struct scanner {
	const char *text;
	size_t at; /* what comes next */
	char *error;
	size_t error_len;
};

/* Says what is wrong at character `at` (from 0). Returns -EINVAL. */
int scanner_fail(struct scanner *scanner, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Goes on to what is no space, or to the end. */
void scanner_skip_spaces(struct scanner *scanner);

/* Takes the token, and spaces before it, if it comes next. */
bool scanner_accept(struct scanner *scanner, const char *token);

/* Takes a quoted string or a bare word into `value` of SCANNER_MAX_VALUE bytes; `after` is what
 * stands before it, for the message. Returns 0 or -EINVAL. */
int scanner_value(struct scanner *scanner, const char *after, char *value);

#endif
