/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which words of the frames of a stack are not in use (v8_spills.h), by the stack's id, for the events
 * that come with it. A stack's id is that of the same code at the same places until code is thrown away;
 * what is forgotten for another stack is as if it had never been known: what an optimised frame has left
 * is then taken for something that it still needs. A server of four worker threads sends some 3,500
 * stacks in its first seconds, of ten such frames each: every thread has code of its own, and after a
 * collection that moves code all of them come anew. 2 MB, touched as they fill.
 */
#ifndef NT_SYMBOLIZER_SPILLS_H
#define NT_SYMBOLIZER_SPILLS_H

#include <stdint.h>

#define SPILLS_BITS 14
#define SPILLS_WAYS 8

struct spill {
	uint64_t key; /* of stack and frame; 0 free */
	uint64_t dead;
};

struct spills {
	struct spill sets[1 << SPILLS_BITS]
			 [SPILLS_WAYS]; /* in each the last one to come is the first */
};

/* Notes the dead words of a frame, by its number in the stack as BPF sent it; 0 is not worth it. */
void spills_put(struct spills *spills, uint64_t stack, uint32_t frame, uint64_t dead);

/* The dead words of a frame, 0 when none are known. */
uint64_t spills_find(const struct spills *spills, uint64_t stack, uint32_t frame);

#endif
