/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which words of the frames of a stack are not in use (v8_spills.h), by the stack's id, for the events
 * that come with it. A stack's id is that of the same code at the same places until code is thrown away;
 * what is forgotten for another stack is as if it had never been known.
 */
#ifndef NT_SYMBOLIZER_SPILLS_H
#define NT_SYMBOLIZER_SPILLS_H

#include <stdint.h>

#define SPILLS_SLOTS 8192

struct spills {
	struct {
		uint64_t stack; /* 0 free */
		uint64_t dead;
		uint32_t frame;
	} slots[SPILLS_SLOTS];
};

/* Notes the dead words of a frame, by its number in the stack as BPF sent it; 0 is not worth it. */
void spills_put(struct spills *spills, uint64_t stack, uint32_t frame, uint64_t dead);

/* The dead words of a frame, 0 when none are known. */
uint64_t spills_find(const struct spills *spills, uint64_t stack, uint32_t frame);

#endif
