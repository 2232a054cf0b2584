/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/canvas.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "aggregator/text.h"

#define MAX_LINE 1024 /* bytes of a formatted or repeated text; longer ones are cut */

/* A piece of text that is drawn as it stands, or replaced as a whole. */
struct glyph {
	size_t len;
	int width;
	bool drawable;
};

static struct glyph glyph_at(const struct canvas *canvas, const char *text, size_t len)
{
	struct glyph glyph = {.len = 1, .width = 1};
	uint32_t code = 0;
	size_t bytes = text_char(text, len, &code);
	int width;

	if (bytes == 0)
		return glyph;
	glyph.len = bytes;
	if (code < 0x80) {
		glyph.drawable = code >= ' ' && code < 0x7f;
		return glyph;
	}
	width = wcwidth((wchar_t)code);
	if (width < 0)
		return glyph;
	glyph.drawable = !canvas->ascii;
	/* A combining mark has nothing to combine with once letters are replaced. */
	glyph.width = width;
	return glyph;
}

struct area canvas_area(const struct canvas *canvas)
{
	struct area area = {0};

	canvas->ops->size(canvas, &area.rows, &area.cols);
	return area;
}

void canvas_clear(struct canvas *canvas)
{
	canvas->ops->clear(canvas);
}

/* Puts the piece, and goes to its end. */
static void put(struct canvas *canvas, struct canvas_piece *piece)
{
	if (piece->width)
		canvas->ops->put(canvas, piece);
	piece->col += piece->width;
	piece->text += piece->len;
	piece->len = 0;
	piece->width = 0;
}

static void put_unknown(struct canvas *canvas, struct canvas_piece *piece, struct glyph glyph)
{
	struct canvas_piece unknown = *piece;

	unknown.text = "??";
	unknown.width = glyph.width;
	unknown.len = (size_t)glyph.width;
	put(canvas, &unknown);
	piece->col += glyph.width;
	piece->text += glyph.len;
}

/* Draws in pieces of what can be drawn, with '?' between them. Returns the columns used. */
static int draw(struct canvas *canvas, struct canvas_piece piece, int max_cols)
{
	size_t left = strlen(piece.text);
	int start = piece.col;

	while (left) {
		struct glyph glyph = glyph_at(canvas, piece.text + piece.len, left);

		if (piece.col - start + piece.width + glyph.width > max_cols)
			break;
		left -= glyph.len;
		if (!glyph.drawable) {
			put(canvas, &piece);
			put_unknown(canvas, &piece, glyph);
		} else if (glyph.width == 0 && piece.width == 0) {
			/* A mark would combine with what stands before the piece. */
			piece.text += glyph.len;
		} else {
			piece.len += glyph.len;
			piece.width += glyph.width;
		}
	}
	put(canvas, &piece);
	return piece.col - start;
}

/* Columns that can be drawn from col on; 0 when the place is outside. */
static int room(const struct canvas *canvas, int row, int col, int max_cols)
{
	struct area area = canvas_area(canvas);

	if (row < 0 || row >= area.rows || col < 0 || col >= area.cols)
		return 0;
	return max_cols < area.cols - col ? max_cols : area.cols - col;
}

int canvas_text(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		const char *text)
{
	max_cols = room(canvas, row, col, max_cols);
	if (max_cols <= 0)
		return 0;
	return draw(canvas,
		    (struct canvas_piece){.row = row, .col = col, .style = style, .text = text},
		    max_cols);
}

void canvas_field(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		  const char *text)
{
	int used = canvas_text(canvas, row, col, max_cols, style, text);

	canvas_repeat(canvas, row, col + used, max_cols - used, style, " ");
}

int canvas_print(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		 const char *format, ...)
{
	char line[MAX_LINE];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len < 0)
		return 0;
	if ((size_t)len >= sizeof(line))
		line[text_boundary(line, sizeof(line) - 1)] = '\0';
	return canvas_text(canvas, row, col, max_cols, style, line);
}

void canvas_repeat(struct canvas *canvas, int row, int col, int count, enum style style,
		   const char *character)
{
	size_t len = strlen(character);
	char line[MAX_LINE];
	size_t filled = 0;
	int n;

	count = room(canvas, row, col, count);
	while (count > 0) {
		for (n = 0, filled = 0; n < count && filled + len < sizeof(line); n++) {
			memcpy(line + filled, character, len);
			filled += len;
		}
		line[filled] = '\0';
		(void)canvas_text(canvas, row, col, n, style, line);
		col += n;
		count -= n;
	}
}

const char *canvas_skip(const struct canvas *canvas, const char *text, int cols)
{
	size_t left = strlen(text);

	while (left && cols > 0) {
		struct glyph glyph = glyph_at(canvas, text, left);

		cols -= glyph.width;
		left -= glyph.len;
		text += glyph.len;
	}
	return text;
}

int canvas_width(const struct canvas *canvas, const char *text)
{
	size_t left = strlen(text);
	int width = 0;

	while (left) {
		struct glyph glyph = glyph_at(canvas, text, left);

		width += glyph.width;
		left -= glyph.len;
		text += glyph.len;
	}
	return width;
}
