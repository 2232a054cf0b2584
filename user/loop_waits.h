/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which event loops wait right now, and since when. The kernel side tells of a wait when it is over; of those
 * that are not, its state of the threads knows, and of those older than the trace the kernel itself.
 */
#ifndef NT_USER_LOOP_WAITS_H
#define NT_USER_LOOP_WAITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef void (*loop_waits_found)(void *user, uint32_t tid, uint64_t since_ns);

/* Calls found() for each loop that waits; threads_fd is the map `threads`, and a wait older than the trace counts
 * from start_ns. */
void loop_waits_read(int threads_fd, pid_t pid, uint64_t start_ns, loop_waits_found found,
		     void *user);

/* Does a line of /proc/PID/task/TID/syscall say that the thread waits in epoll? */
bool loop_waits_in(const char *syscall);

#endif
