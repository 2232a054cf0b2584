/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What was done with the mouse. */
#ifndef NT_TUI_MOUSE_H
#define NT_TUI_MOUSE_H

enum mouse_button {
	MOUSE_CLICK, /* the left one went down */
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
};

struct mouse_event {
	enum mouse_button button;
	int row; /* from 0 */
	int col;
};

#define MOUSE_REPORT_LEN 32

/*
 * Reads a report of a terminal (mode 1006) without its beginning ESC [ <, up to and with its M or m:
 * "0;12;3M". Returns 0, -ENOENT for one that is none of the above, or -EBADMSG.
 */
int mouse_parse(const char *report, struct mouse_event *ret_event);

#endif
