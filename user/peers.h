/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where the TCP connections go that a process opened before it was traced: pools of database clients
 * mostly. Read once, from /proc/PID/net and /proc/PID/fd. Connections that it accepted are left out:
 * their local port is one that somebody listens on. Of unix sockets the kernel tells no other end there.
 * By the way, the ports that the process itself listens on.
 */
#ifndef NT_USER_PEERS_H
#define NT_USER_PEERS_H

#include <stdint.h>
#include <sys/types.h>

struct peers_told {
	void (*found)(void *user, uint32_t fd, const char *address); /* "ip:port" */
	void (*listens)(void *user, uint16_t port);
	void *user;
};

/* Calls these for each. Returns 0 or a negative errno: of what could not be read nothing is told. */
int peers_read(pid_t pid, const struct peers_told *told);

#endif
