/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A live capture from attach to the last line. Logs what fails; returns the exit code. */
#ifndef NT_USER_RUN_LIVE_H
#define NT_USER_RUN_LIVE_H

#include "user/exit_code.h"
#include "user/options.h"

/* Returns when the capture is over, by itself or by a signal. */
enum exit_code run_live(const struct options *options);

#endif
