/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Signals as data: blocked in every thread, read from a descriptor by the main loop. */
#ifndef NT_USER_SIGNALS_H
#define NT_USER_SIGNALS_H

#include <stdbool.h>

/* Blocks what ends or concerns us, and ignores SIGPIPE. Call before any thread is started. */
void signals_block(void);
/* Returns a signalfd for them, or a negative errno. */
int signals_open(void);
/* True when one that asks us to end is waiting: for steps before the main loop runs. */
bool signals_end_pending(void);

/* Stops the process as SIGTSTP does by default; returns when it goes on. */
void signals_stop(void);

#endif
