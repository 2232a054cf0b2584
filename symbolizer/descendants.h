/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The children of processes, their children and so on, as /proc shows them at this moment. */
#ifndef NT_SYMBOLIZER_DESCENDANTS_H
#define NT_SYMBOLIZER_DESCENDANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DESCENDANTS_MAX 2048

/* Fills pids with the descendants of the n roots, each once and no root among them, at most max.
 * Returns how many. Processes that come and go meanwhile may be missing. */
size_t descendants_find(const pid_t *roots, size_t n, pid_t *pids, size_t max);

/* The inode of the program that a process runs. Returns false when it is gone or out of reach. */
bool descendants_program(pid_t pid, uint64_t *ret_inode);

/* Whether its program is named like node ("node", "nodejs"). */
bool descendants_is_node(pid_t pid);

#endif
