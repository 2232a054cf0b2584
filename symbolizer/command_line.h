/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which script a node command line runs. */
#ifndef NT_SYMBOLIZER_COMMAND_LINE_H
#define NT_SYMBOLIZER_COMMAND_LINE_H

#include <stddef.h>

/* The script in the len bytes of NUL-separated arguments (`arguments[len]` is NUL as well), or ""
 * when code comes from elsewhere. Points into `arguments` or to a constant. */
const char *command_line_script(const char *arguments, size_t len);

#endif
