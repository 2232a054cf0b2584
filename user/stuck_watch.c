/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/stuck_watch.h"

#include <inttypes.h>
#include <stdio.h>

bool stuck_watch_news(struct stuck_watch *watch, const struct stuck_loop *now, bool at_end,
		      char *buf)
{
	char text[STUCK_TEXT_LEN];
	char worker[32] = "";

	if (!now->busy_ns || (watch->told && !at_end))
		return false;
	watch->told = true;
	if (now->tid != now->pid)
		(void)snprintf(worker, sizeof(worker), "worker %" PRIu32 " of ", now->tid);
	(void)snprintf(buf, STUCK_NEWS_LEN, "the loop of %spid %" PRIu32 " is stuck for %s", worker,
		       now->pid, stuck_text(now, text));
	return true;
}
