/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/privilege.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "symbolizer/base.h"

/* Newer than some of the headers we are built with. */
#define CAPABILITY_PERFMON 38
#define CAPABILITY_BPF     39

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static bool has(uint64_t capabilities, unsigned int number)
{
	return capabilities >> number & 1;
}

bool privilege_describe(char *buf, size_t len)
{
	static const struct {
		unsigned int number;
		const char *name;
	} rows[] = {
		{CAPABILITY_BPF, "CAP_BPF"},
		{CAPABILITY_PERFMON, "CAP_PERFMON"},
		{CAP_SYS_PTRACE, "CAP_SYS_PTRACE"},
		{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
	};
	uint64_t capabilities = effective_capabilities();
	size_t i, at = 0;

	(void)snprintf(buf, len, "no capability");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (has(capabilities, rows[i].number) && at < len)
			at += (size_t)snprintf(buf + at, len - at, "%s%s", at ? " " : "",
					       rows[i].name);
	return has(capabilities, CAP_SYS_ADMIN) ||
	       (has(capabilities, CAPABILITY_BPF) && has(capabilities, CAPABILITY_PERFMON));
}

bool privilege_has_sys_admin(void)
{
	return has(effective_capabilities(), CAP_SYS_ADMIN);
}

bool privilege_has_sys_ptrace(void)
{
	return has(effective_capabilities(), CAP_SYS_PTRACE);
}

/* The user ids of a process: real, effective, saved, file system. */
static int read_uids(pid_t pid, uint32_t uids[4])
{
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	char path[64];
	size_t size = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		/* The kernel writes these numbers; they fit. */
		if (sscanf(line, "Uid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, /* NOLINT */
			   &uids[0], &uids[1], &uids[2], &uids[3]) == 4)
			return 0;
	}
	return -ESRCH;
}

static bool is_own(pid_t pid)
{
	uint32_t uids[4] = {0};
	size_t i;

	if (read_uids(pid, uids))
		return false;
	for (i = 0; i < ARRAY_SIZE(uids); i++)
		if (uids[i] != getuid())
			return false;
	return true;
}

int privilege_check(pid_t pid, char *why, size_t why_len)
{
	uint64_t capabilities = effective_capabilities();
	bool bpf = has(capabilities, CAPABILITY_BPF),
	     perfmon = has(capabilities, CAPABILITY_PERFMON);

	if (getuid() != 0 && !is_own(pid)) {
		(void)snprintf(why, why_len,
			       "it belongs to another user. Try: sudo ntrace-bpf -p %d", pid);
		return -EPERM;
	}
	if (has(capabilities, CAP_SYS_ADMIN) || (bpf && perfmon))
		return 0;
	(void)snprintf(
		why, why_len,
		"needs CAP_BPF and CAP_PERFMON (have: %s). Try: sudo ntrace-bpf -p %d, or: sudo "
		"setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep $(which ntrace-bpf)",
		bpf       ? "CAP_BPF"
		: perfmon ? "CAP_PERFMON"
			  : "none",
		pid);
	return -EPERM;
}
