/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The program that the kernel runs when data comes to a socket (bpf/sockets.bpf.h). It runs for each socket
 * of the machine: so once, however many processes are traced. Any thread may call these.
 */
#ifndef NT_USER_DATA_WATCH_H
#define NT_USER_DATA_WATCH_H

struct bpf_map;
struct bpf_program;
struct data_watch;

/* Before a session is loaded: has its map `sockets` be that of the watch there is. Returns it, or NULL when
 * there is none yet: then the session loads the program and starts one. */
struct data_watch *data_watch_join(struct bpf_map *sockets);
/* Starts one with a loaded program and its map. NULL, and a warning, where that does not work: labels are less
 * exact then, and nothing else. */
struct data_watch *data_watch_start(const struct bpf_program *program,
				    const struct bpf_map *sockets);
/* The last one that leaves ends it. *watch becomes NULL, and may be it. */
void data_watch_leave(struct data_watch **watch);

#endif
