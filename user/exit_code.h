/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the program's exit status says. Documented in the README, never renumbered. */
#ifndef NT_USER_EXIT_CODE_H
#define NT_USER_EXIT_CODE_H

enum exit_code {
	EXIT_CODE_OK = 0,          /* the capture ended as asked */
	EXIT_CODE_FAILURE = 1,     /* something failed at run time */
	EXIT_CODE_USAGE = 2,       /* the command line is wrong */
	EXIT_CODE_NO_TARGET = 3,   /* no such process, or gone before we were attached */
	EXIT_CODE_PRIVILEGE = 4,   /* no privilege, or the kernel lacks a feature */
	EXIT_CODE_UNSUPPORTED = 5, /* not node, no symbols, unknown release */
	EXIT_CODE_TARGET_EXIT = 6, /* the target ended during the capture; the output is whole */
};

#endif
