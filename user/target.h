/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The process to trace, found, opened, understood: everything that is known before BPF comes in.
 * Never changes after target_open(); the pieces are used by the ingest thread once it runs.
 */
#ifndef NT_USER_TARGET_H
#define NT_USER_TARGET_H

#include "symbolizer/elf_file.h"
#include "symbolizer/layout.h"
#include "symbolizer/process.h"
#include "symbolizer/sites.h"
#include "user/exit_code.h"
#include "user/options.h"

/* node's code, and libuv's where that is a library of its own. */
enum {
	TARGET_NODE,
	TARGET_LIBRARY,
	TARGET_FILES,
};

/* A probed file, kept open and reached through its descriptor, whatever the target does. */
struct target_file {
	int fd;        /* -1 none */
	char path[32]; /* /proc/self/fd/N */
};

#define TARGET_WHY_MAX 512

struct target {
	pid_t pid;
	bool quiet;
	char why[TARGET_WHY_MAX]; /* it cannot be traced, "" it can */
	int err;                  /* of the step that failed */
	struct process *process;
	struct elf_file *elf;
	struct node_layout layout;
	struct site_list sites;
	struct target_file files[TARGET_FILES];
};

/* Returns EXIT_CODE_OK, or the code for why the process cannot be traced, with the sentence in `why`. quiet: says
 * nothing of what this build of node lacks. To be ended with target_done() in either case. */
enum exit_code target_open(const struct options *options, pid_t pid, bool quiet,
			   struct target *ret_target);
void target_done(struct target *target);

/* After target_open() failed: whether another try is worth while, since the process is just starting; `waited_ns`
 * since the first one. */
bool target_is_starting(const struct target *target, uint64_t waited_ns);
/* Logs why it cannot be traced; quiet: from -v on only. */
void target_complain(const struct target *target);

/* Script, or the executable when there is none: what people know the process by. */
const char *target_name(const struct target *target);

#endif
