/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The threads that the kernel side has met: those that ended are forgotten, the others are sampled. */
#ifndef NT_USER_THREAD_WATCH_H
#define NT_USER_THREAD_WATCH_H

#include <sys/types.h>

struct sampler;

/* One look at all of them; threads_fd is the map `threads`. Those that run JavaScript are added to the
 * sampler, NULL: none is. Whom it cannot take it counts. */
void thread_watch_look(int threads_fd, pid_t pid, struct sampler *sampler);

#endif
