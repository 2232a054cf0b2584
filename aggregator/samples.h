/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where code was while it ran, by looks at its thread now and then: how often at which stack. Bounded:
 * what is beyond SAMPLES_MAX stacks counts as somewhere else.
 */
#ifndef NT_AGGREGATOR_SAMPLES_H
#define NT_AGGREGATOR_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "symbolizer/stacks.h"

#define SAMPLES_MAX 32

struct sampled {
	const struct stack *stack;
	uint32_t count;
	uint64_t ns; /* CPU time that they stand for */
};

struct samples {
	struct sampled items[SAMPLES_MAX]; /* in no order */
	uint32_t n;
	uint32_t elsewhere; /* not told one by one */
};

/* Adds to those of the same stack; of a stack beyond SAMPLES_MAX only their number. */
void samples_add(struct samples *samples, const struct sampled *more);
/* Adds those of another one, which is empty then. */
void samples_move(struct samples *samples, struct samples *from);

/* The stack of the line of the application that was met most often, and how often; NULL: none was. */
const struct stack *samples_place(const struct samples *samples, uint32_t *ret_count);

#endif
