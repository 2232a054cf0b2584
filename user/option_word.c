/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/option_word.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "ntrace-bpf"

int option_wrong(const char *format, ...)
{
	va_list args;

	(void)fputs(PROGRAM ": ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return EINVAL;
}

/* Index of text in a NULL-terminated list of words, or -1. */
static int find_word(const char *const *words, const char *text)
{
	int i;

	for (i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

int option_word(const char *name, const char *const *words, const char *arg, int *ret_index)
{
	int i = find_word(words, arg);

	if (i >= 0) {
		*ret_index = i;
		return 0;
	}
	if (words[2])
		return option_wrong("--%s is %s, %s or %s, not '%s'", name, words[0], words[1],
				    words[2], arg);
	return option_wrong("--%s is %s or %s, not '%s'", name, words[0], words[1], arg);
}
