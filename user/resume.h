/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Attaching again to processes that were let go: in a thread of its own, since it takes a second and
 * nobody wants to wait for the view. Owner: the main thread.
 */
#ifndef NT_USER_RESUME_H
#define NT_USER_RESUME_H

#include "user/exit_code.h"
#include "user/options.h"

struct resume;
struct session;

/* Begins. Returns 0 and *ret_resume, or a negative errno. The options must outlive it. */
int resume_start(const struct options *options, const pid_t *pids, size_t n,
		 struct resume **ret_resume);
/* Readable once it is done with all of them. */
int resume_fd(const struct resume *resume);
/* Waits for its end. Returns the next session that it has attached, NULL no more. */
struct session *resume_take(struct resume *resume);
/* Why the first of those that could not be attached to was not; EXIT_CODE_OK: all were. */
enum exit_code resume_code(const struct resume *resume);
/* Waits for its end, closes what was not taken. NULL is fine. */
void resume_free(struct resume *resume);

#endif
