/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/folded_frame.h"

#include <string.h>

/* Start of the number that ends the frame behind a space, or NULL. */
static char *number_at_end(char *frame, size_t len)
{
	char *digits = frame + len;

	while (digits > frame && strchr("0123456789.", digits[-1]))
		digits--;
	if (digits == frame + len || digits == frame || digits[-1] != ' ' || digits[0] == '.')
		return NULL;
	return digits;
}

size_t folded_frame_clean(char *frame)
{
	size_t len = 0;
	size_t i;
	char *digits;

	for (i = 0; frame[i]; i++) {
		char c = frame[i] == ';' ? ':' : frame[i];

		if (c == ' ' && (len == 0 || frame[len - 1] == ' '))
			continue;
		frame[len++] = c;
	}
	if (len && frame[len - 1] == ' ')
		len--;
	if (len == 0)
		frame[len++] = '?';
	digits = number_at_end(frame, len);
	if (digits) {
		memmove(digits + 1, digits, (size_t)(frame + len - digits));
		*digits = '[';
		frame[++len] = ']';
		len++;
	}
	frame[len] = '\0';
	return len;
}
