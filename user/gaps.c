/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/gaps.h"

#include "symbolizer/resolver.h"
#include "user/session.h"

void gaps_read(const struct session *session, const struct resolver *resolver,
	       const struct stacks *stacks, struct stack_gaps *ret_gaps)
{
	struct source_map_counts maps;
	struct resolver_heap heap;

	resolver_heap_state(resolver, &heap);
	resolver_source_maps(resolver, &maps);
	*ret_gaps = (struct stack_gaps){
		.cut = session_counter(session, NT_COUNTER_STACKS_CUT),
		.waiters_cut = session_counter(session, NT_COUNTER_WAITERS_CUT),
		.unreadable = session_counter(session, NT_COUNTER_STACK_READ),
		.dropped = stacks_dropped(stacks),
		.evicted = stacks_evicted(stacks),
		.late = heap.counts.late,
		.again = heap.counts.again,
		.unnamed = heap.counts.unnamed,
		.no_line = heap.counts.no_line,
		.perf_differed = heap.differed,
		.perf_dropped = heap.perf_dropped,
		.maps_refused = maps.refused,
		.maps_shed = maps.shed,
		.unsampled = session_unsampled(session),
		.threads_full = session_counter(session, NT_COUNTER_THREADS_FULL),
		.tokens_full = session_counter(session, NT_COUNTER_TOKENS_FULL),
		.ticks_cut = session_counter(session, NT_COUNTER_TICKS_CUT),
		.scratch_busy = session_counter(session, NT_COUNTER_SCRATCH_BUSY),
		.websockets_full = session_counter(session, NT_COUNTER_WEBSOCKETS_FULL),
		.writes_cut = session_counter(session, NT_COUNTER_WRITES_CUT),
		.bodies_full = session_counter(session, NT_COUNTER_BODIES_FULL),
	};
}
