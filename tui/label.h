/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Labels where there is little room: what tells things apart stays. */
#ifndef NT_TUI_LABEL_H
#define NT_TUI_LABEL_H

#include <stddef.h>

struct canvas;

/*
 * Writes the label "type detail" so that it fits into `cols` columns: the end of a path or url is kept before
 * its beginning, the name of a function before "await"; what is left is to be cut, where
 * a mark of one column says so.
 */
void label_shorten(const struct canvas *canvas, const char *label, int cols, char *text,
		   size_t len);

#endif
