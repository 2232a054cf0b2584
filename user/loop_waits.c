/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/loop_waits.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>

#include "bpf/config.h"
#include "symbolizer/base.h"

bool loop_waits_in(const char *syscall)
{
	static const long calls[] = {
#ifdef SYS_epoll_wait
		SYS_epoll_wait,
#endif
		SYS_epoll_pwait,
	};
	char *end;
	long number = strtol(syscall, &end, 10);

	for (size_t i = 0; end != syscall && *end == ' ' && i < ARRAY_SIZE(calls); i++)
		if (number == calls[i])
			return true;
	return false;
}

/* What a thread does that has told nothing yet. */
static bool waits_in_kernel(pid_t pid, uint32_t tid)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char path[64], line[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%u/syscall", (int)pid, tid);
	file = fopen(path, "re");
	return file && fgets(line, sizeof(line), file) && loop_waits_in(line);
}

static uint64_t waits_since(const struct nt_thread *thread, pid_t pid, uint32_t tid,
			    uint64_t start_ns)
{
	if (!thread->env || thread->idle_since)
		return thread->env ? thread->idle_since : 0;
	return !thread->busy_since && !thread->seq && waits_in_kernel(pid, tid) ? start_ns : 0;
}

void loop_waits_read(int threads_fd, pid_t pid, uint64_t start_ns, loop_waits_found found,
		     void *user)
{
	struct nt_thread thread;
	uint64_t since_ns;
	__u32 tid, next;
	int err = bpf_map_get_next_key(threads_fd, NULL, &next);

	while (!err) {
		tid = next;
		since_ns = bpf_map_lookup_elem(threads_fd, &tid, &thread)
				   ? 0
				   : waits_since(&thread, pid, tid, start_ns);
		if (since_ns)
			found(user, tid, since_ns);
		err = bpf_map_get_next_key(threads_fd, &tid, &next);
	}
}
