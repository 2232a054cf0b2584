/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * uprobe_multi BPF links (Linux 6.6 and later): one call places one program at many sites. The
 * libbpf of Debian 12 has no wrapper, so the bpf() call is made here.
 */
#ifndef NT_USER_UPROBE_MULTI_H
#define NT_USER_UPROBE_MULTI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What programs must be loaded with as expected attach type: BPF_TRACE_UPROBE_MULTI. */
#define UPROBE_MULTI_ATTACH_TYPE 48

struct uprobe_multi {
	int program; /* descriptor */
	pid_t pid;
	const char *path;
	const uint64_t *offsets;
	const uint64_t *cookies;
	size_t n_sites;
	bool is_return;
};

/* Returns the descriptor of the link, or a negative errno. Closing it removes the probes. */
int uprobe_multi_link(const struct uprobe_multi *link);

/* Whether this kernel has them, with a pid filter that means the process and not one thread of it.
 * Returns 1, 0, or a negative errno when not even a program can be loaded. */
int uprobe_multi_supported(void);

#endif
