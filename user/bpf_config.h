/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the programs in the kernel are told of the target and of what is wanted. */
#ifndef NT_USER_BPF_CONFIG_H
#define NT_USER_BPF_CONFIG_H

struct nt_config;
struct options;
struct target;

/* Fills all but the process, the transport and the period of samples, which only the session knows. */
void bpf_config_fill(const struct options *options, const struct target *target,
		     struct nt_config *config);

#endif
