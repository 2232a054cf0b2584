/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* First fit: gives what overlaps in time different lanes, always the uppermost one that is free. */
#ifndef NT_TUI_LANES_H
#define NT_TUI_LANES_H

#include <stddef.h>
#include <stdint.h>

struct lanes;

/* Returns `count` free lanes in *ret_lanes, or -ENOMEM. */
int lanes_new(size_t count, struct lanes **ret_lanes);
void lanes_free(struct lanes *lanes);

/* Takes the first lane that is free at start_ns, until end_ns, and returns it. Calls come in the
 * order of start_ns, at most `count` of them. */
uint32_t lanes_take(struct lanes *lanes, uint64_t start_ns, uint64_t end_ns);

#endif
