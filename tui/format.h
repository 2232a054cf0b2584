/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Numbers for people, never wider than said here, so that columns stand. Durations are
 * rounded half up; shares are cut, so that 100 % means all.
 */
#ifndef NT_TUI_FORMAT_H
#define NT_TUI_FORMAT_H

#include <stdint.h>

#define FORMAT_LEN            24 /* room for each of these */
#define FORMAT_DURATION_WIDTH 7
#define FORMAT_AGE_WIDTH      6
#define FORMAT_COUNT_WIDTH    5
#define FORMAT_BYTES_WIDTH    7

/* All write into buf[FORMAT_LEN] and return it. */

/* "31.4us" "412.8ms" "12.35s" "12m34s" "99h59m" "400d" */
const char *format_duration(uint64_t duration_ns, char *buf);
/* "42s" "12m05s" "4h05m" "400d"; whole seconds, so that a screen full of them is quiet. */
const char *format_age(uint64_t age_ns, char *buf);
/* "0" "99999" "412k" "12.3M" */
const char *format_count(uint64_t count, char *buf);
/* "1023B" "38.1KiB" "512MiB" */
const char *format_bytes(uint64_t bytes, char *buf);
/* "99.98%"; "-" when whole is 0 */
const char *format_share(uint64_t part, uint64_t whole, char *buf);

#endif
