/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The line at the bottom in which something is typed: what to search for, a filter, the name of a
 * file. While it is open it has all keys.
 */
#ifndef NT_TUI_PROMPT_H
#define NT_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

struct canvas;

#define PROMPT_TEXT_LEN  256
#define PROMPT_ERROR_LEN 160

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_EXPORT,
	PROMPT_COUNT,
};

struct prompt {
	enum prompt_kind kind;
	size_t len;
	size_t at; /* where the next character goes, in bytes */
	char text[PROMPT_TEXT_LEN];
	char error[PROMPT_ERROR_LEN]; /* what is wrong with it as it stands; "" nothing */
};

enum prompt_event {
	PROMPT_NOTHING,
	PROMPT_EDITED,
	PROMPT_ENTERED,
	PROMPT_CANCELLED,
};

/* Opens it with this text, cut to what fits. */
void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *text);
void prompt_close(struct prompt *prompt);
/* The open prompt has got this key: enum key, or a Unicode character. */
enum prompt_event prompt_key(struct prompt *prompt, int key);
void prompt_draw(const struct prompt *prompt, struct canvas *canvas, int row, int cols);

#endif
