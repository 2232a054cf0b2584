/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/command_line.h"

#include <stdbool.h>
#include <string.h>

#include "symbolizer/base.h"

/* Options of node whose value may be the next argument. */
static const char *const with_value[] = {
	"-C",
	"--conditions",
	"--diagnostic-dir",
	"--disable-warning",
	"--dns-result-order",
	"--env-file",
	"--env-file-if-exists",
	"--experimental-config-file",
	"--experimental-default-type",
	"--experimental-loader",
	"--heapsnapshot-signal",
	"--icu-data-dir",
	"--import",
	"--input-type",
	"--inspect-port",
	"--loader",
	"--localstorage-file",
	"--max-http-header-size",
	"--openssl-config",
	"-r",
	"--redirect-warnings",
	"--report-dir",
	"--report-directory",
	"--report-filename",
	"--report-signal",
	"--require",
	"--secure-heap",
	"--secure-heap-min",
	"--title",
	"--tls-cipher-list",
	"--tls-keylog",
	"--trace-event-categories",
	"--trace-event-file-pattern",
	"--unhandled-rejections",
	"--watch-path",
};

/* With these, what runs is no file. */
static const char *const without_script[] = {"-",       "-e",  "--eval", "-p",
					     "--print", "-pe", "-i",     "--interactive"};

static bool contains(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The argument after `argument`, or NULL. */
static const char *next(const char *arguments, size_t len, const char *argument)
{
	const char *after = argument + strlen(argument) + 1;

	return after < arguments + len ? after : NULL;
}

const char *command_line_script(const char *arguments, size_t len)
{
	const char *at = len ? next(arguments, len, arguments) : NULL;

	while (at) {
		if (contains(without_script, ARRAY_SIZE(without_script), at))
			return "";
		if (strcmp(at, "--") == 0) {
			at = next(arguments, len, at);
			break;
		}
		if (*at != '-')
			break;
		if (contains(with_value, ARRAY_SIZE(with_value), at))
			at = next(arguments, len, at);
		if (at)
			at = next(arguments, len, at);
	}
	return at ? at : "";
}
