/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A process that has only just started: `node app.js & ntrace-bpf -p $!` meets it before node is
 * set up, or even before the shell's child has become node.
 */
#ifndef NT_USER_STARTING_H
#define NT_USER_STARTING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a failure to look into a process is worth another try. `err`: the failure; `age_ns`: since
 * the process began; `waited_ns`: since the first try. Pure.
 */
bool starting_is_waited_for(int err, uint64_t age_ns, uint64_t waited_ns);

#endif
