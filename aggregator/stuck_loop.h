/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * An event loop that does not come to its next turn: one callback, or what follows it, has the thread. Told while
 * it lasts; what it was, the turn's figures tell once it is over.
 */
#ifndef NT_AGGREGATOR_STUCK_LOOP_H
#define NT_AGGREGATOR_STUCK_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUCK_NS UINT64_C(1000000000) /* so long a turn has to last to be told */

struct frame;

struct stuck_loop {
	uint64_t busy_ns; /* in this turn until now; 0: no loop is stuck */
	uint32_t pid;
	uint32_t tid;      /* of the thread whose loop it is; the main thread's is the pid */
	bool is_older;     /* nobody saw the turn begin: it lasts longer than that … */
	bool before_trace; /* … since before the trace */
	bool is_last_seen; /* nobody met it there: it started something there last */
	const struct frame *
		frame; /* of the application, where it was last; NULL not known. Lives as its stack does. */
};

/* The main thread's loop goes before others, then what lasts longer. */
bool stuck_loop_is_worse(const struct stuck_loop *stuck, const struct stuck_loop *than);

/* Writes "stuck (hang.js:6)" into buf of `len` bytes, which is cut where characters end. "" when it is not known. Returns
 * buf. */
const char *stuck_loop_place(const struct stuck_loop *stuck, char *buf, size_t len);

#endif
