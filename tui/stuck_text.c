/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/stuck_text.h"

#include <stdio.h>

#include "tui/format.h"

#define PLACE_LEN 100

const char *stuck_text(const struct stuck_loop *stuck, char *buf)
{
	char length[FORMAT_LEN];
	char place[PLACE_LEN];

	(void)stuck_loop_place(stuck, place, sizeof(place));
	(void)snprintf(buf, STUCK_TEXT_LEN, "%s%s%s%s%s", stuck->is_older ? "at least " : "",
		       format_duration(stuck->busy_ns, length),
		       stuck->before_trace ? ", since before the trace," : "",
		       !*place               ? ", place not known"
		       : stuck->is_last_seen ? ", last seen in "
					     : " in ",
		       place);
	return buf;
}
