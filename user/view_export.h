/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Writes what was chosen in the view to a file. */
#ifndef NT_USER_VIEW_EXPORT_H
#define NT_USER_VIEW_EXPORT_H

#include <stddef.h>

#include "user/frontend.h"

struct app;

/* Writes what app_export() has to app_export_path(), in the format that its ending names. The file is new,
 * and private. Writes one sentence about how it went into text. */
void view_export(const struct options *options, const struct frontend_target *target,
		 const struct app *app, char *text, size_t len);

#endif
