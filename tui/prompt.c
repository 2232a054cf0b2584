/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/prompt.h"

#include <stdint.h>
#include <string.h>

#include "aggregator/text.h"
#include "symbolizer/base.h"
#include "tui/canvas.h"
#include "tui/keys.h"

#define MIN_TEXT_COLS 12

static const struct {
	const char *title;
	const char *hint; /* shown while it is empty */
} kinds[] = {
	[PROMPT_NONE] = {"", ""},
	[PROMPT_SEARCH] = {"search: ", "a regular expression"},
	[PROMPT_FILTER] = {"filter: ", "dur>50ms && path=~\"^/api\" && status>=500"},
	[PROMPT_EXPORT] = {"export to: ", "name.ndjson, name.folded or name.txt"},
};
_Static_assert(ARRAY_SIZE(kinds) == PROMPT_COUNT, "one row for each kind");

void prompt_open(struct prompt *prompt, enum prompt_kind kind, const char *text)
{
	size_t len = strlen(text);

	if (len >= PROMPT_TEXT_LEN)
		len = text_boundary(text, PROMPT_TEXT_LEN - 1);
	*prompt = (struct prompt){.kind = kind, .len = len, .at = len};
	memcpy(prompt->text, text, len);
}

void prompt_close(struct prompt *prompt)
{
	*prompt = (struct prompt){.kind = PROMPT_NONE};
}

/* Writes the character as UTF-8. Returns its length. */
static size_t encode(uint32_t code, char bytes[4])
{
	if (code < 0x80) {
		bytes[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	bytes[0] = (char)(0xf0 | code >> 18);
	bytes[1] = (char)(0x80 | (code >> 12 & 0x3f));
	bytes[2] = (char)(0x80 | (code >> 6 & 0x3f));
	bytes[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Controls, also those of writing direction, cannot be typed. Returns the length, or 0. */
static size_t typed(int key, char bytes[4])
{
	char clean[16];
	size_t len;

	if (key < ' ' || key >= KEY_ARROW_UP)
		return 0;
	len = encode((uint32_t)key, bytes);
	return text_sanitize(clean, sizeof(clean), bytes, len, NULL) == len ? len : 0;
}

/* Puts text[from..at) in place of itself, that is: removes it. */
static void remove_before(struct prompt *prompt, size_t from)
{
	memmove(prompt->text + from, prompt->text + prompt->at, prompt->len - prompt->at + 1);
	prompt->len -= prompt->at - from;
	prompt->at = from;
}

static size_t before(const struct prompt *prompt, size_t at)
{
	return at ? text_boundary(prompt->text, at - 1) : 0;
}

static size_t behind(const struct prompt *prompt, size_t at)
{
	uint32_t code;
	size_t len = at < prompt->len ? text_char(prompt->text + at, prompt->len - at, &code) : 0;

	return at + len;
}

static size_t word_before(const struct prompt *prompt)
{
	size_t at = prompt->at;

	while (at && prompt->text[at - 1] == ' ')
		at--;
	while (at && prompt->text[at - 1] != ' ')
		at--;
	return at;
}

static enum prompt_event insert(struct prompt *prompt, int key)
{
	char bytes[4];
	size_t len = typed(key, bytes);

	if (len == 0 || prompt->len + len >= PROMPT_TEXT_LEN)
		return PROMPT_NOTHING;
	memmove(prompt->text + prompt->at + len, prompt->text + prompt->at,
		prompt->len - prompt->at + 1);
	memcpy(prompt->text + prompt->at, bytes, len);
	prompt->len += len;
	prompt->at += len;
	return PROMPT_EDITED;
}

static enum prompt_event erase(struct prompt *prompt, size_t from)
{
	if (from == prompt->at)
		return PROMPT_NOTHING;
	remove_before(prompt, from);
	return PROMPT_EDITED;
}

/* Removing from an empty line leaves it, as in vi. */
static enum prompt_event erase_one(struct prompt *prompt)
{
	return prompt->len ? erase(prompt, before(prompt, prompt->at)) : PROMPT_CANCELLED;
}

enum prompt_event prompt_key(struct prompt *prompt, int key)
{
	switch (key) {
	case KEY_RETURN:
		return prompt->error[0] ? PROMPT_NOTHING : PROMPT_ENTERED;
	case KEY_ESCAPE:
	case KEY_CTRL_G:
		return PROMPT_CANCELLED;
	case KEY_ERASE:
		return erase_one(prompt);
	case KEY_CTRL_W:
		return erase(prompt, word_before(prompt));
	case KEY_CTRL_U:
		return erase(prompt, 0);
	case KEY_ARROW_LEFT:
		prompt->at = before(prompt, prompt->at);
		return PROMPT_NOTHING;
	case KEY_ARROW_RIGHT:
		prompt->at = behind(prompt, prompt->at);
		return PROMPT_NOTHING;
	case KEY_TO_START:
	case KEY_CTRL_A:
		prompt->at = 0;
		return PROMPT_NOTHING;
	case KEY_TO_END:
	case KEY_CTRL_E:
		prompt->at = prompt->len;
		return PROMPT_NOTHING;
	default:
		return insert(prompt, key);
	}
}

/* Columns for what is typed: an error gets what the text does not need. */
static int text_cols(const struct prompt *prompt, const struct canvas *canvas, int cols)
{
	int error = prompt->error[0] ? canvas_width(canvas, prompt->error) + 3 : 0;
	int need = canvas_width(canvas, prompt->text) + 1;

	if (need + error <= cols)
		return need;
	return cols - error > MIN_TEXT_COLS ? cols - error : MIN_TEXT_COLS;
}

/* The end that is being typed stays on the screen. */
static void draw_text(const struct prompt *prompt, struct canvas *canvas, int row, int col,
		      int cols)
{
	char head[PROMPT_TEXT_LEN];
	size_t next = behind(prompt, prompt->at);
	int skip;

	memcpy(head, prompt->text, prompt->at);
	head[prompt->at] = '\0';
	skip = canvas_width(canvas, head) + 1 - cols;
	col += canvas_text(canvas, row, col, cols, STYLE_PLAIN,
			   skip > 0 ? canvas_skip(canvas, head, skip) : head);
	memcpy(head, prompt->text + prompt->at, next - prompt->at);
	head[next - prompt->at] = '\0';
	col += canvas_text(canvas, row, col, 2, STYLE_SELECTED, head[0] ? head : " ");
	if (skip < 0)
		(void)canvas_text(canvas, row, col, -skip, STYLE_PLAIN, prompt->text + next);
}

void prompt_draw(const struct prompt *prompt, struct canvas *canvas, int row, int cols)
{
	int title = (int)strlen(kinds[prompt->kind].title);
	int col = 1 + title;
	int room = text_cols(prompt, canvas, cols - col);

	canvas_repeat(canvas, row, 0, cols, STYLE_PLAIN, " ");
	(void)canvas_text(canvas, row, 1, title, STYLE_KEY, kinds[prompt->kind].title);
	draw_text(prompt, canvas, row, col, room);
	col += room + 1;
	if (prompt->len == 0)
		(void)canvas_text(canvas, row, col, cols - col, STYLE_DIM,
				  kinds[prompt->kind].hint);
	else if (prompt->error[0])
		(void)canvas_print(canvas, row, col, cols - col, STYLE_BAD, "%s %s",
				   canvas->ascii ? "<-" : "\u2190", prompt->error);
}
