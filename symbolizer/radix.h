/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Sorting of many numbers, in time that no input makes worse. */
#ifndef NT_SYMBOLIZER_RADIX_H
#define NT_SYMBOLIZER_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Sorts by the bytes from `first` (0 the lowest) to the highest; what is equal in these stays in
 * order. Returns 0 or -ENOMEM, and then nothing changed. */
int radix_sort(uint64_t *keys, size_t n, unsigned int first);

#endif
