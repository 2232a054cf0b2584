/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/stuck_loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/text.h"
#include "symbolizer/stacks.h"

static bool is_main(const struct stuck_loop *stuck)
{
	return stuck->tid == stuck->pid;
}

bool stuck_loop_is_worse(const struct stuck_loop *stuck, const struct stuck_loop *than)
{
	if (!stuck->busy_ns || !than->busy_ns)
		return stuck->busy_ns > than->busy_ns;
	if (is_main(stuck) != is_main(than))
		return is_main(stuck);
	return stuck->busy_ns > than->busy_ns;
}

const char *stuck_loop_place(const struct stuck_loop *stuck, char *buf, size_t len)
{
	const struct frame *frame = stuck->frame;
	const char *file = frame && frame->file ? frame->file : NULL;
	const char *slash = file ? strrchr(file, '/') : NULL;
	int wanted = 0;

	buf[0] = '\0';
	if (file)
		wanted = snprintf(buf, len, "%s (%s:%" PRIu32 ")",
				  frame->function && *frame->function ? frame->function
								      : "(anonymous)",
				  slash ? slash + 1 : file, frame->line);
	if (wanted >= (int)len)
		buf[text_boundary(buf, len - 1)] = '\0';
	return buf;
}
