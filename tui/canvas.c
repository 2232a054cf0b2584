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

static void put(struct canvas *canvas, int row, int col, enum style style, const char *text,
		size_t len, int width)
{
	/* Marks that combine with nothing have no cell. */
	if (width)
		canvas->ops->put(canvas, row, col, style, text, len, width);
}

/* Draws from text, in runs of drawable glyphs with '?' between them. */
static int draw(struct canvas *canvas, int row, int col, int max_cols, enum style style,
		const char *text)
{
	size_t left = strlen(text);
	const char *run = text;
	int run_width = 0;
	int used = 0;

	while (left) {
		struct glyph glyph = glyph_at(canvas, text, left);

		if (used + run_width + glyph.width > max_cols)
			break;
		left -= glyph.len;
		text += glyph.len;
		if (glyph.drawable) {
			run_width += glyph.width;
			continue;
		}
		put(canvas, row, col + used, style, run, (size_t)(text - run) - glyph.len, run_width);
		used += run_width;
		put(canvas, row, col + used, style, "??", (size_t)glyph.width, glyph.width);
		used += glyph.width;
		run = text;
		run_width = 0;
	}
	put(canvas, row, col + used, style, run, (size_t)(text - run), run_width);
	return used + run_width;
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
	return draw(canvas, row, col, max_cols, style, text);
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
		(void)draw(canvas, row, col, n, style, line);
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
