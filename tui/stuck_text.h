/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A loop that is stuck, in words: for the view, and for who has none. */
#ifndef NT_TUI_STUCK_TEXT_H
#define NT_TUI_STUCK_TEXT_H

#include "aggregator/stuck_loop.h"

#define STUCK_TEXT_LEN 160

/* "7.66s in stuck (hang.js:6)", "at least 2.10s, since before the trace, place not known" … into
 * buf[STUCK_TEXT_LEN]. Returns buf. */
const char *stuck_text(const struct stuck_loop *stuck, char *buf);

#endif
