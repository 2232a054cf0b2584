/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How often a thread's heap was collected, so that a reader knows whether what it read still stood
 * where it was. The kernel side counts at the moment when all objects have moved and the old copies
 * are still whole: what was read before the count rose is right.
 */
#ifndef NT_SYMBOLIZER_HEAP_CLOCK_H
#define NT_SYMBOLIZER_HEAP_CLOCK_H

#include <stdint.h>

struct heap_time {
	uint64_t isolate;     /* changes when another isolate has got the thread's id; 0 unknown */
	uint64_t moves;       /* collections that move functions and code, as in a STACK event */
	uint64_t collections; /* all of them */
};

struct heap_clock {
	/* Returns 0, or a negative errno when nothing is known of the thread. */
	int (*read)(void *user, uint32_t tid, struct heap_time *ret_time);
	void *user;
};

#endif
