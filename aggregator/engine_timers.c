/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * When a timer ran. A callback that touches no probe, as the resolve of a sleep(), shows nothing;
 * but a timer that is due when the timers phase begins runs in it, unless it was cleared before,
 * which shows nothing either: such an end is flagged as inferred.
 */
#include <stdlib.h>

#include "aggregator/engine_state.h"

#include "symbolizer/base.h"

#define MAX_DUE 65536

static void heap_swap(struct due_timer *a, struct due_timer *b)
{
	struct due_timer t = *a;

	*a = *b;
	*b = t;
}

int timer_add(struct engine_thread *thread, uint64_t due_ns, uint64_t op)
{
	size_t i = thread->n_due;
	int err;

	if (i >= MAX_DUE)
		return 0;
	err = array_reserve(&thread->due, &thread->cap_due, i, sizeof(*thread->due));
	if (err)
		return err;
	thread->due[i] = (struct due_timer){.due_ns = due_ns, .op = op};
	thread->n_due++;
	for (; i && thread->due[i].due_ns < thread->due[(i - 1) / 2].due_ns; i = (i - 1) / 2)
		heap_swap(&thread->due[i], &thread->due[(i - 1) / 2]);
	return 0;
}

static void heap_pop(struct engine_thread *thread)
{
	struct due_timer *due = thread->due;
	size_t i = 0, child;

	due[0] = due[--thread->n_due];
	while ((child = 2 * i + 1) < thread->n_due) {
		if (child + 1 < thread->n_due && due[child + 1].due_ns < due[child].due_ns)
			child++;
		if (due[i].due_ns <= due[child].due_ns)
			break;
		heap_swap(&due[i], &due[child]);
		i = child;
	}
}

void timers_due(struct engine *engine, struct engine_thread *thread, uint64_t now_ns)
{
	struct live_op *live;

	while (thread->n_due && thread->due[0].due_ns <= now_ns) {
		live = op_find(engine, thread->due[0].op);
		heap_pop(thread);
		if (!live || !live->open)
			continue;
		op_end(engine, live, now_ns);
		live->op.flags |= OP_END_INFERRED;
	}
}

void timers_done(struct engine_thread *thread)
{
	free(thread->due);
}
