/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The few helpers that every user-space file shares: cleanup, array size, growable arrays, bisection. */
#ifndef NT_SYMBOLIZER_BASE_H
#define NT_SYMBOLIZER_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define _cleanup_(f)  __attribute__((cleanup(f)))
#define NS_PER_SEC    1000000000ULL
#define NS_PER_MS     1000000ULL
#define NS_PER_US     1000ULL

/*
 * Of the numbers i from 0 to n - 1, of which `holds`, an expression of i, is true up to one and for none
 * behind it: the first for which it is not, n when there is none. Found by bisection.
 */
#define PARTITION_POINT(i, n, holds)                          \
	({                                                    \
		size_t low_ = 0, high_ = (n);                 \
                                                              \
		while (low_ < high_) {                        \
			size_t i = low_ + (high_ - low_) / 2; \
                                                              \
			if (holds)                            \
				low_ = (i) + 1;               \
			else                                  \
				high_ = (i);                  \
		}                                             \
		low_;                                         \
	})

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void freep(void *p)
{
	free(*(void **)p);
}

/*
 * Makes room for one more element in the array *items of *capacity elements of `size` bytes, of
 * which `count` are in use. Returns 0 or -ENOMEM, and then the array is unchanged.
 */
static inline int array_reserve(void *items, size_t *capacity, size_t count, size_t size)
{
	void **array = items;
	size_t wanted;
	void *grown;

	if (count < *capacity)
		return 0;
	wanted = *capacity ? *capacity * 2 : 16;
	grown = reallocarray(*array, wanted, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*capacity = wanted;
	return 0;
}

#endif
