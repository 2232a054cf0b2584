/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What depends on the terminal and the environment. */
#include <string.h>

#include "symbolizer/base.h"
#include "user/options.h"

bool options_has_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

bool options_colour(const struct options *options, int fd)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *force = getenv("CLICOLOR_FORCE");

	if (options->colour != COLOUR_AUTO)
		return options->colour == COLOUR_ALWAYS;
	if (no_colour && *no_colour)
		return false;
	return isatty(fd) || (force && *force && strcmp(force, "0") != 0);
}
