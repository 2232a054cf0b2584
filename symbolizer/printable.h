/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Names that come from the target, made harmless before anybody keeps or shows them. */
#ifndef NT_SYMBOLIZER_PRINTABLE_H
#define NT_SYMBOLIZER_PRINTABLE_H

#include <stddef.h>

/*
 * Copies len bytes of text to buf (size > 0 bytes), ended with NUL and cut between characters where
 * it does not fit. Bytes that are no UTF-8, control characters and those that change the direction
 * or the lines of a text become '?'. Returns the length of the copy.
 */
size_t printable_copy(char *buf, size_t size, const char *text, size_t len);

#endif
