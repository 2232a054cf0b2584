/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/filter_scanner.h"

#include <stdarg.h>
#include <string.h>

#include "symbolizer/base.h"

static bool ends_word(const char *text)
{
	return strchr(" \t\r\n", text[0]) || !strncmp(text, "&&", 2) || !strncmp(text, "||", 2);
}

static int scan_quoted(struct scanner *scanner, char *value)
{
	size_t start = scanner->at++;
	size_t len = 0;

	for (;;) {
		const char *next = scanner->text + scanner->at;

		if (!next[0])
			return scanner_fail(scanner, start, "the quote is never closed");
		scanner->at++;
		if (next[0] == '"')
			break;
		if (next[0] == '\\' && (next[1] == '"' || next[1] == '\\')) {
			next++;
			scanner->at++;
		}
		if (len + 1 >= SCANNER_MAX_VALUE)
			return scanner_fail(scanner, start, "the text is longer than %d bytes",
					    SCANNER_MAX_VALUE - 1);
		value[len++] = next[0];
	}
	value[len] = '\0';
	return 0;
}

static int scan_word(struct scanner *scanner, const char *after, char *value)
{
	size_t start = scanner->at;
	size_t open = 0; /* "(" of the word itself: a regular expression may have groups */
	size_t len = 0;

	while (!ends_word(scanner->text + scanner->at)) {
		char c = scanner->text[scanner->at];

		if (c == ')' && open == 0)
			break;
		if (c == '(')
			open++;
		if (c == ')')
			open--;
		if (len + 1 >= SCANNER_MAX_VALUE)
			return scanner_fail(scanner, start, "the text is longer than %d bytes",
					    SCANNER_MAX_VALUE - 1);
		value[len++] = c;
		scanner->at++;
	}
	if (!len)
		return scanner_fail(scanner, start, "expected a value after '%s'", after);
	value[len] = '\0';
	return 0;
}

int scanner_fail(struct scanner *scanner, size_t at, const char *format, ...)
{
	va_list args;
	int n;

	n = snprintf(scanner->error, scanner->error_len, "at character %zu: ", at + 1);
	if (n < 0 || (size_t)n >= scanner->error_len)
		return -EINVAL;
	va_start(args, format);
	(void)vsnprintf(scanner->error + n, scanner->error_len - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

void scanner_skip_spaces(struct scanner *scanner)
{
	scanner->at += strspn(scanner->text + scanner->at, " \t\r\n");
}

bool scanner_accept(struct scanner *scanner, const char *token)
{
	scanner_skip_spaces(scanner);
	if (strncmp(scanner->text + scanner->at, token, strlen(token)) != 0)
		return false;
	scanner->at += strlen(token);
	return true;
}

int scanner_value(struct scanner *scanner, const char *after, char *value)
{
	scanner_skip_spaces(scanner);
	if (scanner->text[scanner->at] == '"')
		return scan_quoted(scanner, value);
	return scan_word(scanner, after, value);
}
