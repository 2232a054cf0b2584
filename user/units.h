/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Numbers as people type them on a command line: "10s", "1.5m", "64M".
 *
 * The whole text must be consumed; a sign, white space, an unknown unit or an overflow is -EINVAL
 * or -ERANGE, and then the result is untouched.
 */
#ifndef NT_USER_UNITS_H
#define NT_USER_UNITS_H

#include <stdint.h>

/* A whole number between min and max. Returns 0, -EINVAL or -ERANGE. */
int units_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);

/* A time with the unit ns, us, ms, s, m or h; a bare number counts in bare_ns. Fractions are fine.
 * Returns 0, -EINVAL or -ERANGE. */
int units_duration(const char *text, uint64_t bare_ns, uint64_t *ret_ns);

/* A size with the unit K, M or G (powers of 1024, "B" or "iB" may follow); bare = bytes.
 * Returns 0, -EINVAL or -ERANGE. */
int units_size(const char *text, uint64_t *ret_bytes);

#endif
