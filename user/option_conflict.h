/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Options that exclude or need each other. */
#ifndef NT_USER_OPTION_CONFLICT_H
#define NT_USER_OPTION_CONFLICT_H

#include "user/options.h"

/* One sentence about the first conflict, or NULL. */
const char *option_conflict(const struct options *options);

#endif
