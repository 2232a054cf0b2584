/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Names of files as source maps and scripts write them: URLs, mostly relative ones. */
#ifndef NT_SYMBOLIZER_SOURCE_PATH_H
#define NT_SYMBOLIZER_SOURCE_PATH_H

#include <stddef.h>

/*
 * Writes what `name` is, put behind `root` ("" none), seen from the file `base`: an absolute path
 * without dots, when base is one or the name is absolute or a file: URL; the text itself when it has
 * another scheme (webpack:, node:). Percent escapes of paths are decoded. Returns 0, -EBADMSG for an
 * empty name, a NUL or one that leaves its root, or -ENAMETOOLONG.
 */
int source_path_join(const char *base, const char *root, const char *name, char *buf, size_t size);

/* Length of a URL's scheme with its colon, 0 when there is none. */
size_t source_path_scheme(const char *url);

#endif
