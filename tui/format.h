/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Numbers for people, in a bounded width, so that columns stay columns. */
#ifndef NT_TUI_FORMAT_H
#define NT_TUI_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_LEN 16 /* fits whatever is written here */

/* At most 7 columns: "85us", "3.12ms", "412.8ms", "3.214s", "31.2s", "12m03s", "5h07m", "3d04h". */
const char *format_duration(uint64_t ns, char buf[FORMAT_LEN]);
/* How long ago, at most 6 columns: "0.3s", "42s", "3m12s", "5h07m", "3d04h". */
const char *format_age(uint64_t ns, char buf[FORMAT_LEN]);
/* At most 5 columns: "812", "41.2k", "1.3M", "12.4G". */
const char *format_count(uint64_t count, char buf[FORMAT_LEN]);
/* At most 6 columns: "99.98%"; "100%" and "0%" only when it is exactly that, "-" of nothing. */
const char *format_percent(uint64_t part, uint64_t whole, char buf[FORMAT_LEN]);

#endif
