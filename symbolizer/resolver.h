/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Raw frames to named stacks: C++ and builtins from the ELF symbols (demangled, shortened),
 * JavaScript from V8's heap with the line of the call, and what the heap does not tell from
 * /tmp/perf-PID.map when the target runs with --perf-basic-prof, with the line of the function, so
 * marked.
 * What neither tells is shown as "js" with its address. Functions that were inlined have frames of
 * their own, with the address of the one they were inlined into. Frames that only lead from C++ to
 * JavaScript are left out. Where frames are missing since there were too many stands one of kind
 * FRAME_CUT. Owner: the ingest thread.
 */
#ifndef NT_SYMBOLIZER_RESOLVER_H
#define NT_SYMBOLIZER_RESOLVER_H

#include "bpf/event.h"
#include "symbolizer/layout.h"
#include "symbolizer/source_maps.h"
#include "symbolizer/spills.h"
#include "symbolizer/stacks.h"
#include "symbolizer/v8_frames.h"

#define RESOLVER_MAX_FRAMES 128 /* of one stack, with those that were inlined */

struct resolver;

/* How well JavaScript frames are named. */
struct resolver_heap {
	enum v8_state state;
	struct v8_counts counts;
	uint64_t compared;   /* frames that heap and perf map both named */
	uint64_t differed;   /* and differently */
	size_t perf_entries; /* of the perf map; 0 without one */
	uint64_t perf_dropped;
};

/* All arguments but ret_resolver must outlive the resolver. Returns 0 or -ENOMEM. */
int resolver_new(struct process *process, const struct elf_file *elf,
		 const struct node_layout *layout, struct stacks *stacks,
		 struct resolver **ret_resolver);
void resolver_free(struct resolver *resolver);

/* Tells the resolver when the heap was collected; what the clock points to must outlive it. */
void resolver_set_clock(struct resolver *resolver, const struct heap_clock *clock);

/* Translates frames of compiled TypeScript and of bundles to what was written, from now on. Returns 0
 * or -ENOMEM. */
int resolver_use_source_maps(struct resolver *resolver);

/* A stack as BPF sent it. */
struct raw_stack {
	uint64_t id;
	uint64_t
		moves; /* collections of the thread that moved its functions, when it was captured */
	const struct nt_frame *frames;
	size_t n;
	uint32_t tid;
};

/* Resolves a stack and adds it to the stacks table, unless its id is known. Returns the stack, or
 * NULL when the table is full. */
const struct stack *resolver_add(struct resolver *resolver, const struct raw_stack *raw);

/* What is known of the frames of the stacks; lives as long as the resolver. */
const struct spills *resolver_spills(const struct resolver *resolver);

/* True when a perf map of the target is in use. */
bool resolver_has_perf_map(const struct resolver *resolver);

/* What came of reading names from the heap so far. */
void resolver_heap_state(const struct resolver *resolver, struct resolver_heap *ret_heap);

/* All zero when source maps are not used. */
void resolver_source_maps(const struct resolver *resolver, struct source_map_counts *ret_counts);

#endif
