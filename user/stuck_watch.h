/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Tells who has no view that a loop is stuck: that is why nothing comes. Once each time, while it lasts, and once more
 * when the capture ends in the middle of it.
 */
#ifndef NT_USER_STUCK_WATCH_H
#define NT_USER_STUCK_WATCH_H

#include "tui/stuck_text.h"

#define STUCK_NEWS_LEN (STUCK_TEXT_LEN + 64)

#define STUCK_NEWS_MAX \
	10 /* are told while the capture goes on: a server may be stuck every other second */

struct stuck_watch {
	uint32_t told;         /* how many times */
	uint32_t tid;          /* of the one told last, and … */
	uint64_t last_busy_ns; /* … how long it lasted when it was looked at last, 0 it is over */
};

/* The loops are like that now; at_end: and nothing follows. Returns whether there is something to say, which stands
 * in buf[STUCK_NEWS_LEN] then. */
bool stuck_watch_news(struct stuck_watch *watch, const struct stuck_loop *now, bool at_end,
		      char *buf);

#endif
