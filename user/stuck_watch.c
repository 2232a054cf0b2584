/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/stuck_watch.h"

#include <inttypes.h>
#include <stdio.h>

/* Has this been told? What is shorter than it was began after the other one had ended. */
static bool is_known(struct stuck_watch *watch, const struct stuck_loop *now)
{
	bool same = watch->last_busy_ns && now->tid == watch->tid &&
		    now->busy_ns >= watch->last_busy_ns;

	watch->tid = now->tid;
	watch->last_busy_ns = now->busy_ns;
	return same;
}

bool stuck_watch_news(struct stuck_watch *watch, const struct stuck_loop *now, bool at_end,
		      char *buf)
{
	char text[STUCK_TEXT_LEN];
	char worker[32] = "";
	bool known = is_known(watch, now);

	if (!now->busy_ns || (!at_end && (known || watch->told == STUCK_NEWS_MAX)))
		return false;
	watch->told += !at_end;
	if (now->tid != now->pid)
		(void)snprintf(worker, sizeof(worker), "worker %" PRIu32 " of ", now->tid);
	(void)snprintf(buf, STUCK_NEWS_LEN, "the loop of %spid %" PRIu32 " is stuck for %s%s",
		       worker, now->pid, stuck_text(now, text),
		       !at_end && watch->told == STUCK_NEWS_MAX ? "; no more of this is told" : "");
	return true;
}
