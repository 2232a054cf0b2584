/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* `ntrace-bpf doctor`: what works here and what does not, on standard output. */
#ifndef NT_USER_RUN_DOCTOR_H
#define NT_USER_RUN_DOCTOR_H

#include "user/exit_code.h"
#include "user/options.h"

/* Returns what a capture with these options would end with at once: EXIT_CODE_OK when it would run,
 * be it without some abilities. Of several processes the first that fails counts. */
enum exit_code run_doctor(const struct options *options);

#endif
