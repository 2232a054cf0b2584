/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The event loop of the main thread: a handful of descriptors behind one epoll. */
#ifndef NT_USER_LOOP_H
#define NT_USER_LOOP_H

#include <stdint.h>

struct loop;

/* events: EPOLL* bits that are set. A negative errno ends loop_run(). */
typedef int loop_fn(void *user, uint32_t events);

/* Returns 0 and *ret_loop, or a negative errno. */
int loop_new(struct loop **ret_loop);
/* Closes the timers; watched descriptors stay the caller's. */
void loop_free(struct loop *loop);

/* Watches fd for EPOLL* bits; a negative fd is ignored. -EPERM: that kind of file cannot be watched. */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *user);
/* From now on nothing is called for it, not even for what was there already. Unknown ones are ignored. */
void loop_unwatch(struct loop *loop, int fd);
/* Calls fn after first_ns, then every interval_ns (0: once). */
int loop_timer(struct loop *loop, uint64_t first_ns, uint64_t interval_ns, loop_fn *fn, void *user);

/* Runs until loop_quit() or a callback fails. Returns 0 or that error. */
int loop_run(struct loop *loop);
void loop_quit(struct loop *loop);

#endif
