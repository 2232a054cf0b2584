/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The program that the kernel runs when data comes to a socket (bpf/sockets.bpf.h). It runs for each socket
 * of the machine: so there is one, however many processes are traced. Any thread may call these.
 */
#ifndef NT_USER_DATA_WATCH_H
#define NT_USER_DATA_WATCH_H

#include <stdint.h>

struct bpf_object_skeleton;
struct data_watch;

/*
 * Before a session is loaded: starts the program, from the session's code, unless it runs already, and has
 * the session's maps of sockets be its maps. NULL, and a warning, where that does not work: labels are less exact
 * then, and nothing else.
 */
struct data_watch *data_watch_join(const struct bpf_object_skeleton *session);
/* One of those that are traced listens on this port of TCP: what comes to it counts from its first byte on. */
void data_watch_listens(uint16_t port);
/* The last one that leaves ends it. *watch becomes NULL, and may be it. */
void data_watch_leave(struct data_watch **watch);

#endif
