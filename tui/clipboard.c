/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/clipboard.h"

#include <stdint.h>
#include <string.h>

#define BEGIN "\033]52;c;"
#define END   "\a"

/* Three bytes as four characters; what is missing of them is padded. */
static void print_group(const unsigned char *bytes, size_t n, char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)bytes[0] << 16;

	if (n > 1)
		bits |= (uint32_t)bytes[1] << 8;
	if (n > 2)
		bits |= bytes[2];
	text[0] = digits[bits >> 18];
	text[1] = digits[bits >> 12 & 63];
	text[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
	text[3] = n > 2 ? digits[bits & 63] : '=';
}

size_t clipboard_print(const char *text, char buf[CLIPBOARD_LEN])
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t n = strnlen(text, CLIPBOARD_TEXT_MAX);
	size_t len = sizeof(BEGIN) - 1;
	size_t i;

	memcpy(buf, BEGIN, len);
	for (i = 0; i < n; i += 3, len += 4)
		print_group(bytes + i, n - i < 3 ? n - i : 3, buf + len);
	memcpy(buf + len, END, sizeof(END));
	return len + sizeof(END) - 1;
}
