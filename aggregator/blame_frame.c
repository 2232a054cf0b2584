/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <string.h>

#include "aggregator/blame.h"

/* A place in code that the user has, if not written. */
static bool is_of_user(const struct frame *frame)
{
	return (frame_runs_js(frame->kind) || frame->kind == FRAME_ASYNC) && frame->file &&
	       frame->line && !frame_is_of_node(frame);
}

const struct frame *blame_frame(const struct stack *stack)
{
	const struct frame *installed = NULL;

	for (uint32_t i = 0; stack && i < stack->n_frames; i++) {
		const struct frame *frame = &stack->frames[i];

		if (!is_of_user(frame))
			continue;
		if (!strstr(frame->file, "/node_modules/"))
			return frame;
		if (!installed)
			installed = frame;
	}
	return installed;
}
