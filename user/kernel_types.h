/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where things are in the running kernel's own structures. Looked up here, and not by libbpf when it
 * loads our programs: that would refuse all of them on a kernel without BTF.
 */
#ifndef NT_USER_KERNEL_TYPES_H
#define NT_USER_KERNEL_TYPES_H

#include "bpf/config.h"
#include "user/options.h"

/*
 * Finds in the kernel's BTF what struct nt_kernel asks for. A flag is set where all of its fields are known, the
 * kernel has what else it takes, and the options want it. Warns of what was asked for and does not work.
 */
void kernel_types_choose(const struct options *options, struct nt_kernel *ret_kernel);

#endif
