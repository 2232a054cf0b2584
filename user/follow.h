/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * --follow: finds node processes that descend from those traced, and attaches to them.
 *
 * A thread of its own looks at /proc/PID/task/TID/children of all descendants five times a second.
 * A process is attached to at its second sighting, so that a fork that has not yet executed its
 * program is not taken for what it was forked from; then as soon as node's environment is there. What
 * it does before that, some 0.2 to 0.5 s, is not seen.
 */
#ifndef NT_USER_FOLLOW_H
#define NT_USER_FOLLOW_H

#include "user/options.h"

struct follow;
struct session;

/* Starts the thread; the pids of the options are known from the start. Returns 0 and *ret_follow, or
 * a negative errno. */
int follow_start(const struct options *options, struct follow **ret_follow);

/* Readable when there is a session to take. */
int follow_fd(const struct follow *follow);
/* The next process that was attached to, or NULL; the caller's from then on. */
struct session *follow_take(struct follow *follow);

/* Ends the thread and closes what was not taken. */
void follow_stop(struct follow *follow);

#endif
