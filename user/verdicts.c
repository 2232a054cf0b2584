/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/verdicts.h"

#include <stdlib.h>

#define SLOTS 4096 /* stacks that share one only learn more slowly */
#define SURE  16   /* operations in a row before closures are left alone */

struct slot {
	uint64_t stack;
	uint32_t plain; /* in a row */
	uint8_t told;   /* enum nt_stack_verdict, 0 nothing */
};

struct verdicts {
	verdict_tell_fn *tell;
	void *user;
	struct slot slots[SLOTS];
};

struct verdicts *verdicts_new(verdict_tell_fn *tell, void *user)
{
	struct verdicts *verdicts = calloc(1, sizeof(*verdicts));

	if (!verdicts)
		return NULL;
	verdicts->tell = tell;
	verdicts->user = user;
	return verdicts;
}

static void tell(const struct verdicts *verdicts, struct slot *slot, uint8_t verdict)
{
	if (slot->told == verdict)
		return;
	slot->told = verdict;
	verdicts->tell(verdicts->user, slot->stack, verdict);
}

void verdicts_note(struct verdicts *verdicts, uint64_t stack, enum nt_stack_verdict verdict)
{
	struct slot *slot = &verdicts->slots[stack % SLOTS];

	if (slot->stack != stack) {
		tell(verdicts, slot, 0);
		*slot = (struct slot){.stack = stack};
	}
	if (verdict != NT_STACK_PLAIN) {
		slot->plain = 0;
		if (verdict == NT_STACK_UNOWNED || slot->told == NT_STACK_PLAIN)
			tell(verdicts, slot, (uint8_t)verdict);
	} else if (++slot->plain >= SURE) {
		tell(verdicts, slot, NT_STACK_PLAIN);
	}
}
