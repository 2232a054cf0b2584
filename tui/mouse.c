/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/mouse.h"

#include <errno.h>
#include <stddef.h>

#define MAX_NUMBER 9999

/* Codes of xterm's protocol: modifiers and motion have bits of their own. */
#define CODE_LEFT       0
#define CODE_WHEEL_UP   64
#define CODE_WHEEL_DOWN 65

/* Returns what stands behind the number, or NULL when there is none or it is too large. */
static const char *number(const char *text, int *ret_value)
{
	int value = 0;
	const char *at;

	for (at = text; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (*at - '0');
		if (value > MAX_NUMBER)
			return NULL;
	}
	*ret_value = value;
	return at == text ? NULL : at;
}

static int button_of(int code, enum mouse_button *ret_button)
{
	switch (code) {
	case CODE_LEFT:
		*ret_button = MOUSE_CLICK;
		return 0;
	case CODE_WHEEL_UP:
		*ret_button = MOUSE_WHEEL_UP;
		return 0;
	case CODE_WHEEL_DOWN:
		*ret_button = MOUSE_WHEEL_DOWN;
		return 0;
	default:
		return -ENOENT;
	}
}

int mouse_parse(const char *report, struct mouse_event *ret_event)
{
	int numbers[3];
	struct mouse_event event;
	size_t i;

	for (i = 0; i < 3; i++) {
		report = number(report, &numbers[i]);
		if (!report || (i < 2 && *report++ != ';'))
			return -EBADMSG;
	}
	if ((*report != 'M' && *report != 'm') || report[1] || !numbers[1] || !numbers[2])
		return -EBADMSG;
	if (*report == 'm' || button_of(numbers[0], &event.button))
		return -ENOENT; /* it was let go, or is another button */
	event.col = numbers[1] - 1;
	event.row = numbers[2] - 1;
	*ret_event = event;
	return 0;
}
