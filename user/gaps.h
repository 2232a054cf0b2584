/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Gathers what was counted: kernel side, samplers, table of stacks, heap, perf map, source maps. */
#ifndef NT_USER_GAPS_H
#define NT_USER_GAPS_H

#include "aggregator/stack_gaps.h"

struct resolver;
struct session;
struct stacks;

/* What stacks lack so far, by all who count it. */
void gaps_read(const struct session *session, const struct resolver *resolver,
	       const struct stacks *stacks, struct stack_gaps *ret_gaps);

#endif
