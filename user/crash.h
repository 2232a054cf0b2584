/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Gives the terminal back when the program dies by a signal of its own making (SIGSEGV, SIGABRT …)
 * while the view is open; it then dies as it would have, core dump and exit status included.
 *
 * There is one terminal, so there is one guard. Owner: the main thread; a crash may be anywhere.
 */
#ifndef NT_USER_CRASH_H
#define NT_USER_CRASH_H

struct screen;

/* From here on a crash gives the terminal of this screen back. */
void crash_guard(const struct screen *screen);
/* To be called before the screen is closed. Without a guard it does nothing. */
void crash_unguard(void);

#endif
