/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Raw frames to named stacks: C++ and builtins from the ELF symbols (demangled, shortened),
 * JavaScript from /tmp/perf-PID.map when the target runs with --perf-basic-prof; without it a
 * JavaScript frame is shown as "js" with its address. Frames that only lead from C++ to JavaScript
 * are left out. Owner: the ingest thread.
 */
#ifndef NT_SYMBOLIZER_RESOLVER_H
#define NT_SYMBOLIZER_RESOLVER_H

#include "bpf/event.h"
#include "symbolizer/layout.h"
#include "symbolizer/stacks.h"

struct resolver;

/* All arguments but ret_resolver must outlive the resolver. Returns 0 or -ENOMEM. */
int resolver_new(struct process *process, const struct elf_file *elf,
		 const struct node_layout *layout, struct stacks *stacks,
		 struct resolver **ret_resolver);
void resolver_free(struct resolver *resolver);

/* Resolves n frames and adds them to the stacks table as `id`, unless it is known. Returns the
 * stack, or NULL when the table is full. */
const struct stack *resolver_add(struct resolver *resolver, uint64_t id,
				 const struct nt_frame *frames, size_t n);

/* True when a perf map of the target is in use. */
bool resolver_has_perf_map(const struct resolver *resolver);

#endif
