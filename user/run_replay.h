/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The engine over a recording, without privilege. Logs what fails; returns the exit code. */
#ifndef NT_USER_RUN_REPLAY_H
#define NT_USER_RUN_REPLAY_H

#include "user/exit_code.h"
#include "user/options.h"

/* Returns when the recording was shown to its end, or the view was left. */
enum exit_code run_replay(const struct options *options);

#endif
