/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The terminal as a canvas. There is one; it is the main thread's. setlocale(LC_CTYPE, "") comes
 * first. Ctrl-C stays a signal.
 *
 * One frame: app_draw(app, screen_canvas(screen)), then screen_flush(screen).
 */
#ifndef NT_TUI_SCREEN_H
#define NT_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct canvas;
struct mouse_event;
struct screen;

struct screen_options {
	bool ascii; /* asked for; it is ASCII as well where the locale is not UTF-8 */
	bool mouse;
	bool colour; /* else monochrome; as many colours as the terminal has */
};

/* What gives the terminal back when the program is about to die. */
struct screen_rescue {
	struct termios modes;
	char text[128];
	size_t len;
};

/* Takes the terminal on standard input and output. Returns 0 and *ret_screen, -ENOTTY where this is
 * no terminal or its type (TERM) is unknown or cannot move the cursor, or -ENOMEM. */
int screen_open(const struct screen_options *options, struct screen **ret_screen);
/* Gives the terminal back as it was. NULL is fine. */
void screen_close(struct screen *screen);

/* Writes what screen_rescue() needs later. */
void screen_rescue_init(const struct screen *screen, struct screen_rescue *ret_rescue);
/* May be called in a signal handler. The screen must not be used afterwards. */
void screen_rescue(const struct screen_rescue *rescue);

/* To draw on; lives as long as the screen. */
struct canvas *screen_canvas(struct screen *screen);
/* Sends what differs from what the terminal shows. */
void screen_flush(struct screen *screen);
/* The next flush sends everything. */
void screen_redraw(struct screen *screen);
/* Asks the terminal for its size; to be called after SIGWINCH and SIGCONT. */
void screen_resize(struct screen *screen);

/* The next key (enum key, or a Unicode character), or KEY_NONE when none is waiting. */
int screen_read_key(struct screen *screen);
/* What the last KEY_POINTED was. */
void screen_mouse(const struct screen *screen, struct mouse_event *ret_event);

/* Has the terminal put this on its clipboard, if it does such things. */
void screen_copy(struct screen *screen, const char *text);
/* Changes what can be changed while it is open. */
void screen_configure(struct screen *screen, const struct screen_options *options);
/* Gives the terminal back for a while, and takes it again. */
void screen_suspend(struct screen *screen);
void screen_resume(struct screen *screen);

#endif
