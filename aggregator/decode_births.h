/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a stack told of closures, but for those in words of a frame that are not in use any more. */
#ifndef NT_AGGREGATOR_DECODE_BIRTHS_H
#define NT_AGGREGATOR_DECODE_BIRTHS_H

#include "aggregator/event.h"
#include "symbolizer/spills.h"

/* Fills the births of an event. spills: NULL nothing is known. */
void decode_births(const struct nt_event *raw, const struct spills *spills, struct event *event);

#endif
