/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the engine learns of the operations of a stack, told to the kernel side: where the ids always
 * tell whose they are, closures need not be looked at; where nobody could be named, values are.
 *
 * Owner: the ingest thread.
 */
#ifndef NT_USER_VERDICTS_H
#define NT_USER_VERDICTS_H

#include <stdint.h>

#include "bpf/config.h"

struct verdicts;

/* Takes news of a stack: enum nt_stack_verdict, 0 nothing in particular any more. */
typedef void verdict_tell_fn(void *user, uint64_t stack, uint8_t verdict);

/* Returns a new table, or NULL when memory is short. The caller frees it with free(). */
struct verdicts *verdicts_new(verdict_tell_fn *tell, void *user);

/* An operation with this stack was of that kind; 0 is neither. Tells it when that is news. */
void verdicts_note(struct verdicts *verdicts, uint64_t stack, enum nt_stack_verdict verdict);

#endif
