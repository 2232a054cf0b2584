/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Turns the stacks that the kernel side sends into names: the table of stacks, the resolver that
 * fills it from the target's memory, and what was counted and timed on the way.
 *
 * Owner: the ingest thread.
 */
#ifndef NT_USER_NAMING_H
#define NT_USER_NAMING_H

#include <stdbool.h>

struct naming;
struct nt_event;
struct session;
struct spills;
struct stack_gaps;
struct stacks;

/* The session outlives it. Returns 0 or a negative errno. */
int naming_new(const struct session *session, bool source_maps, struct naming **ret_naming);

/* Takes a STACK event and its text, whose text_len bytes are there. A full table is counted. */
void naming_add(struct naming *naming, const struct nt_event *event, const char *text);

/* The table, which lives until naming_free(). */
struct stacks *naming_stacks(const struct naming *naming);

/* What is known of the frames of stacks; until naming_release(). */
const struct spills *naming_spills(const struct naming *naming);

/* What could not be captured, kept or named so far. */
void naming_gaps(const struct naming *naming, struct stack_gaps *ret_gaps);

/* The target may go: says how well frames could be named, closes the resolver, keeps the table. NULL is
 * fine. */
void naming_release(struct naming *naming);

/* NULL is fine. */
void naming_free(struct naming *naming);

#endif
