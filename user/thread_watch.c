/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/thread_watch.h"

#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/config.h"
#include "user/sampler.h"

static void keep(int threads_fd, __u32 tid, struct sampler *sampler)
{
	struct nt_thread thread;

	if (!sampler || bpf_map_lookup_elem(threads_fd, &tid, &thread))
		return;
	if (thread.env) /* it runs JavaScript */
		(void)sampler_add(sampler, tid);
}

static void forget(int threads_fd, __u32 tid, struct sampler *sampler)
{
	(void)bpf_map_delete_elem(threads_fd, &tid);
	if (sampler)
		sampler_remove(sampler, tid);
}

void thread_watch_look(int threads_fd, pid_t pid, struct sampler *sampler)
{
	__u32 tid, next;
	int err = bpf_map_get_next_key(threads_fd, NULL, &next);
	char path[64];

	while (!err) {
		tid = next;
		err = bpf_map_get_next_key(threads_fd, &tid, &next);
		(void)snprintf(path, sizeof(path), "/proc/%d/task/%u", pid, tid);
		if (access(path, F_OK) == 0)
			keep(threads_fd, tid, sampler);
		else
			forget(threads_fd, tid, sampler);
	}
}
