/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* -p PID[,PID]: one or more processes, in as many arguments as the user likes. */
#ifndef NT_USER_OPTION_PIDS_H
#define NT_USER_OPTION_PIDS_H

#include "user/options.h"

#define OPTION_WHY_LEN 128 /* room for the sentence */

/* Adds the processes of one argument. Returns 0, or -EINVAL with one sentence in `why`. */
int option_pids_add(struct options *options, const char *arg, char *why, size_t why_len);

/* Takes what stands without an option before it: a process, "doctor", or "view" and a file. The same. */
int option_word_add(struct options *options, const char *arg, char *why, size_t why_len);

#endif
