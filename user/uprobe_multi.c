/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/uprobe_multi.h"

#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#include "symbolizer/base.h"

#define LINK_FLAG_RETURN 1u

/* The uprobe_multi arm of union bpf_attr, newer than the headers of Debian 12. */
struct link_create_attr {
	uint32_t program;
	uint32_t target;
	uint32_t attach_type;
	uint32_t flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t ref_counter_offsets;
	uint64_t cookies;
	uint32_t n_sites;
	uint32_t multi_flags;
	uint32_t pid;
	uint32_t pad;
};

/* bpf() returns a descriptor that is close-on-exec by itself. */
static int bpf(enum bpf_cmd command, void *attr, size_t size)
{
	long fd = syscall(SYS_bpf, command, attr, size);

	return fd < 0 ? -errno : (int)fd;
}

int uprobe_multi_link(const struct uprobe_multi *link)
{
	struct link_create_attr attr = {
		.program = (uint32_t)link->program,
		.attach_type = UPROBE_MULTI_ATTACH_TYPE,
		.path = (uintptr_t)link->path,
		.offsets = (uintptr_t)link->offsets,
		.cookies = (uintptr_t)link->cookies,
		.n_sites = (uint32_t)link->n_sites,
		.multi_flags = link->is_return ? LINK_FLAG_RETURN : 0,
		.pid = (uint32_t)link->pid,
	};

	/* Without the padding: the kernel refuses bytes that it does not know. */
	return bpf(BPF_LINK_CREATE, &attr, offsetof(struct link_create_attr, pad));
}

/* A program that does nothing. */
static int load_empty(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.expected_attach_type = UPROBE_MULTI_ATTACH_TYPE;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = ARRAY_SIZE(code);
	attr.license = (uintptr_t) "Dual BSD/GPL";
	return bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* The error of a link to "/", which cannot exist. */
static int try_link(int program, pid_t pid)
{
	const uint64_t zero = 0;
	const struct uprobe_multi link = {
		.program = program,
		.pid = pid,
		.path = "/",
		.offsets = &zero,
		.cookies = &zero,
		.n_sites = 1,
	};
	int fd = uprobe_multi_link(&link);

	if (fd >= 0)
		(void)close(fd);
	return fd;
}

/*
 * A kernel that knows these links says EBADF, since "/" is no regular file. Until 6.10 the pid
 * filter meant a thread, which would hide the pool threads; the kernels that were mended refuse
 * the pid -1 before they look at the path (libbpf tells them apart in the same way).
 */
int uprobe_multi_supported(void)
{
	_cleanup_(closep) int program = load_empty();

	if (program == -EPERM || program == -EACCES)
		return program;
	if (program < 0)
		return 0;
	return try_link(program, 0) == -EBADF && try_link(program, -1) == -EINVAL;
}
