/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/samples.h"

#include "aggregator/blame.h"

void samples_add(struct samples *samples, const struct sampled *more)
{
	for (uint32_t i = 0; i < samples->n; i++) {
		if (samples->items[i].stack != more->stack)
			continue;
		samples->items[i].count += more->count;
		samples->items[i].ns += more->ns;
		return;
	}
	if (samples->n < SAMPLES_MAX)
		samples->items[samples->n++] = *more;
	else
		samples->elsewhere += more->count;
}

void samples_move(struct samples *samples, struct samples *from)
{
	for (uint32_t i = 0; i < from->n; i++)
		samples_add(samples, &from->items[i]);
	samples->elsewhere += from->elsewhere;
	from->n = from->elsewhere = 0;
}

/* Names are interned. */
static bool same_line(const struct frame *a, const struct frame *b)
{
	return a->line == b->line && a->file == b->file && a->function == b->function;
}

static uint32_t count_line(const struct samples *samples, const struct frame *line)
{
	const struct frame *frame;
	uint32_t count = 0;

	for (uint32_t i = 0; i < samples->n; i++) {
		frame = blame_frame(samples->items[i].stack);
		if (frame && same_line(frame, line))
			count += samples->items[i].count;
	}
	return count;
}

const struct stack *samples_place(const struct samples *samples, uint32_t *ret_count)
{
	const struct stack *best = NULL;
	const struct frame *frame;
	uint32_t most = 0, count;

	for (uint32_t i = 0; i < samples->n; i++) {
		frame = blame_frame(samples->items[i].stack);
		count = frame ? count_line(samples, frame) : 0;
		if (count <= most)
			continue;
		most = count;
		best = samples->items[i].stack;
	}
	if (best)
		*ret_count = most;
	return best;
}
