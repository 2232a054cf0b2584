/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Reads of the kernel's own memory. Where things are there, cfg.kernel says. */
#ifndef NT_BPF_KERNEL_BPF_H
#define NT_BPF_KERNEL_BPF_H

#include "bpf/maps.bpf.h"

/* What cannot be read is 0. */
static __always_inline __u64 kernel_u64(__u64 address)
{
	__u64 value = 0;

	(void)bpf_probe_read_kernel(&value, sizeof(value), (const void *)address);
	return value;
}

static __always_inline __u32 kernel_u32(__u64 address)
{
	__u32 value = 0;

	(void)bpf_probe_read_kernel(&value, sizeof(value), (const void *)address);
	return value;
}

static __always_inline __u16 kernel_u16(__u64 address)
{
	__u16 value = 0;

	(void)bpf_probe_read_kernel(&value, sizeof(value), (const void *)address);
	return value;
}

#endif
