/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The process to trace, found, opened, understood: everything that is known before BPF comes in.
 * Never changes after target_open(); the pieces are used by the ingest thread once it runs.
 */
#ifndef NT_USER_TARGET_H
#define NT_USER_TARGET_H

#include <limits.h>

#include "symbolizer/elf_file.h"
#include "symbolizer/layout.h"
#include "symbolizer/process.h"
#include "symbolizer/sites.h"
#include "user/exit_code.h"
#include "user/options.h"

struct target {
	struct process *process;
	struct elf_file *elf;
	struct node_layout layout;
	struct site_list sites;
	int fd;              /* the probed file, kept open … */
	char path[PATH_MAX]; /* … and reached through this descriptor, whatever the target does */
};

/* Returns EXIT_CODE_OK, or logs why the process cannot be traced and returns the code for it. */
enum exit_code target_open(const struct options *options, struct target *ret_target);
void target_done(struct target *target);

/* Script, or the executable when there is none: what people know the process by. */
const char *target_name(const struct target *target);

#endif
