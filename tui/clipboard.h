/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What has a terminal put text on its clipboard, also over ssh: xterm's sequence OSC 52. */
#ifndef NT_TUI_CLIPBOARD_H
#define NT_TUI_CLIPBOARD_H

#include <stddef.h>

#define CLIPBOARD_TEXT_MAX 256 /* bytes */
#define CLIPBOARD_LEN      (CLIPBOARD_TEXT_MAX / 3 * 4 + 16)

/* Writes the sequence for this text, which is cut behind CLIPBOARD_TEXT_MAX bytes. Returns its length. */
size_t clipboard_print(const char *text, char buf[CLIPBOARD_LEN]);

#endif
