/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Copies of a thread's stack: as much as there is, in one read. */
#ifndef NT_BPF_STACK_COPY_BPF_H
#define NT_BPF_STACK_COPY_BPF_H

#include "bpf/maps.bpf.h"
#include "bpf/read.bpf.h"

#define STACK_PAGE 4096

/* Copies from base to where the thread's stack is known to end. Returns how much, 0 for a failure. */
static __always_inline int stack_copy_known(struct scratch *s, char *copy, __u64 base)
{
	__u64 left = s->ends.stack_end - base; /* huge when it is not known */

	if (left >= STACK_COPY)
		return read_bytes(copy, STACK_COPY, base) ? 0 : STACK_COPY;
	asm volatile("%0 &= %1" : "+r"(left) : "i"(STACK_COPY - 1));
	return read_bytes(copy, left, base) ? 0 : left;
}

/* The first page behind base that cannot be read: the stack ends there, mostly. */
static __always_inline void stack_find_end(struct scratch *s, char *copy, __u64 base)
{
	__u64 page = (base | (STACK_PAGE - 1)) + 1;

	for (int i = 0; i < STACK_COPY / STACK_PAGE; i++, page += STACK_PAGE)
		if (read_bytes(copy, 1, page))
			break;
	s->ends.stack_end = page;
}

/* A copy that fails costs three times one that succeeds, and near the top all would: so the end is
 * remembered. Pages come and go, which is why it is asked for again after each mark-compact. Returns how
 * much there is. Global, as the next one, so that the verifier looks at it once. */
__noinline int stack_copy(struct scratch *s, __u64 base, int is_behind)
{
	char *copy;
	int len;

	if (!s)
		return 0;
	copy = is_behind ? s->behind : s->stack;
	len = stack_copy_known(s, copy, base);
	if (len)
		return len;
	stack_find_end(s, copy, base);
	return stack_copy_known(s, copy, base);
}

#endif
