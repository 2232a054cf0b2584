/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The critical path of a request, and with it one label for each of its nanoseconds.
 *
 * From the end backwards: what ran last was called back for an operation that had ended; that one was
 * started by something that ran earlier; and so on to the start. The time between an operation's
 * start and its callback is labelled by what the operation waited for until it was ready, and by
 * what the event loop did from then on (ATTRIBUTION.md, section 6). Own JavaScript on the way stays
 * own JavaScript.
 *
 * Ready is: a job of the pool when its thread finished it; a timer when it is due; data of a socket when the
 * last of it came, where the kernel side tells; all else when the loop returned from the look for I/O
 * that told it.
 */
#ifndef NT_AGGREGATOR_LABELS_H
#define NT_AGGREGATOR_LABELS_H

#include "aggregator/history.h"
#include "aggregator/request.h"

/*
 * Labels the request, of whose thread `history` tells. Returns the spans in *ret_spans (free() them):
 * in order, without gaps or empty ones, from request->start_ns to request->end_ns, so that they sum
 * to request_duration_ns(); bounded (labels_crowd.h); none for an empty request. In *ret_turns, how long
 * it waited in each turn of the loop. 0 or -ENOMEM.
 */
int labels_find_turns(const struct request *request, const struct history *history,
		      struct label_span **ret_spans, uint32_t *ret_n,
		      struct turn_delays *ret_turns);

/* The same without the turns. */
static inline int labels_find(const struct request *request, const struct history *history,
			      struct label_span **ret_spans, uint32_t *ret_n)
{
	struct turn_delays turns;

	return labels_find_turns(request, history, ret_spans, ret_n, &turns);
}

#endif
