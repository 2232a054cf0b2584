/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Node.js processes below those that are traced, which are not: who gives the primary of a cluster sees nothing. */
#ifndef NT_USER_BELOW_H
#define NT_USER_BELOW_H

#include <stdint.h>

#include "user/options.h"

/* How many there are; 0 when they are followed. */
uint32_t below_count(const struct options *options);

/* Logs how to see their requests, when there are any and nobody has a screen. */
void below_log(const struct options *options, uint32_t n);

#endif
