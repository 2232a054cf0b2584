/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * May we trace this process at all, and if not, what would help.
 *
 * A binary with file capabilities lets any user load BPF programs; so that this does not become a
 * way to look into other people's processes, a caller who is not root may only trace processes
 * whose user ids are all his own.
 */
#ifndef NT_USER_PRIVILEGE_H
#define NT_USER_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Returns 0, or -EPERM with one sentence in `why` that names the remedy. */
int privilege_check(pid_t pid, char *why, size_t why_len);

/* Names the capabilities that matter and are held, "no capability" when none is. Returns whether they
 * are enough to load and place probes. */
bool privilege_describe(char *buf, size_t len);

/* What perf uprobes need, and uprobe_multi links do not. */
bool privilege_has_sys_admin(void);
/* To read other processes' memory and /proc files. */
bool privilege_has_sys_ptrace(void);

#endif
